// One linear pass over a page before it is parsed: is it small and shallow enough for gumbo, and
// where do a few landmarks stand that gumbo does not tell?
//
// gumbo's time grows with the square of the nesting and of the attributes of a tag, so a page over
// the limits is never given to it. The pass is an estimate: it knows optional end tags, raw text
// and foreign content, not the whole tree construction. What it lets through wrongly is stopped by
// the budget in gumbo_page.hpp.

#pragma once

#include "stages/validate/markup.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::validate {

struct OutlineLimits {
  std::size_t depth = 512;        // browsers flatten what is deeper
  std::size_t attributes = 1000;  // on one tag
  std::size_t tags = 400'000;     // in one page
};

enum class Excess { depth, attributes, tags };

struct Outline {
  std::size_t tags = 0;                 // start and end tags
  std::optional<Excess> excess;         // the first limit that is passed; the pass ends there
  std::size_t excess_at = 0;            // offset of that tag
  std::size_t first_token = k_nowhere;  // first thing that is neither space, comment nor <?...?>
  std::size_t first_doctype = k_nowhere;
  std::size_t body_end = k_nowhere;    // first </body> or </html>
  std::size_t open_form = k_nowhere;   // a <form> without </form>: gumbo does not say
  std::size_t unfinished = k_nowhere;  // start of the tag, comment or declaration that has no end
  // End tags of <b>, <a> and their like, which gumbo drops without an error when none is open.
  std::vector<std::size_t> formatting_ends;
  std::vector<std::pair<std::size_t, std::size_t>>
      odd_comments;  // [begin, end) of those with "--" inside

  [[nodiscard]] bool is_in_odd_comment(std::size_t offset) const;
};

Outline outline_of(std::string_view page, const OutlineLimits& limits);

}  // namespace deployflow::validate
