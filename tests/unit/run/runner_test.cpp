#include "plugins/host/run/runner.hpp"

#include "plugins/host/run/target_book.hpp"
#include "tests/support/scratch.hpp"
#include "tests/unit/run/recorder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

using namespace deployflow;
using deployflow::test::Recorder;
using deployflow::test::Scratch;
using run::RunFinished;

namespace {

/// A pipeline of plugin fixtures over a small site, run offline.
class Bench {
 public:
  Bench() {
    site.write("index.html", "<!doctype html>");
    site.write("a.css", "x");
    pipeline_.file = "test.yaml";
    pipeline_.folder = site.path();
    store::TargetConfig target;
    target.name = "primary";
    target.endpoint = "http://127.0.0.1:9";
    target.bucket = "bucket";
    pipeline_.targets.push_back({target, {}});
  }

  void add(const std::string& fixture,
           const std::string& uses,
           std::optional<std::string> to = std::nullopt) {
    REQUIRE(registry_.load_file(PLUGINS "/" + fixture + ".dfstage.so", "--plugin").ok());
    pipeline::Stage stage;
    stage.id = uses;
    stage.uses = uses;
    stage.with.kind = pipeline::Value::Kind::map;
    if (to) {
      pipeline::Value value;
      value.kind = pipeline::Value::Kind::string;
      value.text = *to;
      stage.with.map.emplace_back("to", value);
      stage.with.key_positions.emplace_back();
    }
    pipeline_.stages.push_back(stage);
  }

  RunFinished run() {
    const auto wrong = run::prepare(pipeline_, registry_);
    REQUIRE(wrong.empty());
    run::Request request;
    request.pipeline = &pipeline_;
    request.registry = &registry_;
    request.site = site.path();
    request.site_name = "site/";
    request.stop = stop.get_token();
    request.max_warnings = max_warnings;
    request.environment = [](std::string_view name) -> std::optional<std::string> {
      if (name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY") {
        return "test";
      }
      return std::nullopt;
    };
    return run::execute(request, recorder);
  }

  /// The stage that was added last may fail.
  void let_it_fail() { pipeline_.stages.back().may_fail = true; }
  pipeline::Target& target() { return pipeline_.targets.front(); }

  pipeline::Diagnostics prepare() { return run::prepare(pipeline_, registry_); }

  Scratch site;
  Recorder recorder;
  std::stop_source stop;
  std::optional<std::uint64_t> max_warnings;

 private:
  pipeline::Pipeline pipeline_;
  load::Registry registry_{{}};
};

}  // namespace

TEST_CASE("a stage sees every file once, and the run ends well") {
  Bench bench;
  bench.add("good", "acme/good");
  const RunFinished finished = bench.run();
  CHECK(finished.ok);
  CHECK(finished.checks_only);
  auto findings = bench.recorder.all<run::Finding>();
  std::sort(
      findings.begin(), findings.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].key == "a.css");
  CHECK(findings[0].file == bench.site / "a.css");
  CHECK(findings[1].key == "index.html");
  CHECK(findings[0].severity == run::Severity::info);
}

TEST_CASE("names that differ only in case are warned of and do not stop the run") {
  Bench bench;
  bench.site.write("Index.html", "x");
  bench.add("prints_nothing", "acme/prints-nothing");
  const RunFinished finished = bench.run();
  CHECK(finished.ok);
  CHECK(finished.errors == 0);
  CHECK(finished.warnings == 1);
  const auto findings = bench.recorder.all<run::Finding>();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].stage == "site");
  CHECK(findings[0].code == "site/same-but-case");
  CHECK(findings[0].severity == run::Severity::warning);
}

TEST_CASE("the last event is the result that is returned") {
  Bench bench;
  bench.add("prints_nothing", "acme/prints-nothing");
  const RunFinished finished = bench.run();
  REQUIRE(std::holds_alternative<RunFinished>(bench.recorder.events.back()));
  CHECK(std::get<RunFinished>(bench.recorder.events.back()).run_id == finished.run_id);
}

TEST_CASE("a stage over the set gives outputs under its id") {
  Bench bench;
  bench.add("good_set", "acme/good-set");
  const RunFinished finished = bench.run();
  REQUIRE(finished.outputs.size() == 1);
  CHECK(finished.outputs[0].first == "acme/good-set.count");
  CHECK(finished.outputs[0].second == "2");
}

TEST_CASE(
    "an unknown status is a failure, and a failure without a finding is the plugin's fault by "
    "name") {
  for (const auto& [file, name] :
       {std::pair{"crashes_not", "acme/crashes-not"}, {"fails_silently", "acme/fails-silently"}}) {
    Bench bench;
    bench.add(file, name);
    const RunFinished finished = bench.run();
    CHECK_FALSE(finished.ok);
    CHECK(finished.error.code == Errc::plugin);
    CHECK(finished.error.message.find(name) != std::string::npos);
    CHECK(finished.error.message.find("without saying why") != std::string::npos);
  }
}

