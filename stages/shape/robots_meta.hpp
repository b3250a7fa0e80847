// Where a page can be told to keep out of search engines, without a parser that would write it
// anew.
//
// `<meta name="robots" content="noindex">` counts in the head alone. A page may leave out the tags
// <html> and <head>; a parser then makes the head at the first thing that is neither a comment, a
// doctype nor white space, so the tag is put before that thing: a <meta> there begins the head, and
// what follows goes on as it did. All that stands before stays where it is: a BOM, a doctype (a
// page whose doctype is not the first thing is shown in another mode), comments.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace deployflow::shape {

/// Also well-formed as XML.
inline constexpr std::string_view k_noindex_tag = R"(<meta name="robots" content="noindex"/>)";

enum class RobotsPlace : std::uint8_t {
  here,        // put the tag at `at`
  has_it,      // the head says so already
  nowhere,     // it is empty, or ends within its first tag
  other_bytes  // UTF-16 or UTF-32: not even a '<' is one
};

struct RobotsMeta {
  RobotsPlace place = RobotsPlace::nowhere;
  std::size_t at = 0;
};

/// Pure. A page that says noindex in a place that is hard to be sure of is told once more: twice
/// does no harm.
RobotsMeta find_robots_place(std::string_view page);

}  // namespace deployflow::shape
