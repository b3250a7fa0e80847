// Many short texts in few pieces of memory: a site has hundreds of thousands of keys.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace deployflow::release {

/// A text that outlives whoever it is given to, and so is not copied.
struct Lent {
  std::string_view text;
};

/// Texts stay where they are: a view is valid as long as the pool.
class TextPool {
 public:
  using Slice = std::uint64_t;  // where the text begins and, in the lowest 16 bits, how long it is

  /// At most 65,535 bytes; what is longer is kept as "": no key is, and no ETag that means
  /// anything.
  Slice add(std::string_view text);
  Lent keep(std::string_view text) { return {at(add(text))}; }
  [[nodiscard]] std::string_view at(Slice slice) const {
    if ((slice & k_longest) == 0) {
      return {};
    }
    const std::uint64_t offset = slice >> 16U;
    return {&pieces_[static_cast<std::size_t>(offset / k_piece)][offset % k_piece],
            static_cast<std::size_t>(slice & k_longest)};
  }

 private:
  static constexpr std::uint64_t k_piece = 128U << 10;  // bytes
  static constexpr std::uint64_t k_longest = 0xFFFF;

  std::vector<std::unique_ptr<char[]>> pieces_;
  std::uint64_t used_ = 0;  // of all pieces
};

}  // namespace deployflow::release