TEST_CASE("an exception in a C++ stage becomes a finding with its text") {
  Bench bench;
  bench.add("throws", "acme/throws");
  const RunFinished finished = bench.run();
  CHECK_FALSE(finished.ok);
  REQUIRE(bench.recorder.all<run::Finding>().size() == 2);
  CHECK(bench.recorder.all<run::Finding>()[0].message.find("thrown over ") == 0);
}

TEST_CASE("what a stage that may fail says is a warning, and the run goes on and ends well") {
  for (const char* fixture : {"throws", "fails_silently"}) {
    Bench bench;
    std::string uses = std::string("acme/") + fixture;
    std::replace(uses.begin(), uses.end(), '_', '-');
    bench.add(fixture, uses);
    bench.let_it_fail();
    bench.add("good", "acme/good");
    const RunFinished finished = bench.run();
    CHECK(finished.ok);
    CHECK(finished.errors == 0);
    const auto codes = bench.recorder.codes();
    CHECK(std::count(codes.begin(), codes.end(), "acme/seen") == 2);
    const auto findings = bench.recorder.all<run::Finding>();
    const auto said = std::count_if(findings.begin(), findings.end(), [](const auto& one) {
      return one.severity == run::Severity::warning;
    });
    const auto logs = bench.recorder.all<run::LogLine>();
    CHECK(static_cast<std::size_t>(said) + logs.size() > 0);
    const auto ended = bench.recorder.all<run::StageFinished>();
    REQUIRE(ended.size() == 2);
    CHECK_FALSE(ended[0].ok);
  }
}

TEST_CASE("an interruption is not excused") {
  Bench bench;
  bench.add("throws", "acme/throws");
  bench.let_it_fail();
  bench.stop.request_stop();
  const RunFinished finished = bench.run();
  CHECK_FALSE(finished.ok);
  CHECK(finished.error.code == Errc::cancelled);
}

TEST_CASE("the result tells nothing of a target that is used by the way") {
  for (const bool aside : {false, true}) {
    Bench bench;
    bench.target().is_aside = aside;
    bench.add("writes_without_cap", "acme/writes-without-cap", "primary");
    CHECK(bench.run().targets.size() == (aside ? 0U : 1U));
  }
}

TEST_CASE("a target's name with a folder behind it is the target from that folder on") {
  pipeline::Pipeline pipeline;
  store::TargetConfig config;
  config.name = "primary";
  config.endpoint = "http://127.0.0.1:9";
  config.bucket = "bucket";
  config.prefix = "docs/";
  config.url = "https://example.com/d/";
  config.anonymous = true;
  pipeline.targets.push_back({config, {}});
  ThreadPool pool{1};
  const Environment none = [](std::string_view) { return std::nullopt; };
  run::TargetBook targets(pipeline, none, store::DryRun::no, {}, pool, {});
  const auto opened = targets.open("primary/previews/a b/");
  REQUIRE(opened.ok());
  CHECK((*opened)->config().prefix == "docs/previews/a b/");
  CHECK((*opened)->config().url == "https://example.com/d/previews/a%20b/");
  CHECK((*opened)->config().name == "primary/previews/a b/");
  CHECK((*opened)->object_url("x") == "http://127.0.0.1:9/bucket/docs/previews/a%20b/x");
  CHECK_FALSE(targets.was_asked_for("primary"));
  for (const char* wrong : {"other/previews/a/", "primary/../a/", "primary//a/"}) {
    CAPTURE(wrong);
    CHECK_FALSE(targets.open(wrong).ok());
  }
}

TEST_CASE("changes of the set need the capability and nothing is changed without it") {
  Bench bench;
  bench.add("changes_set_without_cap", "acme/changes-set-without-cap");
  bench.add("good_set", "acme/good-set");
  CHECK_FALSE(bench.run().ok);
  for (const auto& finding : bench.recorder.all<run::Finding>()) {
    if (finding.severity == run::Severity::info) {
      CHECK(finding.message == "status 07");  // DF_DENIED
    }
  }
}

TEST_CASE("writes need the capability and no request is made without it") {
  Bench bench;
  bench.add("writes_without_cap", "acme/writes-without-cap", "primary");
  bench.run();
  const auto findings = bench.recorder.all<run::Finding>();
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].code == "acme/put");
  CHECK(findings[0].message == "status 07");
  CHECK(findings[1].message == "status 00");  // the batch itself went through
  CHECK(bench.recorder.all<run::OperationDone>().empty());
}

TEST_CASE("errors of a checker do not keep later checkers from speaking") {
  Bench bench;
  bench.add("throws", "acme/throws");
  bench.add("good", "acme/good");
  CHECK_FALSE(bench.run().ok);
  const auto codes = bench.recorder.codes();
  CHECK(std::count(codes.begin(), codes.end(), "acme/seen") == 2);
}

TEST_CASE("errors of a checker keep every stage that goes out from starting") {
  Bench bench;
  bench.add("throws", "acme/throws");
  bench.add("writes_without_cap", "acme/writes-without-cap", "primary");
  const RunFinished finished = bench.run();
  CHECK(finished.checks_failed);
  CHECK(finished.error.code == Errc::input);
  CHECK(bench.recorder.all<run::StageStarted>().size() == 1);
}

