#include "plugins/host/store/transfer.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/ascii.hpp"
#include "plugins/host/store/confirm.hpp"
#include "plugins/host/store/fetch_range.hpp"
#include "plugins/host/store/part_size.hpp"
#include "plugins/host/store/upload_parts.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <utility>

namespace deployflow::store {
namespace {

// "gzip, aws-chunked" -> "gzip": the framing of an upload is none of the object's (rclone does the
// same).
std::string without_aws_chunked(std::string_view value) {
  std::string out;
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    std::string_view token = value.substr(0, comma);
    value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
    token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
    token = token.substr(0, token.find_last_not_of(' ') + 1);
    if (!token.empty() && token != "aws-chunked") {
      out.append(out.empty() ? "" : ", ").append(token);
    }
  }
  return out;
}

// With KMS or a customer's key an ETag of 32 digits is no MD5.
bool has_plain_md5(const ObjectInfo& object) {
  return is_md5_etag(object.etag) &&
         std::none_of(object.headers.begin(), object.headers.end(), [](const Header& header) {
           return header.first == "x-amz-server-side-encryption-customer-algorithm" ||
                  (header.first == "x-amz-server-side-encryption" && header.second != "AES256");
         });
}

StoreError plain_error(Errc code, std::string message) {
  StoreError error;
  error.code = code;
  error.message = std::move(message);
  error.requests = 0;
  return error;
}

class Transfer : public std::enable_shared_from_this<Transfer> {
 public:
  Transfer(ObjectStore& from,
           const StoreContext& to,
           TransferRequest request,
           StoredCompletion done)
      : from_(from), to_(to), request_(std::move(request)), done_(std::move(done)) {}

  void run();

 private:
  void copy_or_stream();
  void on_copied(StoredOutcome outcome);
  void stream();
  void fetch_whole();
  void on_whole(Result<Fetched, StoreError> fetched);
  [[nodiscard]] std::vector<Header> headers() const;
  [[nodiscard]] const std::string& media_type() const {
    return request_.replace ? request_.replace->first : source_.media_type;
  }
  void put(Fetched fetched);
  void on_head(Outcome outcome);
  void send_parts();
  void fetch_part(const PartRange& range, PartsRequest::PayloadCompletion done);
  Result<void, StoreError> check_whole();
  bool is_doubtful(const std::string& made);
  void end(StoredOutcome outcome);

