// How a command speaks: the events of a run, and what comes before one or instead of one.

#pragma once

#include "cli/exit_code.hpp"
#include "plugins/host/pipeline/diagnostic.hpp"
#include "plugins/host/run/event.hpp"

#include <cstdint>
#include <string>

namespace deployflow::cli {

/// What begin() hears of standard input.
constexpr const char* k_standard_input = "standard input";

enum class SiteKind : std::uint8_t { folder, file };

/// Why a command ends before its run began.
struct Refusal {
  Error error;                        // `message` is the whole story if `diagnostics` is empty
  pipeline::Diagnostics diagnostics;  // what is wrong in the pipeline file
  std::string file;                   // that file, for messages
};

/// Thread-safe. Exactly one of on_event(RunFinished) and refuse() is the last call but for notes: a
/// signal may come at any time, and what it says after the last word is not said.
class Reporter : public run::EventSink {
 public:
  /// Work on `what` begins: "site/", "standard input".
  virtual void begin(const std::string& what, SiteKind kind) = 0;
  /// Something the user should know, not wrong in itself.
  virtual void note(const std::string& text) = 0;
  virtual void refuse(const Refusal& refusal) = 0;
  /// Called about ten times a second, so that silence can be told from work.
  virtual void tick() {}
};

}  // namespace deployflow::cli
