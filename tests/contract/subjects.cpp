#include "tests/contract/subjects.hpp"

#include "plugins/host/base/environment.hpp"
#include "plugins/host/store/limit_store.hpp"
#include "plugins/host/store/memory_store.hpp"
#include "plugins/host/store/prefix_store.hpp"
#include "plugins/host/store/retry_store.hpp"
#include "plugins/host/store/state_store.hpp"
#include "plugins/host/store/target_store.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <deque>

namespace deployflow::store::contract {
namespace {

class MemorySubject final : public Subject {
 public:
  MemorySubject() { memory_ = std::make_unique<MemoryStore>(loop_); }
  ObjectStore* store() override {
    return layers_.empty() ? static_cast<ObjectStore*>(memory_.get()) : layers_.back().get();
  }
  void retry() {
    add(std::make_unique<RetryStore>(
        *store(), loop_, std::make_shared<RetryQuota>(), RetryOptions{5, [] { return 0.0; }}));
  }
  void limit() {
    add(std::make_unique<LimitStore>(*store(), loop_, std::make_shared<ConcurrencyLimit>(2)));
  }
  void prefix() { add(std::make_unique<PrefixStore>(*store(), "a prefix/ü%2F+/")); }
  /// Two places of one server. With `folder` the reserved one every case happens in the state's,
  /// with none in the site's.
  void state(const std::string& folder) {
    other_ = std::make_unique<MemoryStore>(loop_);
    other_->add_neighbour("site", *memory_);
    memory_->add_neighbour("state", *other_);
    ObjectStore& site = *store();
    add(std::make_unique<PrefixStore>(*other_, "kept/"));
    ObjectStore& kept = *store();
    add(std::make_unique<StateStore>(StateStore::Place{site, {"site", ""}},
                                     StateStore::Place{kept, {"state", "kept/"}}));
    add(std::make_unique<PrefixStore>(*store(), folder));
  }

 private:
  void add(std::unique_ptr<ObjectStore> layer) { layers_.push_back(std::move(layer)); }

  std::unique_ptr<MemoryStore> memory_;
  std::unique_ptr<MemoryStore> other_;               // of state()
  std::deque<std::unique_ptr<ObjectStore>> layers_;  // each over the one before
  HttpEngine loop_{{}};                              // last: ends before what its tasks use
};

struct Server {
  std::string endpoint;
  std::string access;
  std::string secret;
};

std::optional<Server> configured_server() {
  const auto text = process_environment()("DEPLOYFLOW_TEST_S3_A");
  if (!text || text->empty()) {
    return std::nullopt;
  }
  const std::size_t first = text->find(',');
  const std::size_t second = text->find(',', first + 1);
  REQUIRE(second != std::string::npos);
  return Server{text->substr(0, first),
                text->substr(first + 1, second - first - 1),
                text->substr(second + 1)};
}

class S3Subject final : public Subject {
 public:
  explicit S3Subject(const Server& server) {
    TargetConfig config;
    config.name = "contract";
    config.endpoint = server.endpoint;
    config.bucket = "deployflow-contract-" + std::to_string(::getpid());
    if (spoilt_ > 0) {
      config.bucket += "-" + std::to_string(spoilt_);
    }
    const Environment environment = [&](std::string_view name) -> std::optional<std::string> {
      if (name == "AWS_ACCESS_KEY_ID") {
        return server.access;
      }
      if (name == "AWS_SECRET_ACCESS_KEY") {
        return server.secret;
      }
      return std::nullopt;
    };
    auto opened = open_target(engine_, config, environment, DryRun::no);
    REQUIRE(opened.ok());
    target_ = std::move(*opened);
    if (!submit_and_wait(*store(), BucketExists{}).ok()) {
      must(CreateBucket{});
    }
    empty();
  }
  ~S3Subject() override {
    try {
      empty();
    } catch (...) {
      ++spoilt_;  // a server that cannot list or delete what it took spoils one case, not all
    }
  }
  ObjectStore* store() override { return &target_->store(); }

 private:
  Reply must(Operation operation) {
    Outcome outcome = submit_and_wait(*store(), std::move(operation));
    if (!outcome.ok()) {
      FAIL("this server cannot be tested: " << outcome.error().message);
    }
    return std::move(*outcome);
  }

  void empty() {
    for (;;) {
      DeleteMany all;
      for (const ObjectInfo& object : must(ListPage{}).objects) {
        all.keys.push_back(object.key);
      }
      if (all.keys.empty()) {
        break;
      }
      const Reply deleted = must(all);
      for (const DeleteFailure& failure : deleted.failures) {
        FAIL("this server cannot be tested: " << failure.key << " stays: " << failure.message);
      }
    }
    const Outcome uploads = submit_and_wait(*store(), ListUploads{});
    if (!uploads.ok() && is_lacking(uploads.error())) {
      return;  // nobody can find them
    }
    for (const UnfinishedUpload& upload : must(ListUploads{}).uploads) {
      must(AbortUpload{upload.key, upload.upload_id});
    }
  }

  static inline int spoilt_ = 0;  // buckets that could not be emptied

  ThreadPool pool_{1};
  Engine engine_{{}, pool_};
  std::unique_ptr<TargetStore> target_;
};

class NoSubject final : public Subject {
 public:
  ObjectStore* store() override { return nullptr; }
};

}  // namespace

bool is_lacking(const StoreError& error) {
  return error.http_status == 501 || error.http_status == 405 ||
         error.code_text == "NotImplemented" || error.code_text == "MethodNotAllowed";
}

std::unique_ptr<Subject> make_memory() {
  return std::make_unique<MemorySubject>();
}

std::unique_ptr<Subject> make_retry() {
  auto subject = std::make_unique<MemorySubject>();
  subject->retry();
  return subject;
}

std::unique_ptr<Subject> make_limit() {
  auto subject = std::make_unique<MemorySubject>();
  subject->limit();
  return subject;
}

std::unique_ptr<Subject> make_prefix() {
  auto subject = std::make_unique<MemorySubject>();
  subject->prefix();
  return subject;
}

std::unique_ptr<Subject> make_beside_state() {
  auto subject = std::make_unique<MemorySubject>();
  subject->state("");
  return subject;
}

std::unique_ptr<Subject> make_state() {
  auto subject = std::make_unique<MemorySubject>();
  subject->state(std::string(k_reserved));
  return subject;
}

std::unique_ptr<Subject> make_stack() {
  auto subject = std::make_unique<MemorySubject>();
  subject->limit();
  subject->retry();
  subject->prefix();
  return subject;
}

std::unique_ptr<Subject> make_s3() {
  if (const auto server = configured_server()) {
    return std::make_unique<S3Subject>(*server);
  }
  static const bool told = [] {
    MESSAGE("DEPLOYFLOW_TEST_S3_A is not set: no server to test against");
    return true;
  }();
  static_cast<void>(told);
  return std::make_unique<NoSubject>();
}

}  // namespace deployflow::store::contract
