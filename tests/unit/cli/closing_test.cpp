#include "cli/ui/closing.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace deployflow::cli {
namespace {

using run::SiteState;

std::string text_of(const run::RunFinished& finished, ErrorSaid said = ErrorSaid::no) {
  std::string text;
  for (const Line& line : closing_lines(finished, said)) {
    text += line.head + (line.head.empty() || line.text.empty() ? "" : " ") + line.text + "\n";
  }
  return text;
}

run::RunFinished failed(Errc code, std::vector<run::TargetResult> targets = {}) {
  run::RunFinished finished;
  finished.error = {code, "css/app.css: 503 SlowDown, still after 5 tries (31 s)", ""};
  finished.targets = std::move(targets);
  return finished;
}

run::TargetResult target(std::string name,
                         SiteState state,
                         std::uint64_t stored,
                         std::string url = {}) {
  run::TargetResult made;
  made.display = "s3://" + name;
  made.name = std::move(name);
  made.url = std::move(url);
  made.state = state;
  made.stored = stored;
  return made;
}

TEST_CASE("failed checks: the findings have told why, nothing was uploaded") {
  run::RunFinished finished = failed(Errc::input);
  finished.checks_failed = true;
  finished.errors = 2;
  finished.warnings = 1;
  CHECK(text_of(finished) ==
        "Not released 2 errors, 1 warning. Nothing was uploaded; the live site is unchanged.\n");
}

TEST_CASE("an empty site: no finding has told it, so the error does") {
  run::RunFinished finished = failed(Errc::input);
  finished.checks_failed = true;
  finished.error = {Errc::input, "site/ holds no files", "build the site first"};
  CHECK(text_of(finished) ==
        "error: site/ holds no files\n"
        "  help: build the site first\n"
        "Not released Nothing was uploaded; the live site is unchanged.\n");
}

TEST_CASE("refused credentials: why, what to do, and that nothing changed") {
  run::RunFinished finished = failed(Errc::auth, {target("a", SiteState::unchanged, 0)});
  finished.error.message = "s3://b refused key AKIA: RequestTimeTooSkewed\nthis clock is ahead";
  finished.error.hint = "set the clock";
  CHECK(text_of(finished) ==
        "error: s3://b refused key AKIA: RequestTimeTooSkewed\n"
        "  this clock is ahead\n"
        "  help: set the clock\n"
        "Not released The live site is unchanged.\n");
}

TEST_CASE("half way: what is stored, that no page uses it, and to run it again") {
  const auto finished = failed(Errc::remote, {target("a", SiteState::prepared, 40)});
  CHECK(text_of(finished, ErrorSaid::yes) ==
        "Not released 40 files uploaded. No page uses them yet: the live site is unchanged.\n"
        "  help: run the same command again; it sends only what is missing\n");
}

TEST_CASE("a site that is partly new is not called unchanged") {
  const auto finished = failed(Errc::network, {target("a", SiteState::changing, 41)});
  CHECK(text_of(finished, ErrorSaid::yes) ==
        "Not finished The live site is partly new: pages already uploaded have all their files.\n"
        "  help: run the same command again; it sends only what is missing\n");
}

TEST_CASE("two targets in two states are told apart") {
  const auto finished = failed(
      Errc::network, {target("a", SiteState::current, 3), target("b", SiteState::prepared, 1)});
  CHECK(text_of(finished, ErrorSaid::yes) ==
        "Not finished s3://a: the new site is live and complete.\n"
        "             s3://b: 1 file uploaded. No page uses it yet: the live site is unchanged.\n"
        "  help: run the same command again; it sends only what is missing\n");
}

TEST_CASE("a bug or a missing bucket does not get better by trying again") {
  for (const Errc code : {Errc::internal, Errc::plugin, Errc::not_found}) {
    const auto finished = failed(code, {target("a", SiteState::prepared, 1)});
    CHECK(text_of(finished).find("again") == std::string::npos);
  }
}

TEST_CASE("a summary of findings is not repeated after them, but a broken plugin is told") {
  run::RunFinished finished = failed(Errc::not_found, {target("a", SiteState::unchanged, 0)});
  finished.error.message = "stage upload found 1 error";
  finished.errors = 1;
  CHECK(text_of(finished) == "Not released The live site is unchanged.\n");
  finished.error.code = Errc::plugin;
  CHECK(text_of(finished).find("error: stage upload found 1 error\n") == 0);
}

TEST_CASE("interrupted: said once, with the state") {
  CHECK(text_of(failed(Errc::cancelled)) ==
        "Not released Interrupted. The live site is unchanged.\n");
}

TEST_CASE("checks alone say nothing about a live site") {
  run::RunFinished finished;
  finished.checks_only = true;
  finished.ok = true;
  CHECK(text_of(finished) == "       Valid no errors\n");
  finished.ok = false;
  finished.checks_failed = true;
  finished.error = {Errc::input, "stage validate found 1 error", {}};
  finished.errors = 1;
  CHECK(text_of(finished) == "   Not valid 1 error\n");
}

TEST_CASE("a dry run says that nothing was changed, also when it fails") {
  run::RunFinished finished = failed(Errc::network, {target("a", SiteState::changing, 0)});
  finished.dry_run = true;
  CHECK(text_of(finished, ErrorSaid::yes) ==
        "Not released Nothing was changed: this was a dry run.\n");
  finished.ok = true;
  CHECK(text_of(finished) == "     Dry run nothing was changed\n");
}

TEST_CASE("after success the other targets' URLs are told; the first is for standard output") {
  run::RunFinished finished;
  finished.ok = true;
  finished.url = "http://a/";
  finished.targets = {target("a", SiteState::current, 0, "http://a/"),
                      target("b", SiteState::current, 0, "http://b/\x1b"),
                      target("unlocked", SiteState::unchanged, 0, "http://c/")};
  CHECK(text_of(finished) == "   Served at http://b/\\x1b\n");
}

TEST_CASE("the overall state is current only if all targets are") {
  run::RunFinished finished;
  CHECK(live_site(finished) == SiteState::unchanged);
  finished.targets = {target("a", SiteState::current, 0), target("b", SiteState::current, 0)};
  CHECK(live_site(finished) == SiteState::current);
  finished.targets[1].state = SiteState::unchanged;
  CHECK(live_site(finished) == SiteState::changing);
  finished.targets[0].state = SiteState::prepared;
  CHECK(live_site(finished) == SiteState::prepared);
}

}  // namespace
}  // namespace deployflow::cli
