#include "plugins/host/store/credentials/cached_source.hpp"

#include "plugins/host/base/thread_pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <latch>
#include <memory>

using namespace deployflow;
using namespace deployflow::store;

namespace {

using Answer = Result<std::optional<Credentials>>;

class FakeClock final : public Clock {
 public:
  [[nodiscard]] std::chrono::sys_time<std::chrono::milliseconds> now() const override {
    return time;
  }
  std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::hours(1000)};
};

/// Answers with keys K1, K2, ... that live as long as `lifetime` says, or fails.
class FakeProvider final : public CredentialsProvider {
 public:
  FakeProvider(const FakeClock& clock, int& loads) : clock_(clock), loads_(loads) {}

  Result<Lookup> load() override {
    ++loads_;
    if (failing) {
      return Error{Errc::auth, "no luck"};
    }
    Credentials out;
    out.key_id = same ? "K" : "K" + std::to_string(loads_);
    out.source = "a test";
    if (lifetime) {
      out.expires = std::chrono::floor<std::chrono::seconds>(clock_.now() + *lifetime);
    }
    return Lookup{out, {}};
  }

  std::optional<std::chrono::seconds> lifetime;
  bool failing = false;
  bool same = false;  // always the key K

 private:
  const FakeClock& clock_;
  int& loads_;
};

struct Fixture {
  FakeClock clock;
  int loads = 0;
  FakeProvider* provider = nullptr;
  std::deque<std::function<void()>> tasks;  // with `threads`: what was handed to other threads

  std::shared_ptr<CachedSource> source(CredentialsThreads threads = {}) {
    auto owned = std::make_unique<FakeProvider>(clock, loads);
    provider = owned.get();
    return std::make_shared<CachedSource>(std::move(owned), clock, std::move(threads));
  }
  CredentialsThreads queue() {
    const auto push = [this](std::function<void()> task) { tasks.push_back(std::move(task)); };
    return {.load = push, .answer = push};
  }
  void run_tasks() {
    while (!tasks.empty()) {
      auto task = std::move(tasks.front());
      tasks.pop_front();
      task();
    }
  }
};

// The answer may come after this has returned: it owns where it goes.
std::string key_of(CachedSource& source) {
  const auto out = std::make_shared<std::string>("(no answer)");
  source.get([out](const Answer& answer) {
    *out = answer.ok() ? (*answer)->key_id : answer.error().message;
  });
  return *out;
}

}  // namespace

TEST_CASE("a key without expiry is loaded once") {
  Fixture fixture;
  const auto source = fixture.source();
  CHECK(key_of(*source) == "K1");
  fixture.clock.time += std::chrono::hours(10000);
  CHECK(key_of(*source) == "K1");
  CHECK(fixture.loads == 1);
}

TEST_CASE(
    "from a quarter of an hour before it expires a new key is fetched, while the old serves") {
  Fixture fixture;
  const auto source = fixture.source(fixture.queue());
  fixture.provider->lifetime = std::chrono::minutes(60);
  CHECK(key_of(*source) == "(no answer)");
  fixture.run_tasks();
  fixture.clock.time += std::chrono::minutes(44);
  CHECK(key_of(*source) == "K1");
  CHECK(fixture.tasks.empty());
  fixture.clock.time += std::chrono::minutes(1);
  CHECK(key_of(*source) == "K1");
  CHECK(key_of(*source) == "K1");
  CHECK(fixture.tasks.size() == 1);
  fixture.run_tasks();
  CHECK(fixture.loads == 2);
  CHECK(key_of(*source) == "K2");
}

TEST_CASE("from ten minutes before it expires requests wait for the new key") {
  Fixture fixture;
  const auto source = fixture.source(fixture.queue());
  fixture.provider->lifetime = std::chrono::minutes(60);
  CHECK(source->prepare().ok());
  CHECK(fixture.loads == 1);
  fixture.clock.time += std::chrono::minutes(50);
  CHECK(key_of(*source) == "(no answer)");
  std::string key;
  source->get([&](const Answer& answer) { key = (*answer)->key_id; });
  fixture.run_tasks();
  CHECK(key == "K2");
  CHECK(fixture.loads == 2);
}

TEST_CASE("a key that lives for minutes is not fetched for every request") {
  Fixture fixture;
  const auto source = fixture.source();
  fixture.provider->lifetime = std::chrono::minutes(6);
  for (int i = 0; i < 100; ++i) {
    CHECK(key_of(*source) == "K1");
  }
  CHECK(fixture.loads == 1);
  fixture.clock.time += std::chrono::minutes(5);
  CHECK(key_of(*source) == "K2");
}

