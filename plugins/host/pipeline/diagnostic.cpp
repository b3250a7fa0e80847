#include "plugins/host/pipeline/diagnostic.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/pipeline/pipeline.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <tuple>

namespace deployflow::pipeline {
namespace {

// Unknown places sort behind all known ones.
std::tuple<bool, std::uint32_t, std::uint32_t> place(const Diagnostic& diagnostic) {
  return {diagnostic.at.line == 0, diagnostic.at.line, diagnostic.at.column};
}

}  // namespace

void tidy(Diagnostics& diagnostics) {
  std::stable_sort(diagnostics.begin(),
                   diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  Diagnostics kept;
  for (auto& diagnostic : diagnostics) {
    const bool again = std::any_of(kept.rbegin(), kept.rend(), [&](const Diagnostic& earlier) {
      return place(earlier) == place(diagnostic) && earlier.message == diagnostic.message;
    });
    if (!again) {
      kept.push_back(std::move(diagnostic));
    }
  }
  diagnostics = std::move(kept);
}

std::string to_string(const Diagnostic& diagnostic, std::string_view file) {
  std::string out;
  if (!file.empty()) {
    out = diagnostic.at.line == 0
              ? fmt::format("{}: ", file)
              : fmt::format("{}:{}:{}: ", file, diagnostic.at.line, diagnostic.at.column);
  }
  out += diagnostic.message;
  if (!diagnostic.hint.empty()) {
    out += fmt::format(" ({})", diagnostic.hint);
  }
  return printable(out);
}

}  // namespace deployflow::pipeline
