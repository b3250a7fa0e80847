#include "plugins/host/run/web_batch.hpp"

#include "plugins/host/run/approval.hpp"
#include "tests/unit/run/recorder.hpp"
#include "tests/unit/store/loopback_server.hpp"

#include <doctest/doctest.h>

#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace deployflow::run {
namespace {

using store::LoopbackServer;
using store::SeenRequest;
using store::ServerAnswer;
using Then = ServerAnswer::Then;

/// A call into a stage that may ask the web.
struct World {
  std::stop_source stop;
  site::ArtifactSet artifacts;
  test::Recorder recorder;
  EventHub events{recorder, LogLevel::error};
  ThreadPool pool{1};
  pipeline::Pipeline pipeline;
  TargetBook targets{pipeline, {}, store::DryRun::no, {}, pool, {}};
  Approval approval{nullptr, Approval::Keep::no, artifacts, targets, pool, {}};
  RunState run{"id",
               "deployflow.yaml",
               false,
               stop.get_token(),
               {},
               events,
               artifacts,
               targets,
               approval,
               pool,
               {},
               false};
  df_stage table{};
  load::StageType type;
  StageState stage{run, type, "s", {}, {}, {}};
  df_ctx ctx{stage};

  World() {
    table.caps = DF_CAP_WEB;
    type.table = &table;
  }
};

/// What a stage asks, and the answers as text.
struct Questions {
  std::vector<std::string> urls;
  std::size_t given = 0;
  std::map<std::string, std::string> answers;
  df_status end = DF_NOT_FOUND;
  df_web_batch batch{};

