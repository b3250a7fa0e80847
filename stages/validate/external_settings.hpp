// What the options about links that lead out of the site come to.

#pragma once

#include "stages/validate/url_pattern.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::validate {

/// Answers of the web that are as good as a page.
class StatusList {
 public:
  /// "404" or "200-299". False: it is neither, or no status of HTTP.
  bool add(std::string_view text);
  [[nodiscard]] bool has(int status) const;

 private:
  std::vector<std::pair<int, int>> ranges_;
};

struct ExternalSettings {
  bool is_on = false;
  std::vector<UrlPattern> allow;  // only these are asked; none = all
  std::vector<UrlPattern> deny;   // and none of these
  StatusList accepted;
  std::int64_t max_age_s = std::int64_t{7} * 86'400;  // of what an earlier run was told
  std::uint32_t timeout_ms = 20'000;                  // of one request
  bool is_anywhere = false;                           // also this machine and private networks
};

/// Is it one of the addresses that are asked?
bool is_asked(const ExternalSettings& settings, std::string_view url);

}  // namespace deployflow::validate
