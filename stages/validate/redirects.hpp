// Redirects as the file _redirects of a site has them: "/old /new 301".
//
// Format: https://docs.netlify.com/routing/redirects/. Whether a bucket can do what it says is the
// business of the stage `shape`; here only what is answered counts, and where it leads. Pure.

#pragma once

#include "stages/validate/reference.hpp"

#include <string_view>

namespace deployflow::validate {

/// Of each line an `answer` for the old path and a `page` for the new one. Lines that redirect
/// nobody (status 404 and 410), and new paths with placeholders, are left out.
void read_redirects(std::string_view text, const ReferenceSink& found);

/// Does "old/*" or "news/:year/:slug" mean this path? A '*' at the end stands for any rest, a
/// segment that begins with ':' for any segment, and a slash at the end makes no difference.
bool is_answered(std::string_view pattern, std::string_view path);

}  // namespace deployflow::validate
