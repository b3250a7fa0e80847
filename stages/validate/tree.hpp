// What a parsed page says about itself: its doctype, its declared encoding, and which of its
// elements were never ended.

#pragma once

#include "stages/validate/markup.hpp"

#include <gumbo.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace deployflow::validate {

struct Unclosed {
  std::string_view name;  // as written; a view of the page
  std::size_t start;      // offset of the start tag
  std::size_t closed_by;  // offset of the tag, of another element, that ended it; k_nowhere: the
                          // end of the page
};

/// Which end tag ended which element, by offsets.
class EndTags {
 public:
  void add(std::size_t end_tag, std::size_t start_tag) { pairs_.emplace_back(end_tag, start_tag); }
  /// Once, after the last add() and before the first find().
  void sort();
  /// The start tag of the element that this end tag ended; k_nowhere if it ended none.
  [[nodiscard]] std::size_t find(std::size_t end_tag) const;
  [[nodiscard]] bool contains(std::size_t end_tag) const { return find(end_tag) != k_nowhere; }
  [[nodiscard]] const auto& all() const { return pairs_; }

 private:
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;  // sorted: a hash table takes longer
};

struct TreeFacts {
  bool has_doctype = false;
  bool is_quirky = false;  // full quirks mode
  std::string charset;     // of the first <meta> that declares one
  std::size_t charset_at = k_nowhere;
  std::size_t depth = 0;
  bool has_content = false;        // something in <body>, or frames, a script or a redirection
  std::vector<Unclosed> unclosed;  // by start; elements with an optional end tag are not among them
  EndTags ended;                   // elements that have their end tag
  std::vector<Unclosed> split;     // ended, but only after the element around them: <p><b></p></b>
  std::unordered_set<std::size_t>
      split_again;                       // tags that ended what a browser made of such elements
  std::vector<std::size_t> stray_texts;  // text directly inside a table, in the order of the tree
  std::vector<std::pair<std::size_t, std::size_t>> selects;  // [start, end) of <select> elements
};

/// `text` is what `output` was parsed from.
TreeFacts read_tree(const GumboOutput& output, std::string_view text);

}  // namespace deployflow::validate
