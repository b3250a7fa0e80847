// What the doctor says of the place that `state:` names, and that it leaves nothing in either.

#include "plugins/host/store/http.hpp"
#include "plugins/host/store/memory_store.hpp"
#include "plugins/host/store/prefix_store.hpp"
#include "plugins/host/store/probe/probes.hpp"
#include "tests/unit/store/scripted_store.hpp"

#include <doctest/doctest.h>

#include <future>
#include <iterator>
#include <map>
#include <new>
#include <stop_token>

using namespace deployflow;
using namespace deployflow::store;

namespace {

constexpr const char* k_scratch = ".deployflow/doctor-test/";

struct World {
  HttpEngine loop{{}};
  MemoryStore site_memory{loop};
  MemoryStore state_memory{loop};
  ScriptedStore site{site_memory, loop};
  ScriptedStore state{state_memory, loop};
  PrefixStore site_prefixed{site, "www/"};
  PrefixStore state_prefixed{state, "kept/"};
  std::stop_source stop;
  std::map<std::string, ProbeRow> rows;

  World() {
    site_memory.add_neighbour("private", state_memory);
    state_memory.add_neighbour("public", site_memory);
  }

  void run() {
    Bench bench(site_prefixed, k_scratch, stop.get_token());
    Bench state_bench(state_prefixed, k_scratch, stop.get_token());
    std::vector<Probe> probes = object_probes();
    probes.push_back(state_probe(state_bench, {{"public", "www/"}, {"private", "kept/"}}));
    run_probes(bench, probes, [&](const ProbeRow& row) { rows.emplace(row.name, row); });
    bench.settle();
    state_bench.settle();
    std::promise<void> turned;
    loop.post([&] { turned.set_value(); });
    turned.get_future().wait();
  }
  [[nodiscard]] const ProbeRow& row() const { return rows.at("state"); }
  [[nodiscard]] bool is_clean() const {
    return site_memory.objects().empty() && state_memory.objects().empty();
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
    return std::holds_alternative<T>(operation) ? std::optional(error) : std::nullopt;
  };
}

}  // namespace

TEST_CASE("a place where everything works is named, and nothing stays in it or beside the site") {
  World world;
  world.run();
  CHECK(world.row().verdict == Verdict::ok);
  CHECK(world.row().detail.find("s3://private/kept/.deployflow/: written") == 0);
  CHECK(world.state.count("CopyObject") == 1);
  CHECK(world.site.count("CopyObject") == 1);
  CHECK(world.is_clean());
}

TEST_CASE("a place that cannot be written or listed is a no, with the store's error") {
  World denied;
  denied.state.instead = refuse_all<Put>(refusal(Errc::auth, 403, "403 AccessDenied"));
  denied.run();
  CHECK(denied.row().verdict == Verdict::no);
  CHECK(denied.row().error->code == Errc::auth);
  CHECK(denied.row().detail == "s3://private/kept/.deployflow/: 403 AccessDenied");
  CHECK(denied.is_clean());
  World unlisted;
  unlisted.state.instead = refuse_all<ListPage>(refusal(Errc::auth, 403, "403 AccessDenied"));
  unlisted.run();
  CHECK(unlisted.row().verdict == Verdict::no);
  CHECK(unlisted.is_clean());
}

TEST_CASE("other bytes than were put in the place are a no") {
  World world;
  world.state.afterwards = [](const Operation& operation, Outcome outcome) -> Outcome {
    if (std::holds_alternative<Get>(operation) && outcome.ok()) {
      outcome->body += "<script>";
    }
    return outcome;
  };
  world.run();
  CHECK(world.row().verdict == Verdict::no);
  CHECK(world.row().error->code == Errc::remote);
  CHECK(world.is_clean());
}

TEST_CASE("conditions that the place ignores mean that deployments are not kept apart") {
  World world;
  world.state.afterwards = [](const Operation& operation, Outcome outcome) -> Outcome {
    const auto* put = std::get_if<Put>(&operation);
    return put != nullptr && put->if_absent && !outcome.ok() ? Outcome(Reply{})
                                                             : std::move(outcome);
  };
  world.run();
  CHECK(world.row().verdict == Verdict::limited);
  CHECK(world.row().detail == "s3://private/kept/.deployflow/: If-None-Match is ignored");
  CHECK(world.row().meaning == "two deployments at once are not kept apart");
  CHECK(world.is_clean());
}

TEST_CASE("copies that fail in either way are a limitation") {
  for (const bool is_back : {false, true}) {
    World world;
    (is_back ? world.site : world.state).instead =
        refuse_all<Copy>(refusal(Errc::auth, 403, "403 AccessDenied"));
    world.run();
    CHECK(world.row().verdict == Verdict::limited);
    CHECK(world.row().meaning.find("through this machine") != std::string::npos);
    CHECK(world.is_clean());
  }
}

TEST_CASE("what was left where the state was before is told of and not touched") {
  World world;
  for (const char* key : {".deployflow/current.json", ".deployflow/doctor-other/page.html"}) {
    Put put;
    put.key = key;
    put.payload = make_payload("{}");
    REQUIRE(submit_and_wait(world.site_prefixed, put).ok());
  }
  world.run();
  CHECK(world.row().verdict == Verdict::limited);
  CHECK(world.row().detail ==
        "s3://private/kept/.deployflow/: works, but s3://public/www/.deployflow/ is not empty");
  CHECK(world.site_memory.objects().size() == 2);
  REQUIRE(submit_and_wait(world.site_prefixed, Delete{".deployflow/current.json", {}}).ok());
  world.rows.clear();
  world.run();
  CHECK(world.row().verdict == Verdict::ok);  // another doctor's scratch is no state
}

TEST_CASE("a place that cannot be cleaned is a limitation that names it") {
  World world;
  world.state.instead = [](const Operation& operation) -> std::optional<StoreError> {
    const bool deletes =
        std::holds_alternative<Delete>(operation) || std::holds_alternative<DeleteMany>(operation);
    return deletes ? std::optional(refusal(Errc::auth, 403, "403 AccessDenied")) : std::nullopt;
  };
  world.run();
  CHECK(world.row().verdict == Verdict::limited);
  CHECK(world.row().detail.find("s3://private/kept/.deployflow/: ") == 0);
  CHECK(world.row().meaning.find(k_scratch) != std::string::npos);
}

TEST_CASE("whatever operation the stop comes at, nothing stays in either place") {
  World whole;
  whole.run();
  const std::size_t operations = whole.site.log.size() + whole.state.log.size();
  CHECK(whole.state.log.size() > 5);
  for (std::size_t at = 1; at <= operations; ++at) {
    World world;
    std::size_t asked = 0;
    world.site.afterwards =
        world.state.afterwards = [&](const Operation& /*operation*/, Outcome outcome) -> Outcome {
      if (++asked == at) {
        world.stop.request_stop();
      }
      return outcome;
    };
    world.run();
    INFO("stopped at operation " << at);
    CHECK(world.is_clean());
  }
}

TEST_CASE("a probe of the state that throws leaves nothing either") {
  World world;
  world.state.instead = [&](const Operation& operation) -> std::optional<StoreError> {
    if (std::holds_alternative<Copy>(operation)) {
      throw std::bad_alloc();
    }
    return std::nullopt;
  };
  CHECK_THROWS_AS(world.run(), std::bad_alloc);
  CHECK(world.is_clean());
}
