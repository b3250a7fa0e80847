// Texts by number, each once. The number 0 is "".

#pragma once

#include "stages/validate/text_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace deployflow::validate {

class TextTable {
 public:
  TextTable() : texts_{""} {}
  /// These, which must outlive the table: none, or "" first, and none twice.
  explicit TextTable(std::span<const std::string_view> texts) : texts_(texts.begin(), texts.end()) {
    if (texts_.empty()) {
      texts_.emplace_back();
    }
  }

  /// The number of a text, which is new or was there.
  std::uint32_t number_of(std::string_view text);

  [[nodiscard]] std::string_view operator[](std::uint32_t number) const { return texts_[number]; }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

 private:
  void make_room();

  TextPool pool_;
  std::vector<std::string_view> texts_;
  std::vector<std::uint32_t>
      slots_;  // by hash, open addressing; 0 = free. Made when the first new text comes
};

}  // namespace deployflow::validate
