// Reads a file _redirects as Netlify has it, as far as a plain bucket can do what it says.
//
//   /old.html  /new.html            # 301
//   /gone      https://example.org/ 301!
//
// Format: https://docs.netlify.com/routing/redirects/, "Syntax for the _redirects file". A bucket
// redirects single keys (x-amz-website-redirect-location), always with 301, and knows nothing of
// the visitor. So patterns, rewrites, other statuses, query parameters and conditions are refused
// line by line: a rule that were dropped in silence would be a page that is not there.
//
// Pure. Whatever the bytes, it takes time and memory in proportion to them, and never throws but
// std::bad_alloc.

#pragma once

#include "stages/shape/line_file.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::shape {

struct Redirect {
  std::string from;        // a path: "/old.html", as written
  std::string to;          // a path or an http(s) URL; printable ASCII
  bool is_forced = false;  // "!": also where the site has a file of that name
  std::uint32_t line = 0;
};

struct RedirectsFile {
  std::vector<Redirect> redirects;  // those that can be carried out; no two from the same path
  std::vector<LineProblem> problems;
};

/// Of two redirects from one path the first counts, with a warning, as it does at Netlify; there,
/// and so here, a path with a slash at its end is the one without. Redirects in a circle are
/// errors, and not among those that come back.
RedirectsFile parse_redirects(std::string_view text);

}  // namespace deployflow::shape