TEST_CASE("an empty site is an error before any stage runs") {
  Bench bench;
  std::filesystem::remove(bench.site / "index.html");
  std::filesystem::remove(bench.site / "a.css");
  bench.add("good", "acme/good");
  const RunFinished finished = bench.run();
  CHECK(finished.error.code == Errc::input);
  CHECK(bench.recorder.all<run::StageStarted>().empty());
}

TEST_CASE("problems of the site are findings, all at once, and nothing runs") {
  Bench bench;
  std::filesystem::create_symlink("nowhere", bench.site / "dead1");
  std::filesystem::create_symlink("nowhere", bench.site / "dead2");
  bench.add("good", "acme/good");
  const RunFinished finished = bench.run();
  CHECK(finished.errors == 2);
  CHECK(finished.checks_failed);
  CHECK(bench.recorder.all<run::StageStarted>().empty());
}

/// For acme/says: one record of a finding.
std::string record(const std::string& severity, const std::string& position) {
  return severity + "\x1f" + position + "\x1f" + "acme/x\x1f" + "say\x1f" + "m\x1f\x1e";
}
const std::string k_nowhere =
    "0\x1f"
    "0\x1f"
    "0\x1f"
    "0";
const std::string k_warning = record("3", k_nowhere);

TEST_CASE("more warnings than are allowed stop the run before the first stage that may write") {
  for (const std::uint64_t allowed : {0U, 1U, 2U, 3U}) {
    CAPTURE(allowed);
    Bench bench;
    bench.site.write("say", k_warning + k_warning);
    bench.add("says", "acme/says");
    bench.add("writes_nothing", "acme/writes-nothing");
    bench.max_warnings = allowed;
    const RunFinished finished = bench.run();
    const bool enough = allowed >= 2;
    CHECK(finished.ok == enough);
    CHECK(finished.too_many_warnings == !enough);
    CHECK(finished.checks_failed == !enough);
    CHECK(bench.recorder.all<run::StageStarted>().size() == (enough ? 2 : 1));
    if (!enough) {
      CHECK(finished.error.code == Errc::input);
      CHECK(finished.error.message.starts_with("2 warnings, and at most "));
    }
  }
}

TEST_CASE(
    "warnings are counted at the end of a run that writes nowhere, and none is too many without a "
    "limit") {
  Bench bench;
  bench.site.write("say", k_warning);
  bench.add("says", "acme/says");
  CHECK(bench.run().ok);
  bench.max_warnings = 0;
  const RunFinished finished = bench.run();
  CHECK_FALSE(finished.ok);
  CHECK(finished.checks_failed);
  CHECK(finished.error.message == "1 warning, and at most 0 are allowed");
}

TEST_CASE("a warning that comes after something may have been written fails nothing") {
  Bench bench;
  bench.site.write("say", k_warning);
  bench.add("writes_nothing", "acme/writes-nothing");
  bench.add("says", "acme/says");
  bench.max_warnings = 0;
  CHECK(bench.run().ok);
}

TEST_CASE("where a finding ends is told, unless it ends before it begins") {
  Bench bench;
  bench.site.write("say",
                   record("2",
                          "3\x1f"
                          "5\x1f"
                          "3\x1f"
                          "9") +
                       record("2",
                              "3\x1f"
                              "5\x1f"
                              "4\x1f"
                              "1") +
                       record("2",
                              "3\x1f"
                              "5\x1f"
                              "3\x1f"
                              "5") +
                       record("2",
                              "3\x1f"
                              "5\x1f"
                              "2\x1f"
                              "9") +
                       record("2",
                              "0\x1f"
                              "0\x1f"
                              "3\x1f"
                              "9"));
  bench.add("says", "acme/says");
  CHECK(bench.run().ok);
  const auto findings = bench.recorder.all<run::Finding>();
  REQUIRE(findings.size() == 5);
  CHECK(findings[0].end_line == 3);
  CHECK(findings[0].end_column == 9);
  CHECK(findings[1].end_line == 4);
  CHECK(findings[1].end_column == 1);
  for (std::size_t i = 2; i < 5; ++i) {
    CHECK(findings[i].end_line == 0);
    CHECK(findings[i].end_column == 0);
  }
}

TEST_CASE("an interrupted run says so") {
  Bench bench;
  bench.add("good", "acme/good");
  bench.stop.request_stop();
  CHECK(bench.run().error.code == Errc::cancelled);
}

TEST_CASE(
    "options are checked before any stage code runs, and a broken schema is the plugin's fault") {
  Bench bench;
  bench.add("good", "acme/good", "primary");  // takes no options
  bench.add("broken_schema", "acme/broken-schema");
  const auto wrong = bench.prepare();
  REQUIRE(wrong.size() == 2);
  CHECK(wrong[0].message.find("stages[0].with") != std::string::npos);
}
