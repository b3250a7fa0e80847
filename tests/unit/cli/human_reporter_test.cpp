#include "cli/ui/human_reporter.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace deployflow::cli {
namespace {

using namespace std::chrono_literals;

class Memory : public Output {
 public:
  void write(std::string_view text) override { text_ += text; }
  std::string take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
};

struct Desk {  // a reporter, what it wrote, and its clock
  explicit Desk(Terminal terminal = {},
                Verbosity verbosity = Verbosity::normal,
                RunKind kind = RunKind::real)
      : reporter(LinePrinter(err, terminal, [] { return std::size_t{60}; }),
                 &out,
                 Manner{verbosity, kind},
                 [this] { return now; }) {}

  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  Memory err;
  Memory out;
  HumanReporter reporter;
};

run::PlanTotals totals(const std::string& target, std::uint64_t put, std::uint64_t copy = 0) {
  run::PlanTotals made;
  made.stage = "s";
  made.target = target;
  made.display = "s3://" + target;
  made.put = put;
  made.copy = copy;
  return made;
}

run::OperationDone operation(const std::string& target,
                             run::Action action,
                             std::uint64_t size = 1024) {
  run::OperationDone made;
  made.stage = "s";
  made.target = target;
  made.action = action;
  made.key = "k.html";
  made.size = size;
  return made;
}

run::Progress progress(std::uint64_t done, std::uint64_t total) {
  run::Progress made;
  made.stage = "s";
  made.done = done;
  made.total = total;
  made.what = "files";
  return made;
}

run::RunFinished finished(bool ok, std::string url = {}) {
  run::RunFinished made;
  made.ok = ok;
  made.url = std::move(url);
  made.error = {ok ? Errc::internal : Errc::network, "no answer", {}};
  return made;
}

void deploy(Desk& desk) {
  desk.reporter.begin("site/", SiteKind::folder);
  desk.reporter.on_event(run::SiteScanned{"site/", 412, 19293798});
  desk.reporter.on_event(run::StageStarted{"s"});
  run::PlanTotals plan = totals("a", 37);
  plan.update = 5;
  plan.keep = 370;
  plan.remove = 2;
  desk.reporter.on_event(plan);
  for (int i = 0; i < 37; ++i) {
    desk.reporter.on_event(operation("a", run::Action::put));
  }
  for (int i = 0; i < 5; ++i) {
    desk.reporter.on_event(operation("a", run::Action::update));
  }
  desk.reporter.on_event(operation("a", run::Action::remove));
  desk.reporter.on_event(operation("a", run::Action::remove));
  desk.reporter.on_event(run::StageFinished{"s", true, 4.8});
  desk.reporter.on_event(finished(true, "https://www.example.com/"));
}

TEST_CASE("a setting of the bucket is named when it was set") {
  Desk desk;
  desk.reporter.on_event(run::StageStarted{"s"});
  run::PlanTotals plan = totals("a", 0);
  plan.setting = 1;
  desk.reporter.on_event(plan);
  run::OperationDone done = operation("a", run::Action::setting, 0);
  done.key = "website";
  desk.reporter.on_event(done);
  desk.reporter.on_event(run::StageFinished{"s", true, 0.1});
  CHECK(desk.err.take() ==
        "    Planning s3://a: 1 setting\n"
        "         Set website of s3://a\n");
}

TEST_CASE("a deployment reads as in the style guide; the URL alone is on standard output") {
  Desk desk;
  deploy(desk);
  CHECK(desk.err.take() ==
        "    Checking 412 files in site/ (18.4 MiB)\n"
        "    Planning s3://a: 37 new, 5 changed, 370 same, 2 to delete\n"
        "    Uploaded 42 files (42.0 KiB) in 4.8 s\n"
        "     Deleted 2 objects\n");
  CHECK(desk.out.take() == "https://www.example.com/\n");
}

TEST_CASE("-q leaves the URL and errors") {
  Desk desk({}, Verbosity::quiet);
  deploy(desk);
  CHECK(desk.err.take().empty());
  CHECK(desk.out.take() == "https://www.example.com/\n");
  desk.reporter.on_event(finished(false));
  CHECK(desk.err.take() == "error: no answer\nNot released The live site is unchanged.\n");
}

TEST_CASE("a signal that comes after the last word is not told") {
  Desk desk;
  desk.reporter.note("said");
  desk.reporter.on_event(finished(false));
  CHECK(desk.err.take() ==
        "        Note said\nerror: no answer\nNot released The live site is unchanged.\n");
  desk.reporter.note("interrupted");
  CHECK(desk.err.take().empty());
}

TEST_CASE("-v names every file") {
  Desk desk({}, Verbosity::detailed);
  desk.reporter.on_event(run::StageStarted{"s"});
  desk.reporter.on_event(operation("a", run::Action::copy));
  CHECK(desk.err.take() == "      Copied k.html\n");
}

TEST_CASE("the verb comes from what is done, so a stage from outside reads well too") {
  Desk desk;
  desk.reporter.on_event(run::StageStarted{"acme/mirror"});
  desk.reporter.on_event(totals("a", 0, 2));
  desk.reporter.on_event(totals("b", 0, 1));
  desk.reporter.on_event(operation("a", run::Action::copy));
  desk.reporter.on_event(operation("a", run::Action::copy));
  desk.reporter.on_event(operation("b", run::Action::copy));
  desk.reporter.on_event(run::StageFinished{"acme/mirror", true, 0.5});
  CHECK(desk.err.take() ==
        "    Planning s3://a: 2 to copy\n"
        "    Planning s3://b: 1 to copy\n"
        "      Copied 2 files (2.0 KiB) to s3://a in 0.5 s\n"
        "      Copied 1 file (1.0 KiB) to s3://b in 0.5 s\n");
}

TEST_CASE("a dry run lists the plan below its totals and prints no URL") {
  Desk desk({}, Verbosity::normal, RunKind::dry);
  desk.reporter.on_event(run::StageStarted{"s"});
  run::PlanEntry entry;
  entry.key = "a.html";
  entry.reason = "new";
  desk.reporter.on_event(entry);
  entry.action = run::Action::remove;
  entry.key = "old\x1b.html";
  entry.reason.clear();
  desk.reporter.on_event(entry);
  desk.reporter.on_event(totals("a", 1));
  desk.reporter.on_event(operation("a", run::Action::put));
  desk.reporter.on_event(run::StageFinished{"s", true, 0.1});
  run::RunFinished end = finished(true, "http://x/");
  end.dry_run = true;
  desk.reporter.on_event(end);
  CHECK(desk.err.take() ==
        "    Planning s3://a: 1 new\n"
        "Would upload a.html (new)\n"
        "Would delete old\\x1b.html\n"
        "     Dry run nothing was changed\n");
  CHECK(desk.out.take().empty());
}

TEST_CASE("a bar appears after half a second, at most ten times a second, and is erased") {
  Desk desk({.moving = true, .color = false});
  desk.reporter.on_event(run::StageStarted{"s"});
  desk.reporter.on_event(totals("a", 42));
  desk.err.take();
  desk.now += 499ms;
  desk.reporter.on_event(progress(1, 42));
  CHECK(desk.err.take().empty());
  desk.now += 1ms;
  desk.reporter.tick();
  CHECK(desk.err.take().substr(0, 25) == "   Uploading 1/42 files  ");
  desk.now += 99ms;
  desk.reporter.on_event(progress(2, 42));
  CHECK(desk.err.take().empty());
  desk.now += 1ms;
  desk.reporter.on_event(progress(3, 42));
  CHECK(desk.err.take().substr(0, 29) == "\r\x1b[K   Uploading 3/42 files  ");
  desk.reporter.on_event(run::StageFinished{"s", true, 1});
  CHECK(desk.err.take() == "\r\x1b[K");
}

TEST_CASE(
    "without a terminal there is a heartbeat every ten seconds of silence, and nothing else") {
  Desk desk;
  desk.reporter.on_event(run::StageStarted{"s"});
  desk.reporter.on_event(totals("a", 42));
  desk.err.take();
  desk.reporter.on_event(progress(28, 42));
  desk.now += 9900ms;
  desk.reporter.tick();
  CHECK(desk.err.take().empty());
  desk.now += 100ms;
  desk.reporter.tick();
  CHECK(desk.err.take() == "   Uploading 28/42 files  (10 s)\n");
  desk.reporter.tick();
  CHECK(desk.err.take().empty());
  desk.now += 10s;
  desk.reporter.tick();
  CHECK(desk.err.take() == "   Uploading 28/42 files  (20 s)\n");
}

TEST_CASE("a stage without a plan shows its own name; a slow start says what is read") {
  Desk desk({.moving = true, .color = false});
  desk.reporter.begin("standard input", SiteKind::file);
  desk.now += 1s;
  desk.reporter.tick();
  CHECK(desk.err.take() == "     Reading standard input");
  desk.reporter.on_event(run::SiteScanned{"x", 1, 1});
  desk.reporter.on_event(run::StageStarted{"acme/minify"});
  desk.err.take();
  desk.now += 1s;
  desk.reporter.on_event(progress(5, 0));
  CHECK(desk.err.take() == "     Running acme/minify  5 files");
}

TEST_CASE("nothing is drawn when no stage runs") {
  Desk desk({.moving = true, .color = false});
  desk.now += 1min;
  desk.reporter.tick();
  CHECK(desk.err.take().empty());
}

TEST_CASE("an error that a finding has told is not told again") {
  Desk desk;
  run::Finding finding;
  finding.message = "no answer";
  desk.reporter.on_event(finding);
  desk.reporter.on_event(finished(false));
  CHECK(desk.err.take() == "error: no answer\nNot released The live site is unchanged.\n");
}

TEST_CASE("all that is wrong in a pipeline file is shown, each with its place") {
  Desk desk;
  Refusal refusal;
  refusal.error = {Errc::config, "2 errors in deployflow.yaml", {}};
  refusal.file = "deployflow.yaml";
  refusal.diagnostics = {{{14, 7}, "stages[1].with.too: unknown option", "did you mean \"to\"?"},
                         {{20, 0}, "second", ""}};
  desk.reporter.refuse(refusal);
  CHECK(desk.err.take() ==
        "error: deployflow.yaml:14:7: stages[1].with.too: unknown option\n"
        "  help: did you mean \"to\"?\n"
        "error: deployflow.yaml:20: second\n");
}

TEST_CASE("a URL from a server cannot carry escapes to the terminal") {
  Desk desk;
  desk.reporter.on_event(finished(true, "http://x/\x1b[2J"));
  CHECK(desk.out.take() == "http://x/\\x1b[2J\n");
}

}  // namespace
}  // namespace deployflow::cli
