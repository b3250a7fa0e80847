// Redirects as the file _redirects of a site has them: "/old /new 301".
//
// Format: https://docs.netlify.com/routing/redirects/. Whether a bucket can do what it says is the
// business of the stage `shape`; here only what is answered counts, and where it leads. Pure.

#pragma once

#include "stages/validate/reference.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {

/// Of each line an `answer` for the old path and a `page` for the new one. Lines that redirect
/// nobody (status 404 and 410), and new paths with placeholders, are left out.
void read_redirects(std::string_view text, const ReferenceSink& found);

/// What stands between the slashes of a path; the one at its end makes no difference.
std::vector<std::string_view> segments_of(std::string_view path);

/// "old/*" or "news/:year/:slug": a '*' at the end stands for any rest, a segment that begins with
/// ':' for any segment.
class AnswerPattern {
 public:
  explicit AnswerPattern(std::string_view pattern);

  /// Does it mean the path of these segments?
  [[nodiscard]] bool answers(std::span<const std::string_view> path) const;

 private:
  std::vector<std::string> segments_;
  std::vector<bool> is_placeholder_;
  bool has_rest_ = false;
};

}  // namespace deployflow::validate
