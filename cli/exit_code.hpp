// The exit codes: one table. Codes are added, never reused; an unknown code is a failure.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/run/event.hpp"

#include <cstdint>
#include <span>

namespace deployflow::cli {

enum class ExitCode : std::uint8_t {
  done = 0,
  failed = 1,
  usage = 2,
  checks = 3,
  credentials = 4,
  conflict = 5,
  changes = 10,
  interrupted = 130,
};

struct ExitCodeRow {
  ExitCode code;
  const char* meaning;  // one line, at most 70 columns
};

/// Every code, in order of number: what `deployflow help exit-codes` prints.
std::span<const ExitCodeRow> exit_codes();

/// The code of an error that ends the command before anything was written.
ExitCode exit_code(Errc code);

/// The code of a run: as its error says, but `checks` only if nothing was written anywhere.
ExitCode exit_code(const run::RunFinished& finished);

}  // namespace deployflow::cli