TEST_CASE("when loading again fails, the old key serves until it has expired") {
  Fixture fixture;
  const auto source = fixture.source();
  fixture.provider->lifetime = std::chrono::minutes(60);
  CHECK(key_of(*source) == "K1");
  fixture.provider->failing = true;
  fixture.clock.time += std::chrono::minutes(55);
  CHECK(key_of(*source) == "K1");
  CHECK(key_of(*source) == "K1");
  CHECK(fixture.loads == 2);  // and the provider is left alone for a while
  fixture.clock.time += std::chrono::seconds(31);
  CHECK(key_of(*source) == "K1");
  CHECK(fixture.loads == 3);
  fixture.clock.time += std::chrono::minutes(5);
  CHECK(key_of(*source) == "credentials expired at 1970-02-11T17:00:00Z; new ones: no luck");
}

TEST_CASE("a key that has expired when it comes is an error that says when") {
  Fixture fixture;
  const auto source = fixture.source();
  fixture.provider->lifetime = std::chrono::minutes(-1);
  CHECK(key_of(*source) ==
        "credentials expired at 1970-02-11T15:59:00Z, and a test has no newer ones");
}

TEST_CASE("a refused key that comes again is an error, and the provider is not asked each time") {
  Fixture fixture;
  const auto source = fixture.source();
  fixture.provider->same = true;
  CHECK(key_of(*source) == "K");
  source->refused("K");
  const std::string error = key_of(*source);
  CHECK(error ==
        "credentials expired at 1970-02-11T16:00:00Z: the store refused those of a test, and there "
        "are no newer ones");
  CHECK(key_of(*source) == error);
  CHECK(fixture.loads == 2);
  fixture.clock.time += std::chrono::minutes(1);
  fixture.provider->same = false;
  CHECK(key_of(*source) == "K3");
}

TEST_CASE("preparing says at once what is wrong, and a source that is prepared loads no more") {
  Fixture fixture;
  const auto source = fixture.source(fixture.queue());
  fixture.provider->failing = true;
  const auto failed = source->prepare();
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().message == "no luck");
  fixture.provider->failing = false;
  CHECK(source->prepare().ok());
  CHECK(source->prepare().ok());
  CHECK(fixture.loads == 2);
  CHECK(key_of(*source) == "K2");
}

TEST_CASE("many threads that ask at once cause one load") {
  FakeClock clock;
  int loads = 0;
  ThreadPool pool(4);
  const auto source = std::make_shared<CachedSource>(
      std::make_unique<FakeProvider>(clock, loads),
      clock,
      CredentialsThreads{.load = [&](std::function<void()> task) { pool.submit(std::move(task)); },
                         .answer = [](const std::function<void()>& task) { task(); }});
  std::atomic<int> answers = 0;
  std::latch all(400);
  pool.for_each(400, [&](std::size_t) {
    source->get([&](const Answer& answer) {
      answers += answer.ok() && (*answer)->key_id == "K1" ? 1 : 0;
      all.count_down();
    });
  });
  all.wait();
  CHECK(answers == 400);
  CHECK(loads == 1);
}

TEST_CASE("a refused key is loaded again; one that was replaced meanwhile is not") {
  Fixture fixture;
  const auto source = fixture.source();
  CHECK(key_of(*source) == "K1");
  source->refused("K1");
  CHECK(key_of(*source) == "K2");
  source->refused("K1");
  CHECK(key_of(*source) == "K2");
}

TEST_CASE("an error is not kept") {
  Fixture fixture;
  const auto source = fixture.source();
  fixture.provider->failing = true;
  CHECK(key_of(*source) == "no luck");
  fixture.provider->failing = false;
  CHECK(key_of(*source) == "K2");
}

TEST_CASE("all who ask while a key is loading get it from one load, each once") {
  Fixture fixture;
  const auto source = fixture.source(fixture.queue());
  int answers = 0;
  for (int i = 0; i < 3; ++i) {
    source->get([&](const Answer& answer) { answers += (*answer)->key_id == "K1" ? 1 : 100; });
  }
  CHECK(answers == 0);
  fixture.run_tasks();
  CHECK(answers == 3);
  CHECK(fixture.loads == 1);
}

TEST_CASE("a completion may ask again") {
  Fixture fixture;
  const auto source = fixture.source(fixture.queue());
  std::string second;
  source->get([&](const Answer&) {
    source->get([&](const Answer& answer) { second = (*answer)->key_id; });
  });
  fixture.run_tasks();
  CHECK(second == "K1");
}

TEST_CASE("a source that is let go while loading still answers") {
  Fixture fixture;
  auto source = fixture.source(fixture.queue());
  int answers = 0;
  source->get([&](const Answer&) { ++answers; });
  source.reset();
  fixture.run_tasks();
  CHECK(answers == 1);
}
