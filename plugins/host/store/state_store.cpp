#include "plugins/host/store/state_store.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace deployflow::store {
namespace {

constexpr int k_precondition_failed = 412;  // HTTP

// What decides where an operation goes; empty = it is about the bucket, and that is the site's.
std::string_view subject_of(const Operation& operation) {
  return std::visit(
      []<class T>(const T& op) -> std::string_view {
        if constexpr (requires { op.key; }) {
          return op.key;
        } else if constexpr (requires { op.prefix; }) {
          return op.prefix;
        } else {
          return {};
        }
      },
      operation);
}

// In the words of the other bucket, where no prefix is put in front.
template <class T>
void name_source(T& copy, const StatePlace& from) {
  copy.from_bucket = from.bucket;
  copy.from_key.insert(0, from.prefix);
}

StoreError source_changed(const Copy& copy, const std::string& etag, std::uint32_t requests) {
  StoreError error;
  error.code = Errc::conflict;
  error.message = fmt::format("CopyObject {}: the source {} has the ETag {} now",
                              printable(copy.key),
                              printable(copy.from_key),
                              printable(etag));
  error.http_status = k_precondition_failed;
  error.requests = requests;
  return error;
}

Outcome with_requests(Outcome outcome, std::uint32_t more) {
  (outcome.ok() ? outcome->requests : outcome.error().requests) += more;
  return outcome;
}

// The first of two answers, until the second comes. Both come on the loop.
struct Half {
  std::optional<Outcome> first;
  Completion done;
};

Outcome joined(Outcome a, Outcome b) {
  if (!b.ok()) {
    std::swap(a, b);
  }
  if (!a.ok()) {
    return with_requests(std::move(a), b.ok() ? b->requests : b.error().requests);
  }
  a->failures.insert(a->failures.end(),
                     std::make_move_iterator(b->failures.begin()),
                     std::make_move_iterator(b->failures.end()));
  a->requests += b->requests;
  return a;
}

}  // namespace

StateStore::StateStore(Place site, Place state)
    : site_(std::move(site)), state_(std::move(state)) {}

void StateStore::submit(Operation operation, Completion done) {
  if (auto* copy = std::get_if<Copy>(&operation);
      copy != nullptr && is_between(copy->from_bucket, copy->from_key, copy->key)) {
    copy_between(std::move(*copy), std::move(done));
    return;
  }
  if (auto* part = std::get_if<CopyPart>(&operation);
      part != nullptr && is_between(part->from_bucket, part->from_key, part->key)) {
    copy_part_between(std::move(*part), std::move(done));
    return;
  }
  if (const auto* all = std::get_if<DeleteMany>(&operation)) {
    delete_in_both(*all, std::move(done));
    return;
  }
  const Place& place = place_of(subject_of(operation));
  place.store.submit(std::move(operation), std::move(done));
}

bool StateStore::is_between(const std::string& from_bucket,
                            const std::string& from_key,
                            const std::string& key) const {
  return from_bucket.empty() && &place_of(from_key) != &place_of(key);
}

// The S3 client looks at the ETag of a source in its own bucket, because Ceph 16 ignores the
// condition. Of another bucket it cannot, so that is done here.
void StateStore::copy_between(Copy copy, Completion done) {
  const Place& from = place_of(copy.from_key);
  const Place& to = place_of(copy.key);
  if (copy.if_match.empty()) {
    name_source(copy, from.at);
    to.store.submit(std::move(copy), std::move(done));
    return;
  }
  Head source{copy.from_key, copy.from_version};
  from.store.submit(
      std::move(source),
      [&from, &to, copy = std::move(copy), done = std::move(done)](Outcome seen) mutable {
        if (!seen.ok()) {
          done(std::move(seen));
          return;
        }
        if (seen->object.etag != copy.if_match) {
          done(source_changed(copy, seen->object.etag, seen->requests));
          return;
        }
        name_source(copy, from.at);
        to.store.submit(std::move(copy),
                        [done = std::move(done), looked = seen->requests](Outcome copied) {
                          done(with_requests(std::move(copied), looked));
                        });
      });
}

void StateStore::copy_part_between(CopyPart part, Completion done) {
  const Place& to = place_of(part.key);
  name_source(part, place_of(part.from_key).at);
  to.store.submit(std::move(part), std::move(done));
}

void StateStore::delete_in_both(const DeleteMany& all, Completion done) {
  DeleteMany of_site, of_state;
  for (const std::string& key : all.keys) {
    (&place_of(key) == &state_ ? of_state : of_site).keys.push_back(key);
  }
  if (of_state.keys.empty() || of_site.keys.empty()) {
    const Place& place = of_state.keys.empty() ? site_ : state_;
    place.store.submit(all, std::move(done));
    return;
  }
  const auto half = std::make_shared<Half>();
  half->done = std::move(done);
  const auto take = [half](Outcome outcome) {
    if (!half->first) {
      half->first.emplace(std::move(outcome));
      return;
    }
    half->done(joined(std::move(*half->first), std::move(outcome)));
  };
  site_.store.submit(std::move(of_site), take);
  state_.store.submit(std::move(of_state), take);
}

}  // namespace deployflow::store
