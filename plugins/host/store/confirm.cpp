#include "plugins/host/store/confirm.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace deployflow::store {
namespace {

bool same_etag(std::string_view a, std::string_view b) {
  const auto low = [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) {
           return low(x) == low(y);
         });
}

StoreError not_what_was_sent(const std::string& key, std::string_view why) {
  StoreError error;
  error.code = Errc::remote;
  error.message = fmt::format("{}: the store does not hold what was sent: {}", printable(key), why);
  error.hint = "run the same command again; if it happens again, do not trust this store";
  error.transient = true;
  error.requests = 0;
  return error;
}

class ReadBack : public std::enable_shared_from_this<ReadBack> {
 public:
  ReadBack(ObjectStore& store, Proof proof, Stored stored, StoredCompletion done)
      : store_(store),
        proof_(std::move(proof)),
        stored_(std::move(stored)),
        done_(std::move(done)) {}

  void run() {
    store_.submit(Head{proof_.key}, [self = shared_from_this()](Outcome outcome) {
      self->on_head(std::move(outcome));
    });
  }

 private:
  void on_head(Outcome outcome) {
    if (!outcome.ok()) {
      fail(std::move(outcome.error()));
      return;
    }
    stored_.requests += outcome->requests;
    if (outcome->object.size != proof_.size) {
      fail(not_what_was_sent(
          proof_.key, fmt::format("{} bytes and not {}", outcome->object.size, proof_.size)));
      return;
    }
    stored_.object = std::move(outcome->object);
    if (same_etag(stored_.object.etag, proof_.etag) || proof_.size == 0) {
      succeed();
      return;
    }
    next_range();
  }

  void next_range() {
    if (next_ == proof_.ranges.size()) {
      succeed();
      return;
    }
    const SentRange& range = proof_.ranges[next_];
    Get get;
    get.key = proof_.key;
    get.if_match = stored_.object.etag;
    if (proof_.ranges.size() > 1) {
      get.offset = range.offset;
      get.count = range.size;
    }
    digest_ = StreamDigest();
    get.sink = [self = shared_from_this()](std::string_view bytes) -> Result<void> {
      self->digest_.update(bytes);
      return {};
    };
    store_.submit(std::move(get), [self = shared_from_this()](Outcome outcome) {
      self->on_range(std::move(outcome));
    });
  }

  void on_range(Outcome outcome) {
    if (!outcome.ok()) {
      fail(std::move(outcome.error()));
      return;
    }
    stored_.requests += outcome->requests;
    if (digest_.finish_sha256() != proof_.ranges[next_].sha256) {
      fail(not_what_was_sent(proof_.key, "its bytes are others"));
      return;
    }
    ++next_;
    next_range();
  }

  void succeed() {
    stored_.confirmed = true;
    std::exchange(done_, nullptr)(std::move(stored_));
  }

  void fail(StoreError error) {
    error.requests += stored_.requests;
    std::exchange(done_, nullptr)(std::move(error));
  }

  ObjectStore& store_;
  Proof proof_;
  Stored stored_;
  StoredCompletion done_;
  StreamDigest digest_;
  std::size_t next_ = 0;
};

}  // namespace

void confirm(const StoreContext& context, Proof proof, Stored stored, StoredCompletion done) {
  stored.object.key = proof.key;
  stored.object.size = proof.size;
  if (same_etag(stored.object.etag, proof.etag)) {
    stored.confirmed = true;
    done(std::move(stored));
    return;
  }
  std::make_shared<ReadBack>(context.store, std::move(proof), std::move(stored), std::move(done))
      ->run();
}

}  // namespace deployflow::store
