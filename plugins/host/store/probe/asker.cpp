#include "plugins/host/store/probe/asker.hpp"

#include <spdlog/fmt/fmt.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace deployflow::store {
namespace {

using namespace std::chrono_literals;

constexpr auto k_grace = 500ms;  // for what is under way when the user stops

StoreError given_up(const Operation& operation, const StopToken& stop) {
  StoreError error;
  error.code = stop.stop_requested() ? Errc::cancelled : Errc::network;
  error.message = stop.stop_requested()
                      ? "interrupted"
                      : fmt::format("{}: no answer for too long", operation_name(operation));
  return error;
}

}  // namespace

// Lives as long as the operation, which may be longer than anybody waits for it.
struct Asker::Answer {
  std::mutex mutex;  // guards outcome
  std::condition_variable_any came;
  std::optional<Outcome> outcome;
};

Outcome Asker::ask(Operation operation) {
  const auto answer = std::make_shared<Answer>();
  const Operation asked = operation;
  store_.submit(std::move(operation), [answer](Outcome outcome) {
    const std::lock_guard lock(answer->mutex);
    answer->outcome.emplace(std::move(outcome));
    answer->came.notify_all();
  });
  const auto has_come = [&] { return answer->outcome.has_value(); };
  std::unique_lock lock(answer->mutex);
  if (!answer->came.wait_for(lock, stop_, patience_, has_come) && stop_.stop_requested()) {
    answer->came.wait_for(lock, k_grace, has_come);
  }
  if (has_come()) {
    return std::move(*answer->outcome);
  }
  given_up_.push_back(answer);
  return given_up(asked, stop_);
}

void Asker::settle() {
  for (const auto& answer : given_up_) {
    std::unique_lock lock(answer->mutex);
    answer->came.wait(lock, [&] { return answer->outcome.has_value(); });
  }
}

}  // namespace deployflow::store
