// The probes, over a store in memory that can be told to be limited, broken or slow.

#include "plugins/host/store/http.hpp"
#include "plugins/host/store/memory_store.hpp"
#include "plugins/host/store/probe/probes.hpp"
#include "plugins/host/store/probe/web_probes.hpp"
#include "tests/unit/store/scripted_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <iterator>
#include <map>
#include <stop_token>

using namespace deployflow;
using namespace deployflow::store;

namespace {

constexpr const char* k_scratch = ".deployflow/doctor-test/";

std::vector<Probe> all_probes() {
  std::vector<Probe> probes = object_probes();
  const std::vector<Probe> special = special_probes();
  std::copy(special.begin(), special.end(), std::back_inserter(probes));
  return probes;
}

struct World {
  HttpEngine loop{{}};
  MemoryStore memory{loop};
  ScriptedStore scripted{memory, loop};
  std::stop_source stop;
  std::map<std::string, ProbeRow> rows;
  std::vector<std::string> order;

  void run(const std::vector<Probe>& probes = all_probes()) {
    Bench bench(scripted, k_scratch, stop.get_token());
    run_probes(bench, probes, [&](const ProbeRow& row) {
      order.push_back(row.name);
      rows.emplace(row.name, row);
    });
    bench.settle();
    std::promise<void> turned;
    loop.post([&] { turned.set_value(); });
    turned.get_future().wait();
  }
  [[nodiscard]] Verdict verdict(const std::string& name) const { return rows.at(name).verdict; }
  [[nodiscard]] bool is_clean() const {
    return memory.objects().empty() && memory.uploads().empty();
  }
  [[nodiscard]] std::size_t count(Verdict verdict) const {
    return static_cast<std::size_t>(std::count_if(
        rows.begin(), rows.end(), [&](const auto& row) { return row.second.verdict == verdict; }));
  }
};

StoreError refusal(Errc code, int status, const char* text) {
  StoreError error;
  error.code = code;
  error.message = text;
  error.http_status = status;
  return error;
}

template <class T>
auto refuse_all(StoreError error) {
  return [error](const Operation& operation) -> std::optional<StoreError> {
    if (std::holds_alternative<T>(operation)) {
      return error;
    }
    return std::nullopt;
  };
}

class FixedFetch final : public HttpFetch {
 public:
  explicit FixedFetch(HttpResponse response) : response_(std::move(response)) {}
  HttpOutcome fetch(const FetchRequest& request) override {
    urls.push_back(request.url);
    return response_;
  }
  std::vector<std::string> urls;

 private:
  HttpResponse response_;
};

}  // namespace

TEST_CASE("everything works at a store that keeps S3's rules, and nothing stays there") {
  World world;
  world.run();
  for (const auto& row : world.rows) {  // clang captures no structured binding
    INFO(row.first << ": " << row.second.detail);
    CHECK(row.second.verdict == Verdict::ok);
  }
  CHECK(world.order.front() == "list");
  CHECK(world.order.back() == "clean");
  CHECK(world.is_clean());
}

TEST_CASE("a store that refuses the key ends the probes, and tells its error") {
  World world;
  world.scripted.instead = refuse_all<ListPage>(refusal(Errc::auth, 403, "403 AccessDenied"));
  world.run();
  CHECK(world.verdict("list") == Verdict::no);
  CHECK(world.rows.at("list").error->code == Errc::auth);
  CHECK(world.verdict("put") == Verdict::skipped);
  CHECK(world.scripted.count("PutObject") == 0);
  CHECK(world.rows.at("clean").detail == "nothing was written");
}

TEST_CASE("a store that may not be written to is a no, not a limitation") {
  World world;
  world.scripted.instead = refuse_all<Put>(refusal(Errc::auth, 403, "403 AccessDenied"));
  world.run();
  CHECK(world.verdict("put") == Verdict::no);
  CHECK(world.verdict("read") == Verdict::skipped);
}

TEST_CASE("conditional writes that are ignored are found") {
  World world;
  struct Ignoring final : ObjectStore {
    explicit Ignoring(ObjectStore& behind) : inner(behind) {}
    void submit(Operation operation, Completion done) override {
      if (auto* put = std::get_if<Put>(&operation)) {
        put->if_absent = false;
      }
      inner.submit(std::move(operation), std::move(done));
    }
    ObjectStore& inner;
  } ignoring(world.memory);
  Bench bench(ignoring, k_scratch, {});
  run_probes(bench, all_probes(), [&](const ProbeRow& row) { world.rows.emplace(row.name, row); });
  CHECK(world.verdict("conditional") == Verdict::limited);
  CHECK(world.rows.at("conditional").meaning == "two deployments at once are not kept apart");
  CHECK(world.count(Verdict::limited) == 1);
  CHECK(world.is_clean());
}

TEST_CASE("what a store has not is a limitation, and its parts are cleaned without listings") {
  World world;
  const StoreError error = refusal(Errc::remote, 501, "501 NotImplemented");
  world.scripted.instead = [&](const Operation& operation) -> std::optional<StoreError> {
    const std::string_view name = operation_name(operation);
    return name == "CopyObject" || name == "ListMultipartUploads" || name == "DeleteObjects"
               ? std::optional(error)
               : std::nullopt;
  };
  world.run();
  CHECK(world.verdict("copy") == Verdict::limited);
  CHECK(world.verdict("unfinished") == Verdict::limited);
  CHECK(world.verdict("delete") == Verdict::limited);
  CHECK(world.verdict("multipart") == Verdict::ok);
  CHECK(world.count(Verdict::no) == 0);
  CHECK(world.is_clean());
}

