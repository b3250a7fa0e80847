#include "stages/validate/finding_limit.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace deployflow::validate {

void keep_few(std::vector<Finding>& findings,
              std::size_t most,
              const Rule& rest,
              std::string_view of_what,
              std::size_t left_out) {
  if (findings.size() > most) {
    left_out += findings.size() - most;
    std::ranges::stable_sort(findings, std::ranges::greater(), &Finding::severity);
    findings.resize(most);
  }
  std::ranges::stable_sort(
      findings, {}, [](const Finding& f) { return std::pair(f.line, f.column); });
  if (left_out == 0) {
    return;
  }
  findings.push_back(finding_of(rest,
                                std::to_string(left_out) + " more findings " + std::string(of_what),
                                "raise max_findings_per_file to see them"));
}

}  // namespace deployflow::validate
