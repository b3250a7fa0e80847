// What a site's file _headers says, laid on the artifacts.

#pragma once

#include "stages/shape/headers_file.hpp"

#include <deployflow/stage.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::shape {

/// One object of the site, after reshaping.
struct HeaderTarget {
  std::uint64_t id = 0;
  std::uint64_t original = 0;  // the id of the file that it was made of
  std::string_view name, key;  // in the site; in the store
};

/// read(), then look() while the site is as it was, then apply() when it has its new shape: a path
/// means a file by its name in the site and by its address in the store.
class HeaderLines {
 public:
  /// Gives the findings; false: there is an ERROR among them.
  [[nodiscard]] bool read(Ctx ctx, std::uint64_t file, std::string_view text);
  void look(Ctx ctx);
  void apply(Ctx ctx, const std::vector<HeaderTarget>& targets) const;

 private:
  struct Block {
    HeaderBlock said;
    std::vector<std::uint64_t> originals;  // that the host says it means, sorted
  };

  std::vector<Block> blocks_;
};

}  // namespace deployflow::shape
