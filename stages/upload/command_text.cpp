#include "stages/upload/command_text.hpp"

namespace deployflow::stages {

std::string by_whom(const release::Provenance& by) {
  std::string out = by.user;
  const auto add = [&](const char* before, const std::string& text) {
    if (!text.empty()) {
      out += (out.empty() ? "" : before) + text;
    }
  };
  add(" on ", by.host);
  if (!by.commit.empty()) {
    add(", ", "commit " + by.commit.substr(0, 12));
  }
  if (!by.job.empty()) {
    add(" ", "(" + by.job + ")");
  }
  return out;
}

std::string heading(const std::vector<std::string>& in, const std::string& target) {
  return in.size() > 1 ? target + ": " : std::string();
}

}  // namespace deployflow::stages
