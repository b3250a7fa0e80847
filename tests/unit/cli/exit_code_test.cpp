#include "cli/exit_code.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

namespace deployflow::cli {
namespace {

run::RunFinished failed_with(Errc code) {
  run::RunFinished finished;
  finished.error = {code, "x", {}};
  return finished;
}

TEST_CASE("each kind of error has its documented code") {
  CHECK(exit_code(Errc::usage) == ExitCode::usage);
  CHECK(exit_code(Errc::config) == ExitCode::usage);
  CHECK(exit_code(Errc::input) == ExitCode::checks);
  CHECK(exit_code(Errc::auth) == ExitCode::credentials);
  CHECK(exit_code(Errc::conflict) == ExitCode::conflict);
  CHECK(exit_code(Errc::cancelled) == ExitCode::interrupted);
  for (const Errc code :
       {Errc::not_found, Errc::network, Errc::remote, Errc::plugin, Errc::internal}) {
    CHECK(exit_code(code) == ExitCode::failed);
  }
}

TEST_CASE("a run that is ok is done, whatever its error field holds") {
  run::RunFinished finished = failed_with(Errc::internal);
  finished.ok = true;
  CHECK(exit_code(finished) == ExitCode::done);
}

TEST_CASE("code 3 promises that nothing was uploaded") {
  run::RunFinished finished = failed_with(Errc::input);
  CHECK(exit_code(finished) == ExitCode::checks);
  finished.targets.emplace_back();
  CHECK(exit_code(finished) == ExitCode::checks);
  finished.targets.front().stored = 1;
  CHECK(exit_code(finished) == ExitCode::failed);
  finished.targets.front().stored = 0;
  finished.targets.front().state = run::SiteState::prepared;
  CHECK(exit_code(finished) == ExitCode::failed);
}

TEST_CASE("failed checks are code 3 whatever the error is called") {
  run::RunFinished finished = failed_with(Errc::internal);
  finished.checks_failed = true;
  CHECK(exit_code(finished) == ExitCode::checks);
}

TEST_CASE("the table has every code once, with a line that fits") {
  std::set<ExitCode> seen;
  for (const ExitCodeRow& row : exit_codes()) {
    CHECK(seen.insert(row.code).second);
    CHECK(std::string_view(row.meaning).size() <= 70);
  }
  CHECK(seen.size() == 8);
}

}  // namespace
}  // namespace deployflow::cli
