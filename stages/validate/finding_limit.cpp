#include "stages/validate/finding_limit.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace deployflow::validate {

void keep_few(std::vector<Finding>& findings,
              std::size_t most,
              const Rule& rest,
              std::string_view of_what) {
  const auto place = [](const Finding& f) { return std::pair(f.line, f.column); };
  if (findings.size() <= most) {
    std::ranges::stable_sort(findings, {}, place);
    return;
  }
  const std::size_t more = findings.size() - most;
  std::ranges::stable_sort(findings, std::ranges::greater(), &Finding::severity);
  findings.resize(most);
  std::ranges::stable_sort(findings, {}, place);
  findings.push_back(finding_of(rest,
                                std::to_string(more) + " more findings " + std::string(of_what),
                                "raise max_findings_per_file to see them"));
}

}  // namespace deployflow::validate