TEST_CASE("headers and ETags that a store makes up are limitations that say which") {
  World world;
  world.scripted.afterwards = [](const Operation& operation, Outcome outcome) -> Outcome {
    if (std::holds_alternative<Head>(operation) && outcome.ok()) {
      outcome->object.etag = "made-up";
      outcome->object.media_type = "text/html";
    }
    return outcome;
  };
  world.run();
  CHECK(world.verdict("etag") == Verdict::limited);
  CHECK(world.verdict("metadata") == Verdict::limited);
  CHECK(world.rows.at("metadata").detail == "content-type became text/html");
}

TEST_CASE("other bytes than were put are a no") {
  World world;
  world.scripted.afterwards = [](const Operation& operation, Outcome outcome) -> Outcome {
    if (std::holds_alternative<Get>(operation) && outcome.ok()) {
      outcome->body += "<script>";
    }
    return outcome;
  };
  world.run();
  CHECK(world.verdict("read") == Verdict::no);
  CHECK(world.rows.at("read").error->code == Errc::remote);
  CHECK(world.is_clean());
}

TEST_CASE("a key that comes back as another one is named") {
  World world;
  world.scripted.afterwards = [](const Operation& operation, Outcome outcome) -> Outcome {
    if (std::holds_alternative<ListPage>(operation) && outcome.ok()) {
      for (ObjectInfo& object : outcome->objects) {
        if (object.key.find("%2F") != std::string::npos) {
          object.key.replace(object.key.find("%2F"), 3, "/");
        }
      }
    }
    return outcome;
  };
  world.run();
  CHECK(world.verdict("keys") == Verdict::limited);
  CHECK(world.rows.at("keys").detail.find("literal%2Fslash.txt") != std::string::npos);
}

TEST_CASE("a server that goes away on the way is a no, and the cleaning says that it failed") {
  World world;
  bool gone = false;
  world.scripted.instead = [&](const Operation& operation) -> std::optional<StoreError> {
    gone = gone || std::holds_alternative<CreateUpload>(operation);
    return gone ? std::optional(connection_reset()) : std::nullopt;
  };
  world.run();
  CHECK(world.verdict("multipart") == Verdict::no);
  CHECK(world.verdict("unfinished") == Verdict::skipped);
  CHECK(world.verdict("clean") == Verdict::limited);
  CHECK(world.rows.at("clean").meaning.find(k_scratch) != std::string::npos);
}

TEST_CASE("whatever operation the stop comes at, nothing stays") {
  World whole;
  whole.run();
  const std::size_t operations = whole.scripted.log.size();
  CHECK(operations > 40);
  for (std::size_t at = 1; at <= operations; ++at) {
    World world;
    std::size_t asked = 0;
    world.scripted.afterwards = [&](const Operation& /*operation*/, Outcome outcome) -> Outcome {
      if (++asked == at) {
        world.stop.request_stop();
      }
      return outcome;
    };
    world.run();
    INFO("stopped at operation " << at);
    CHECK(world.is_clean());
    CHECK(world.order.back() == "clean");
  }
}

TEST_CASE("whatever operation fails, nothing stays") {
  World whole;
  whole.run();
  const std::size_t operations = whole.scripted.log.size();
  for (std::size_t at = 1; at <= operations; ++at) {
    World world;
    std::size_t asked = 0;
    world.scripted.afterwards = [&](const Operation& /*operation*/, Outcome outcome) -> Outcome {
      return ++asked == at ? Outcome(connection_reset()) : std::move(outcome);
    };
    world.run();
    INFO("answer " << at << " was lost");
    CHECK(world.is_clean());
  }
}

TEST_CASE("a probe that throws leaves nothing either") {
  World world;
  std::vector<Probe> probes = object_probes();
  probes.push_back({"broken", [](Bench&) -> ProbeRow { throw std::bad_alloc(); }});
  CHECK_THROWS_AS(world.run(probes), std::bad_alloc);
  CHECK(world.is_clean());
}

TEST_CASE("what others have under another prefix is never touched") {
  World world;
  Put put;
  put.key = "index.html";
  put.payload = make_payload("theirs");
  REQUIRE(submit_and_wait(world.memory, put).ok());
  CreateUpload upload;
  upload.key = "large.bin";
  REQUIRE(submit_and_wait(world.memory, upload).ok());
  world.run();
  CHECK(world.memory.objects().size() == 1);
  CHECK(world.memory.uploads().size() == 1);
}

TEST_CASE("the clock is compared with the server's date") {
  World world;
  HttpResponse response;
  response.status = 403;
  response.headers = {{"date", "Fri, 01 Jan 2021 00:00:00 GMT"}};
  world.run({clock_probe(std::make_shared<FixedFetch>(response), "http://s3.test/")});
  CHECK(world.verdict("clock") == Verdict::limited);
  CHECK(world.rows.at("clock").detail.find(" s behind") != std::string::npos);
  response.headers = {};
  World without;
  without.run({clock_probe(std::make_shared<FixedFetch>(response), "http://s3.test/")});
  CHECK(without.rows.at("clock").detail == "the server tells no time");
}

TEST_CASE("a website that shows another page than the one that was put is a limitation") {
  World world;
  HttpResponse response;
  response.status = 200;
  response.body = "Welcome to nginx";
  const auto fetch = std::make_shared<FixedFetch>(response);
  world.run({website_probe(fetch, "https://site.test/")});
  CHECK(world.verdict("website") == Verdict::limited);
  CHECK(fetch->urls ==
        std::vector<std::string>{"https://site.test/.deployflow/doctor-test/page.html"});
}
