#include "plugins/host/store/prefix_store.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace deployflow::store {
namespace {

void put_in_front(std::string& key, const std::string& prefix) {
  key.insert(0, prefix);
}

// Every key in `operation`, whatever its kind.
void to_inside(Operation& operation, const std::string& prefix) {
  std::visit(
      [&]<class T>(T& op) {
        if constexpr (requires { op.key; }) {
          put_in_front(op.key, prefix);
        }
        if constexpr (requires { op.from_key; }) {
          if (op.from_bucket.empty()) {
            put_in_front(op.from_key, prefix);
          }
        }
        if constexpr (requires { op.prefix; }) {
          put_in_front(op.prefix, prefix);
        }
        if constexpr (requires { op.keys; }) {
          for (std::string& key : op.keys) {
            put_in_front(key, prefix);
          }
        }
        if constexpr (requires { op.start_after; }) {
          if (!op.start_after.empty()) {
            put_in_front(op.start_after, prefix);
          }
        }
        if constexpr (requires { op.after_key; }) {
          if (!op.after_key.empty()) {
            put_in_front(op.after_key, prefix);
          }
        }
      },
      operation);
}

bool take_off(std::string& key, const std::string& prefix) {
  if (key.compare(0, prefix.size(), prefix) != 0) {
    return false;
  }
  key.erase(0, prefix.size());
  return true;
}

template <class Items>
const std::string* take_off_all(Items& items, const std::string& prefix) {
  for (auto& item : items) {
    if (!take_off(item.key, prefix)) {
      return &item.key;
    }
  }
  return nullptr;
}

// The key that does not belong here; nullptr if all do.
const std::string* strip(Reply& reply, const std::string& prefix) {
  if (!reply.object.key.empty() && !take_off(reply.object.key, prefix)) {
    return &reply.object.key;
  }
  if (!reply.next_key.empty() && !take_off(reply.next_key, prefix)) {
    return &reply.next_key;
  }
  if (const std::string* stranger = take_off_all(reply.objects, prefix)) {
    return stranger;
  }
  if (const std::string* stranger = take_off_all(reply.uploads, prefix)) {
    return stranger;
  }
  return take_off_all(reply.failures, prefix);
}

}  // namespace

PrefixStore::PrefixStore(ObjectStore& inner, std::string prefix)
    : inner_(inner), prefix_(std::move(prefix)) {}

void PrefixStore::submit(Operation operation, Completion done) {
  if (prefix_.empty()) {
    inner_.submit(std::move(operation), std::move(done));
    return;
  }
  to_inside(operation, prefix_);
  inner_.submit(std::move(operation), [this, done = std::move(done)](Outcome outcome) {
    done(to_outside(std::move(outcome)));
  });
}

Outcome PrefixStore::to_outside(Outcome outcome) const {
  if (!outcome.ok()) {
    return outcome;
  }
  if (const std::string* stranger = strip(*outcome, prefix_)) {
    StoreError error;
    error.code = Errc::remote;
    error.message = fmt::format("the store answered with the key {}, which is not under {}",
                                printable(stranger->substr(0, 200)),
                                printable(prefix_));
    error.requests = outcome->requests;
    return error;
  }
  return outcome;
}

}  // namespace deployflow::store