  ObjectStore& from_;
  StoreContext to_;
  TransferRequest request_;
  StoredCompletion done_;
  ObjectInfo source_;
  std::shared_ptr<StreamDigest> whole_digest_;  // of a large source whose ETag is an MD5
  std::vector<Md5> part_md5s_;                  // of one in parts, cut as ours are
  std::string doubted_;                         // ETag of a reading that the source's did not fit
  bool again_ = false;
  std::uint32_t requests_ = 0;
};

void Transfer::run() {
  if (to_.loop.cancelled()) {
    end(plain_error(Errc::cancelled, fmt::format("{}: interrupted", printable(request_.key))));
    return;
  }
  const bool may_be_copied =
      request_.server_side && !request_.server_side->habits->never && !again_;
  if (request_.size <= k_single_put_bytes && !may_be_copied) {
    fetch_whole();
    return;
  }
  from_.submit(Head{request_.from_key, request_.from_version},
               [self = shared_from_this()](Outcome outcome) { self->on_head(std::move(outcome)); });
}

void Transfer::fetch_whole() {
  RangeRequest fetch;
  fetch.key = request_.from_key;
  fetch.version = request_.from_version;
  fetch.if_match = request_.etag;
  fetch.size = request_.size;
  fetch.whole = true;
  fetch.temporary_folder = request_.temporary_folder;
  fetch_range(from_, to_, std::move(fetch), [self = shared_from_this()](auto fetched) {
    self->on_whole(std::move(fetched));
  });
}

// Does the ETag that follows from the bytes that came, differ from the one that came with them? Two
// readings that agree with each other and not with it mean that the store makes its ETags up,
// unless it is known to do no such thing: then its bytes have rotted.
bool Transfer::is_doubtful(const std::string& made) {
  if (made == to_lower(source_.etag)) {
    return false;
  }
  const bool is_proven = source_.etag_is_md5 && has_plain_md5(source_);
  if (doubted_ == made && !is_proven) {
    return false;
  }
  doubted_ = made;
  return true;
}

void Transfer::on_whole(Result<Fetched, StoreError> fetched) {
  requests_ += fetched.ok() ? fetched->requests : fetched.error().requests;
  if (!fetched.ok()) {
    end(std::move(fetched.error()));
    return;
  }
  source_ = fetched->object;
  const bool is_second = !doubted_.empty();
  if (has_plain_md5(source_) && is_doubtful(to_hex(fetched->payload.md5))) {
    if (!is_second) {
      fetch_whole();
      return;
    }
    StoreError error = plain_error(Errc::remote,
                                   fmt::format("{}: the bytes do not fit the source's checksum",
                                               printable(request_.from_key)));
    error.hint = "the source's copy is damaged, or the way to it: upload the file there again";
    end(std::move(error));
    return;
  }
  put(std::move(*fetched));
}

std::vector<Header> Transfer::headers() const {
  if (request_.replace) {
    return request_.replace->second;
  }
  std::vector<Header> out = carried_headers(source_.headers);
  for (const Header& extra : request_.extra_headers) {
    std::erase_if(out, [&](const Header& carried) { return carried.first == extra.first; });
    out.push_back(extra);
  }
  return out;
}

void Transfer::put(Fetched fetched) {
  Put operation;
  operation.key = request_.key;
  operation.payload = std::move(fetched.payload);
  operation.media_type = media_type();
  operation.headers = headers();
  Proof proof;
  proof.key = request_.key;
  proof.size = operation.payload.size;
  proof.etag = to_hex(operation.payload.md5);
  proof.ranges = {{0, operation.payload.size, operation.payload.sha256}};
  to_.store.submit(std::move(operation),
                   [self = shared_from_this(), proof = std::move(proof)](Outcome outcome) mutable {
                     self->requests_ += outcome.ok() ? outcome->requests : outcome.error().requests;
                     if (!outcome.ok()) {
                       self->end(std::move(outcome.error()));
                       return;
                     }
                     confirm(self->to_,
                             std::move(proof),
                             {std::move(outcome->object), false, 0},
                             [self](StoredOutcome stored) { self->end(std::move(stored)); });
                   });
}

void Transfer::on_head(Outcome outcome) {
  requests_ += outcome.ok() ? outcome->requests : outcome.error().requests;
  if (!outcome.ok()) {
    end(std::move(outcome.error()));
    return;
  }
  source_ = std::move(outcome->object);
  if (source_.size != request_.size || (!request_.etag.empty() && source_.etag != request_.etag)) {
    end(plain_error(
        Errc::conflict,
        fmt::format("{}: the source changed since it was listed", printable(request_.from_key))));
    return;
  }
  copy_or_stream();
}

void Transfer::copy_or_stream() {
  if (!request_.server_side || again_ || !may_copy(*request_.server_side, source_)) {
    stream();
    return;
  }
  server_copy(
      to_,
      {*request_.server_side, source_, request_.key, media_type(), headers()},
      [self = shared_from_this()](StoredOutcome outcome) { self->on_copied(std::move(outcome)); });
}

// Whatever kept the store from it, the stream finds out for sure.
void Transfer::on_copied(StoredOutcome outcome) {
  if (outcome.ok()) {
    end(std::move(outcome));
    return;
  }
  if (outcome.error().code == Errc::cancelled) {
    end(std::move(outcome));
    return;
  }
  requests_ += outcome.error().requests;
  stream();
}

void Transfer::stream() {
  if (request_.size <= k_single_put_bytes) {
    fetch_whole();
  } else {
    send_parts();
  }
}

void Transfer::send_parts() {
  PartsRequest parts;
  parts.key = request_.key;
  parts.size = request_.size;
  parts.media_type = media_type();
  parts.headers = headers();
  part_md5s_.clear();
  if (may_have_our_parts(source_.etag, source_.size)) {
    part_md5s_.resize(part_count(source_.size));
  } else if (has_plain_md5(source_)) {
    // One digest over all parts needs them in order: slower, and proven.
    whole_digest_ = std::make_shared<StreamDigest>();
    parts.at_once = 1;
  }
  parts.source = [self = shared_from_this()](const PartRange& range,
                                             PartsRequest::PayloadCompletion done) {
    self->fetch_part(range, std::move(done));
  };
  parts.before_complete =
      [self = shared_from_this()](const std::function<void(Result<void, StoreError>)>& done) {
        done(self->check_whole());
      };
  upload_parts(to_, std::move(parts), [self = shared_from_this()](StoredOutcome outcome) {
    self->end(std::move(outcome));
  });
}

void Transfer::fetch_part(const PartRange& range, PartsRequest::PayloadCompletion done) {
  if (range.number == 1 && whole_digest_ != nullptr) {
    whole_digest_ = std::make_shared<StreamDigest>();  // also when the upload starts afresh
  }
  RangeRequest fetch;
  fetch.key = request_.from_key;
  fetch.version = request_.from_version;
  fetch.if_match = source_.etag;
  fetch.offset = range.offset;
  fetch.size = range.size;
  fetch.temporary_folder = request_.temporary_folder;
  fetch.whole_digest = whole_digest_;
  fetch_range(
      from_,
      to_,
      std::move(fetch),
      [self = shared_from_this(), number = range.number, done = std::move(done)](auto fetched) {
        if (!fetched.ok()) {
          done(std::move(fetched.error()));
          return;
        }
        self->requests_ += fetched->requests;
        if (!self->part_md5s_.empty()) {
          self->part_md5s_[number - 1] = fetched->payload.md5;
        }
        done(std::move(fetched->payload));
      });
}

Result<void, StoreError> Transfer::check_whole() {
  const std::string made = whole_digest_ != nullptr ? to_hex(whole_digest_->finish_md5())
                           : !part_md5s_.empty()    ? composite_etag(part_md5s_)
                                                    : to_lower(source_.etag);
  if (!is_doubtful(made)) {
    return {};
  }
  // Transient, so the parts stay and a second reading need not send them again.
  StoreError error = plain_error(
      Errc::remote,
      fmt::format("{}: the bytes do not fit the source's checksum", printable(request_.from_key)));
  error.transient = true;
  return error;
}

void Transfer::end(StoredOutcome outcome) {
  const bool is_mismatch = !outcome.ok() && outcome.error().transient &&
                           outcome.error().code == Errc::remote && outcome.error().http_status == 0;
  if (is_mismatch && !again_) {
    again_ = true;
    requests_ += outcome.error().requests;
    run();
    return;
  }
  if (outcome.ok()) {
    outcome->requests += requests_;
  } else {
    outcome.error().requests = std::max(outcome.error().requests, requests_);
  }
  std::exchange(done_, nullptr)(std::move(outcome));
}

}  // namespace

std::vector<Header> carried_headers(const std::vector<Header>& source) {
  static constexpr std::array<std::string_view, 5> k_carried{"cache-control",
                                                             "content-disposition",
                                                             "content-language",
                                                             "expires",
                                                             "x-amz-website-redirect-location"};
  std::vector<Header> out;
  for (const auto& [name, value] : source) {
    if (name == "content-encoding") {
      if (std::string rest = without_aws_chunked(value); !rest.empty()) {
        out.emplace_back(name, std::move(rest));
      }
    } else if (name.compare(0, 11, "x-amz-meta-") == 0 ||
               std::find(k_carried.begin(), k_carried.end(), name) != k_carried.end()) {
      out.emplace_back(name, value);
    }
  }
  return out;
}

void transfer(ObjectStore& from,
              const StoreContext& to,
              TransferRequest request,
              StoredCompletion done) {
  auto flow = std::make_shared<Transfer>(from, to, std::move(request), std::move(done));
  to.loop.post([flow] { flow->run(); });
}

}  // namespace deployflow::store
