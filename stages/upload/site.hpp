// The site as it is to be stored: keys, contents and headers of every artifact.

#pragma once

#include "stages/release/catalog.hpp"
#include "stages/release/header_rules.hpp"
#include "stages/release/inventory.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>
#include <vector>

namespace deployflow::stages {

class Site {
 public:
  /// Keys, sizes and headers; no file is opened. Throws Failure if there is no artifact.
  static Site list(Ctx ctx, const release::HeaderRules& rules);
  /// The digests of all contents: reads every file that is not known from an earlier run. Throws
  /// Failure if one cannot be read.
  void read(Ctx ctx);

  [[nodiscard]] const release::Inventory& inventory() const { return inventory_; }
  /// Its own copy for every target. After read().
  [[nodiscard]] release::Catalog catalog() const;

 private:
  struct Digests {
    release::Sha256 sha256{};
    release::Md5 md5{};
  };

  release::Inventory inventory_;
  release::HeaderSets headers_;
  std::vector<Digests> digests_;  // by the inventory's numbers
};

}  // namespace deployflow::stages
