// Texts that live as long as the pool, packed: a site has a hundred thousand keys.

#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace deployflow::validate {

class TextPool {
 public:
  std::string_view keep(std::string_view text) {
    constexpr std::size_t k_piece = std::size_t{64} << 10U;
    if (pieces_.empty() || pieces_.back().capacity() - pieces_.back().size() < text.size()) {
      pieces_.emplace_back().reserve(std::max(k_piece, text.size()));
    }
    std::string& piece = pieces_.back();
    const std::size_t begin = piece.size();
    piece.append(text);
    return std::string_view(piece).substr(begin);
  }

 private:
  std::deque<std::string> pieces_;  // none is ever moved or made longer than it was reserved
};

}  // namespace deployflow::validate
