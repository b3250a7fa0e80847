#include "stages/release/text_pool.hpp"

#include <algorithm>

namespace deployflow::release {

TextPool::Slice TextPool::add(std::string_view text) {
  if (text.size() > k_longest) {
    text = {};
  }
  if (pieces_.empty() || used_ % k_piece + text.size() >= k_piece) {
    used_ = pieces_.size() * k_piece;  // no text lies in two pieces
    pieces_.push_back(std::make_unique_for_overwrite<char[]>(k_piece));
  }
  std::copy(text.begin(), text.end(), &pieces_.back()[used_ % k_piece]);
  const Slice slice = used_ << 16U | text.size();
  used_ += text.size();
  return slice;
}

}  // namespace deployflow::release
