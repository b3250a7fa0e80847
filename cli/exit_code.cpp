#include "cli/exit_code.hpp"

#include <algorithm>
#include <array>

namespace deployflow::cli {

std::span<const ExitCodeRow> exit_codes() {
  static constexpr std::array<ExitCodeRow, 8> k_table{{
      {ExitCode::done, "done; also when there was nothing to do"},
      {ExitCode::failed, "failed: network, store, plugin, or a bug"},
      {ExitCode::usage, "the command line or the pipeline file is wrong"},
      {ExitCode::checks, "the site failed its checks; nothing was uploaded"},
      {ExitCode::credentials, "credentials are missing, refused or expired"},
      {ExitCode::conflict, "the target changed meanwhile, is locked, or a plan no longer holds"},
      {ExitCode::changes, "plan --exit-code: there is something to do"},
      {ExitCode::interrupted, "interrupted by Ctrl-C or a signal"},
  }};
  return k_table;
}

ExitCode exit_code(Errc code) {
  switch (code) {
    case Errc::usage:
    case Errc::config:
      return ExitCode::usage;
    case Errc::input:
      return ExitCode::checks;
    case Errc::auth:
      return ExitCode::credentials;
    case Errc::conflict:
      return ExitCode::conflict;
    case Errc::cancelled:
      return ExitCode::interrupted;
    case Errc::not_found:
    case Errc::network:
    case Errc::remote:
    case Errc::plugin:
    case Errc::internal:
      return ExitCode::failed;
  }
  return ExitCode::failed;
}

ExitCode exit_code(const run::RunFinished& finished) {
  if (finished.ok) {
    return ExitCode::done;
  }
  if (finished.checks_failed) {
    return ExitCode::checks;
  }
  const bool wrote =
      std::any_of(finished.targets.begin(), finished.targets.end(), [](const auto& t) {
        return t.state != run::SiteState::unchanged || t.stored > 0 || t.deleted > 0;
      });
  // Code 3 promises that nothing was uploaded: a file that vanished half way is a plain failure.
  return finished.error.code == Errc::input && wrote ? ExitCode::failed
                                                     : exit_code(finished.error.code);
}

}  // namespace deployflow::cli
