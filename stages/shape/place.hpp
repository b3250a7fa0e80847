// Where something was said, kept beyond the callback that read it: options are the host's only
// while configure() runs, and findings about them come in run().

#pragma once

#include <deployflow/stage.hpp>

#include <cstdint>
#include <string>

namespace deployflow::shape {

struct Place {
  std::uint64_t artifact = 0;  // 0: an option
  std::string file;            // of an option; of an artifact the host knows it
  std::uint32_t line = 0, col = 0;

  static Place of_option(const df_pos& pos) {
    return {0, std::string(sv(pos.file)), pos.line, pos.col};
  }

  /// The place outlives the finding.
  void mark(Finding& finding) const {
    finding.at({file.empty() ? df_str{} : cs(file), line, col, 0, 0});
    if (artifact != 0) {
      finding.on(artifact);
    }
  }
};

}  // namespace deployflow::shape
