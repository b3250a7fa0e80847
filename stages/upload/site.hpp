// The site as it is to be stored: keys, contents and headers of every artifact.

#pragma once

#include "stages/release/catalog.hpp"
#include "stages/release/group_order.hpp"
#include "stages/release/header_rules.hpp"
#include "stages/release/inventory.hpp"

#include <deployflow/stage.hpp>

#include <utility>

namespace deployflow::stages {

class Site {
 public:
  /// Keys, sizes and headers; no file is opened. Throws Failure if there is no artifact.
  static Site list(Ctx ctx, const release::HeaderRules& rules, const release::GroupOrder& order);
  /// The digests of all contents: reads every file that is not known from an earlier run. Throws
  /// Failure if one cannot be read.
  void read(Ctx ctx);

  [[nodiscard]] const release::Inventory& inventory() const { return inventory_; }
  /// What a target is to hold, a copy for each of several: every store has its own ETags. After
  /// read(); the keys are the inventory's.
  [[nodiscard]] release::Catalog catalog() const;
  /// For the last target.
  release::Catalog take_catalog() { return std::move(catalog_); }

 private:
  release::Inventory inventory_;
  release::HeaderSets headers_;  // until read()
  release::Catalog catalog_;
};

}  // namespace deployflow::stages
