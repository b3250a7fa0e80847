// A store that fails when told to, before or after the store behind it acted, and writes down what
// was asked.

#pragma once

#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace deployflow::store {

class ScriptedStore final : public ObjectStore {
 public:
  ScriptedStore(ObjectStore& inner, Loop& loop) : inner_(inner), loop_(loop) {}

  /// An error instead of the operation; nullopt = go on.
  std::function<std::optional<StoreError>(const Operation&)> instead;
  /// Changes the outcome of the operation once it was carried out.
  std::function<Outcome(const Operation&, Outcome)> afterwards;
  std::vector<std::string> log;  // names of operations

  void submit(Operation operation, Completion done) override {
    log.emplace_back(operation_name(operation));
    if (instead) {
      if (auto error = instead(operation)) {
        loop_.post([done = std::move(done), error = std::move(*error)] { done(error); });
        return;
      }
    }
    if (!afterwards) {
      inner_.submit(std::move(operation), std::move(done));
      return;
    }
    const Operation copy = operation;
    inner_.submit(std::move(operation), [this, copy, done = std::move(done)](Outcome outcome) {
      done(afterwards(copy, std::move(outcome)));
    });
  }

  [[nodiscard]] std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(std::count(log.begin(), log.end(), name));
  }

 private:
  ObjectStore& inner_;
  Loop& loop_;
};

inline StoreError slow_down() {
  StoreError error;
  error.code = Errc::remote;
  error.message = "503 SlowDown";
  error.http_status = 503;
  error.code_text = "SlowDown";
  error.transient = true;
  error.throttled = true;
  return error;
}

inline StoreError connection_reset() {
  StoreError error;
  error.code = Errc::network;
  error.message = "connection reset";
  error.transient = true;
  return error;
}

/// Submit, run the loop until the completion, return the outcome.
template <class FakeLoopT>
Outcome run(FakeLoopT& loop, ObjectStore& store, Operation operation) {
  std::optional<Outcome> out;
  store.submit(std::move(operation), [&](Outcome outcome) { out.emplace(std::move(outcome)); });
  loop.run_until([&] { return out.has_value(); });
  return std::move(*out);
}

}  // namespace deployflow::store
