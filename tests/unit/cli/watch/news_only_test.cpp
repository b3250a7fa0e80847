#include "cli/watch/news_only.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace deployflow::cli {
namespace {

class Listener : public Reporter {
 public:
  void on_event(const run::Event& event) override {
    if (const auto* finding = std::get_if<run::Finding>(&event)) {
      said.push_back(finding->message);
    } else if (std::holds_alternative<run::RunFinished>(event)) {
      said.emplace_back("finished");
    }
  }
  void begin(const std::string& /*what*/, SiteKind /*kind*/) override {}
  void note(const std::string& text) override { said.push_back("note " + text); }
  void refuse(const Refusal& /*refusal*/) override { said.emplace_back("refused"); }

  std::vector<std::string> said;
};

run::Finding finding(const std::string& message, std::uint32_t line = 1) {
  run::Finding made;
  made.code = "x";
  made.message = message;
  made.file = "a.html";
  made.line = line;
  return made;
}

using Said = std::vector<std::string>;

/// What a round over these findings says; leaves in `known` what the next one knows.
Said round(Known& known, const std::vector<run::Finding>& findings) {
  Listener listener;
  NewsOnly news(listener, std::move(known));
  for (const run::Finding& one : findings) {
    news.on_event(one);
  }
  news.on_event(run::RunFinished{});
  known = news.take();
  return listener.said;
}

TEST_CASE("what was found before is counted, what is new is told") {
  Known known;
  CHECK(round(known, {finding("one at 1:2"), finding("two")}) ==
        Said{"one at 1:2", "two", "finished"});
  CHECK(round(known,
              {finding("one at 7:8", 7), finding("two"), finding("two", 9), finding("three")}) ==
        Said{"two", "three", "note 2 findings from before", "finished"});
  CHECK(round(known, {finding("two")}) ==
        Said{"note 3 findings gone", "note 1 finding from before", "finished"});
  CHECK(round(known, {}) == Said{"note 1 finding gone", "finished"});
  CHECK(round(known, {}) == Said{"finished"});
}

TEST_CASE("a round that did not come to its end forgets nothing") {
  Known known;
  round(known, {finding("one")});
  Listener listener;
  NewsOnly broken(listener, std::move(known));
  broken.refuse({});
  known = broken.take();
  CHECK(round(known, {finding("one")}) == Said{"note 1 finding from before", "finished"});
}

}  // namespace
}  // namespace deployflow::cli
