#include "stages/validate/redirects.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>
#include <cstddef>

namespace deployflow::validate {
namespace {

std::string_view take_word(std::string_view& line) {
  while (!line.empty() && is_space(line.front())) {
    line.remove_prefix(1);
  }
  const auto end = std::ranges::find_if(line, is_space);
  const std::string_view word = line.substr(0, static_cast<std::size_t>(end - line.begin()));
  line.remove_prefix(word.size());
  return word;
}

// "id=:id", a query parameter, between the two paths.
bool is_parameter(std::string_view word) {
  return word.find('=') != std::string_view::npos && !word.starts_with('/') &&
         word.find("://") == std::string_view::npos;
}

void read_line(std::string_view line, std::size_t begin, const ReferenceSink& found) {
  const char* const start = line.data();
  const auto at = [&](std::string_view word) {
    return begin + static_cast<std::size_t>(word.data() - start);
  };
  const std::string_view from = take_word(line);
  std::string_view to = take_word(line);
  while (is_parameter(to)) {
    to = take_word(line);
  }
  if (from.empty() || from.front() == '#' || to.empty()) {
    return;
  }
  const std::string_view status = take_word(line);
  if (status.starts_with("404") || status.starts_with("410")) {
    return;
  }
  found({RefKind::answer, from, at(from)});
  if (to.find("/:") == std::string_view::npos && to.find('*') == std::string_view::npos) {
    found({RefKind::page, to, at(to)});
  }
}

std::string_view take_segment(std::string_view& path) {
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(segment.size() + 1, path.size()));
  return segment;
}

}  // namespace

void read_redirects(std::string_view text, const ReferenceSink& found) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    read_line(text.substr(begin, end - begin), begin, found);
    begin = end + 1;
  }
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    out.push_back(take_segment(path));
  }
  return out;
}

AnswerPattern::AnswerPattern(std::string_view pattern) {
  while (!pattern.empty()) {
    if (pattern == "*") {
      has_rest_ = true;
      break;
    }
    const std::string_view segment = take_segment(pattern);
    is_placeholder_.push_back(segment.starts_with(':'));
    segments_.emplace_back(segment);
  }
}

bool AnswerPattern::answers(std::span<const std::string_view> path) const {
  if (has_rest_ ? path.size() < segments_.size() : path.size() != segments_.size()) {
    return false;
  }
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (!is_placeholder_[i] && segments_[i] != path[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace deployflow::validate
