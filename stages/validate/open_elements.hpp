// An estimate of HTML's stack of open elements, from tag names alone.

#pragma once

#include "stages/validate/markup.hpp"

#include <cstddef>
#include <unordered_map>
#include <vector>

namespace deployflow::validate {

class OpenElements {
 public:
  /// A start tag: ends what it implies to end, and opens its element unless that has no content.
  void open(TagId id, bool self_closing);
  /// An end tag: ends the nearest element of that name and what is inside; nothing if there is
  /// none.
  void close(TagId id);
  [[nodiscard]] std::size_t depth() const { return stack_.size(); }
  /// Would a tag here stand in SVG or MathML, where raw text and CDATA are other than in HTML?
  [[nodiscard]] bool is_foreign() const { return !stack_.empty() && stack_.back().foreign; }

 private:
  struct Element {
    TagId id;
    bool foreign;  // what is inside is SVG or MathML
  };
  void pop_to(std::size_t depth);
  void close_implied(TagId id);

  std::vector<Element> stack_;
  std::unordered_map<TagId, std::size_t> count_;  // of each name in stack_
};

}  // namespace deployflow::validate