  explicit Questions(std::vector<std::string> all) : urls(std::move(all)) {
    batch.struct_size = sizeof batch;
    batch.flags = DF_WEB_ANYWHERE;
    batch.gap_ms = 1;
    batch.attempts = 1;
    batch.timeout_ms = 500;
    batch.user = this;
    batch.next = [](void* user, df_web_request* request) -> df_status {
      auto* q = static_cast<Questions*>(user);
      if (q->given == q->urls.size()) {
        return q->end;
      }
      request->method = q->given % 2 == 0 ? DF_WEB_HEAD : DF_WEB_GET;
      request->tag = q->given;
      request->url = lend(q->urls[q->given++]);
      return DF_OK;
    };
    batch.done = [](void* user, const df_web_result* result) {
      auto* q = static_cast<Questions*>(user);
      std::string& answer = q->answers[q->urls.at(result->tag)];
      CHECK(answer.empty());  // once each
      answer = std::to_string(result->status) + " " + std::to_string(result->http_status) + " " +
               std::to_string(result->trouble) + " " + std::string(view(result->url)) + " " +
               std::string(view(result->moved_to));
    };
  }
};

TEST_CASE("the web is a table of its own, for stages that said so") {
  World world;
  CHECK(host_table().query(&world.ctx, DF_WEB) == &web_table());
  Questions questions({});
  CHECK(web_table().batch(&world.ctx, &questions.batch) == DF_OK);
  world.table.caps = DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;
  questions.urls = {"http://127.0.0.1:1/"};
  CHECK(web_table().batch(&world.ctx, &questions.batch) == DF_DENIED);
  CHECK(questions.given == 0);
  CHECK(world.stage.errors == 1);
}

TEST_CASE("each request gets its result once: a status, or why there is none") {
  LoopbackServer server([](const SeenRequest& seen, std::size_t) {
    const auto asks = [&](const char* path) { return seen.head.find(path) != std::string::npos; };
    return asks(" /moved ")
               ? ServerAnswer{store::answer("308 Permanent Redirect", "", "Location: /there\r\n"),
                              Then::keep,
                              false}
           : asks(" /gone ") ? ServerAnswer{store::answer("404 Not Found", "no"), Then::keep, false}
           : asks(" /cut ")  ? ServerAnswer{"", Then::close, false}
           : asks(" /slow ") ? ServerAnswer{"", Then::hang, false}
                             : ServerAnswer{store::ok_answer(""), Then::keep, false};
  });
  const std::string at = server.url();
  const std::string unknown = "http://" + std::string(64, 'x') + ".invalid/";  // nobody is asked
  Questions questions({at + "/",
                       at + "/gone",
                       at + "/moved",
                       at + "/cut",
                       at + "/slow",
                       "http://127.0.0.1:1/",
                       "ftp://e.com/",
                       unknown});
  World world;
  REQUIRE(web_table().batch(&world.ctx, &questions.batch) == DF_OK);
  const auto& answers = questions.answers;
  CHECK(answers.size() == questions.urls.size());
  CHECK(answers.at(at + "/") == "0 200 0 " + at + "/ ");
  CHECK(answers.at(at + "/gone") == "0 404 0 " + at + "/gone ");
  CHECK(answers.at(at + "/moved") == "0 200 0 " + at + "/there " + at + "/there");
  const auto told = [](df_status status, int trouble) {
    return std::to_string(status) + " 0 " + std::to_string(trouble) + "  ";
  };
  CHECK(answers.at(at + "/cut") == told(DF_IO, DF_WEB_CLOSED));
  CHECK(answers.at(at + "/slow") == told(DF_TIMEOUT, DF_WEB_TIMEOUT));
  CHECK(answers.at("http://127.0.0.1:1/") == told(DF_IO, DF_WEB_REFUSED));
  CHECK(answers.at("ftp://e.com/") == told(DF_FAILED, DF_WEB_BAD_URL));
  CHECK(answers.at(unknown) == told(DF_IO, DF_WEB_UNRESOLVED));
  CHECK(world.stage.errors == 0);  // what an answer means is the stage's to say
}

TEST_CASE("who does not answer over a connection that others have used is slow, not away") {
  LoopbackServer server([](const SeenRequest& seen, std::size_t) {
    return seen.head.find(" /slow ") != std::string::npos
               ? ServerAnswer{"", Then::hang, false}
               : ServerAnswer{store::ok_answer(""), Then::keep, false};
  });
  Questions questions({server.url() + "/", server.url() + "/slow"});
  questions.batch.per_host = 1;
  World world;
  REQUIRE(web_table().batch(&world.ctx, &questions.batch) == DF_OK);
  CHECK(questions.answers.at(server.url() + "/slow") ==
        std::to_string(DF_TIMEOUT) + " 0 " + std::to_string(DF_WEB_TIMEOUT) + "  ");
}

TEST_CASE("unless the stage asks for more, this machine is not asked") {
  LoopbackServer server([](const SeenRequest&, std::size_t) {
    return ServerAnswer{store::ok_answer(""), Then::keep, false};
  });
  Questions questions({server.url() + "/"});
  questions.batch.flags = 0;
  World world;
  REQUIRE(web_table().batch(&world.ctx, &questions.batch) == DF_OK);
  CHECK(questions.answers.begin()->second ==
        std::to_string(DF_IO) + " 0 " + std::to_string(DF_WEB_NOT_PUBLIC) + "  ");
  CHECK(server.connections() == 0);
}

TEST_CASE("a stage that ends the stream gets its own status back, after what was under way") {
  LoopbackServer server([](const SeenRequest&, std::size_t) {
    return ServerAnswer{store::ok_answer(""), Then::keep, false};
  });
  World world;
  Questions questions({server.url() + "/"});
  questions.end = DF_FAILED;
  CHECK(web_table().batch(&world.ctx, &questions.batch) == DF_FAILED);
  CHECK(questions.answers.size() == 1);
  Questions stuck({});
  stuck.end = DF_AGAIN;
  CHECK(web_table().batch(&world.ctx, &stuck.batch) == DF_FAILED);
  CHECK(world.stage.errors == 1);
}

TEST_CASE("an interruption ends requests that hang, and each still gets its result") {
  World world;
  LoopbackServer server([&](const SeenRequest&, std::size_t) {
    world.stop.request_stop();
    return ServerAnswer{"", Then::hang, false};
  });
  Questions questions({server.url() + "/a", server.url() + "/b", server.url() + "/c"});
  questions.batch.timeout_ms = 60'000;
  CHECK(web_table().batch(&world.ctx, &questions.batch) == DF_CANCELLED);
  REQUIRE(questions.answers.size() == 3);
  for (const auto& [url, answer] : questions.answers) {
    CHECK(answer.starts_with(std::to_string(DF_CANCELLED) + " 0 0"));
  }
  CHECK(web_table().batch(&world.ctx, &questions.batch) == DF_CANCELLED);
}

}  // namespace
}  // namespace deployflow::run
