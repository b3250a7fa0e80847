#include "plugins/host/store/upload_parts.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/confirm.hpp"
#include "plugins/host/store/list_all.hpp"
#include "plugins/host/store/part_size.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace deployflow::store {
namespace {

// One upload; keeps itself alive through the completions that it waits for. The steps stand in
// order.
class PartsUpload : public std::enable_shared_from_this<PartsUpload> {
 public:
  PartsUpload(const StoreContext& context, PartsRequest request, StoredCompletion done)
      : context_(context),
        request_(std::move(request)),
        done_(std::move(done)),
        part_bytes_(part_size(request_.size)),
        parts_(part_count(request_.size)) {}

  void find_unfinished();

 private:
  using Listed = Result<void, StoreError>;
  struct Part {
    UploadedPart uploaded;
    Md5 md5{};
    Sha256 sha256{};
  };

  void list_uploads(std::function<void(const Listed&)> then);
  void choose_upload();
  void abort_strays(std::size_t next);
  void list_parts(std::uint32_t after);
  void on_parts_page(Outcome outcome);
  void create();
  void on_created(Outcome outcome);
  void abort_doubles();
  void abort_double(std::size_t next);
  void pump();
  void send_part(const PartRange& range, Result<Payload, StoreError> payload);
  void on_part(std::uint32_t number, Outcome outcome);
  void part_ended();
  void check_source();
  void complete();
  void on_completed(Outcome outcome);
  void look_whether_completed(StoreError error);
  [[nodiscard]] bool may_be_ours(const ObjectInfo& object) const;
  [[nodiscard]] std::string whole_etag() const;
  void prove(Stored stored);
  void compare_metadata(Stored stored);
  void start_afresh();
  void give_up(StoreError error);
  void finish(StoredOutcome outcome);

  template <class Method>
  Completion then(Method method) {
    return [self = shared_from_this(), method](Outcome outcome) {
      self->requests_ += outcome.ok() ? outcome->requests : outcome.error().requests;
      (self.get()->*method)(std::move(outcome));
    };
  }

  StoreContext context_;
  PartsRequest request_;
  StoredCompletion done_;
  std::uint64_t part_bytes_;
  std::vector<Part> parts_;
  std::vector<UnfinishedUpload> unfinished_;       // of this very key, newest first
  std::map<std::uint32_t, UploadedPart> present_;  // stored by the run that began the upload
  std::string upload_id_;
  bool resumed_ = false;
  bool afresh_ = false;  // do not continue anything
  std::size_t next_ = 0;
  std::size_t running_ = 0;
  std::optional<StoreError> failure_;
  std::optional<StoreError> refusal_;  // of a completion that may have been carried out before
  std::uint32_t requests_ = 0;
};

// Those of this very key, into unfinished_.
void PartsUpload::list_uploads(std::function<void(const Listed&)> then) {
  unfinished_.clear();
  list_all_uploads(
      context_.store,
      request_.key,
      [self = shared_from_this()](const std::vector<UnfinishedUpload>& page) {
        std::copy_if(
            page.begin(), page.end(), std::back_inserter(self->unfinished_), [&](const auto& u) {
              return u.key == self->request_.key;
            });
        return true;
      },
      std::move(then));
}

void PartsUpload::find_unfinished() {
  list_uploads([self = shared_from_this()](const Listed& listed) {
    if (!listed.ok() && self->context_.loop.cancelled()) {
      self->finish(listed.error());
      return;
    }
    self->choose_upload();  // a store that cannot list them gets a new upload
  });
}

void PartsUpload::choose_upload() {
  std::sort(unfinished_.begin(), unfinished_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.started, a.upload_id) > std::tie(b.started, b.upload_id);
  });
  abort_strays(afresh_ ? 0 : 1);
}

void PartsUpload::abort_strays(std::size_t next) {
  if (next < unfinished_.size()) {
    context_.store.submit(AbortUpload{request_.key, unfinished_[next].upload_id},
                          [self = shared_from_this(), next](const Outcome& outcome) {
                            self->requests_ += outcome.ok() ? outcome->requests : 1;
                            self->abort_strays(next + 1);
                          });
    return;
  }
  if (unfinished_.empty() || afresh_) {
    create();
    return;
  }
  upload_id_ = unfinished_.front().upload_id;
  resumed_ = true;
  list_parts(0);
}

void PartsUpload::list_parts(std::uint32_t after) {
  context_.store.submit(ListParts{request_.key, upload_id_, after},
                        then(&PartsUpload::on_parts_page));
}

void PartsUpload::on_parts_page(Outcome outcome) {
  if (!outcome.ok()) {
    if (outcome.error().code == Errc::not_found) {
      start_afresh();
    } else {
      give_up(std::move(outcome.error()));
    }
    return;
  }
  const std::uint32_t before = present_.empty() ? 0 : present_.rbegin()->first;
  for (UploadedPart& part : outcome->parts) {
    present_[part.number] = std::move(part);
  }
  const std::uint32_t last = present_.empty() ? 0 : present_.rbegin()->first;
  if (outcome->truncated && last > before) {
    list_parts(last);
    return;
  }
  pump();
}

void PartsUpload::create() {
  context_.store.submit(CreateUpload{request_.key, request_.media_type, request_.headers},
                        then(&PartsUpload::on_created));
}

void PartsUpload::on_created(Outcome outcome) {
  if (!outcome.ok()) {
    finish(std::move(outcome.error()));
    return;
  }
  upload_id_ = std::move(outcome->upload_id);
  if (outcome->requests > 1) {
    abort_doubles();
  } else {
    pump();
  }
}

// The answer to an earlier try may have been lost: then it began an upload that nobody knows of.
void PartsUpload::abort_doubles() {
  list_uploads([self = shared_from_this()](const Listed& /*a store that cannot lists none*/) {
    std::erase_if(self->unfinished_,
                  [&](const UnfinishedUpload& u) { return u.upload_id == self->upload_id_; });
    self->abort_double(0);
  });
}

void PartsUpload::abort_double(std::size_t next) {
  if (next == unfinished_.size()) {
    unfinished_.clear();
    pump();
    return;
  }
  context_.store.submit(AbortUpload{request_.key, unfinished_[next].upload_id},
                        [self = shared_from_this(), next](const Outcome& outcome) {
                          self->requests_ +=
                              outcome.ok() ? outcome->requests : outcome.error().requests;
                          self->abort_double(next + 1);
                        });
}

void PartsUpload::pump() {
  while (!failure_ && running_ < request_.at_once && next_ < parts_.size()) {
    const std::uint64_t offset = next_ * part_bytes_;
    const PartRange range{static_cast<std::uint32_t>(next_ + 1),
                          offset,
                          std::min(part_bytes_, request_.size - offset)};
    ++next_;
    ++running_;
    request_.source(range, [self = shared_from_this(), range](Result<Payload, StoreError> payload) {
      self->send_part(range, std::move(payload));
    });
  }
}

void PartsUpload::send_part(const PartRange& range, Result<Payload, StoreError> payload) {
  if (!payload.ok()) {
    failure_ = std::move(payload.error());
    part_ended();
    return;
  }
  Part& part = parts_[range.number - 1];
  part.md5 = payload->md5;
  part.sha256 = payload->sha256;
  const auto present = present_.find(range.number);
  if (present != present_.end() && present->second.size == range.size &&
      present->second.etag == to_hex(part.md5)) {
    part.uploaded = present->second;
    part_ended();
    return;
  }
  if (failure_) {
    part_ended();
    return;
  }
  context_.store.submit(UploadPart{request_.key, upload_id_, range.number, std::move(*payload)},
                        [self = shared_from_this(), number = range.number](Outcome outcome) {
                          self->requests_ +=
                              outcome.ok() ? outcome->requests : outcome.error().requests;
                          self->on_part(number, std::move(outcome));
                        });
}

void PartsUpload::on_part(std::uint32_t number, Outcome outcome) {
  if (!outcome.ok()) {
    failure_ = std::move(outcome.error());
  } else if (outcome->parts.empty()) {
    failure_ = StoreError{{Errc::internal, "an uploaded part without a description"}};
  } else {
    parts_[number - 1].uploaded = std::move(outcome->parts.front());
    parts_[number - 1].uploaded.number = number;
  }
  part_ended();
}

void PartsUpload::part_ended() {
  --running_;
  if (failure_) {
    if (running_ == 0) {
      if (resumed_ && failure_->code_text == "NoSuchUpload") {
        start_afresh();
      } else {
        give_up(std::move(*failure_));
      }
    }
    return;
  }
  if (next_ == parts_.size() && running_ == 0) {
    check_source();
    return;
  }
  pump();
}

void PartsUpload::check_source() {
  if (!request_.before_complete) {
    complete();
    return;
  }
  request_.before_complete([self = shared_from_this()](Result<void, StoreError> checked) {
    if (!checked.ok()) {
      self->give_up(std::move(checked.error()));
      return;
    }
    self->complete();
  });
}

void PartsUpload::complete() {
  CompleteUpload operation;
  operation.key = request_.key;
  operation.upload_id = upload_id_;
  operation.if_match = request_.if_match;
  operation.if_absent = request_.if_absent;
  for (const Part& part : parts_) {
    operation.parts.push_back(part.uploaded);
  }
  context_.store.submit(std::move(operation), then(&PartsUpload::on_completed));
}

void PartsUpload::on_completed(Outcome outcome) {
  if (outcome.ok()) {
    prove({std::move(outcome->object), false, 0});
    return;
  }
  StoreError& error = outcome.error();
  const bool is_gone = error.code_text == "NoSuchUpload";
  const bool may_be_ours = error.code == Errc::conflict && error.requests > 1;
  if (is_gone || may_be_ours) {
    look_whether_completed(std::move(error));
    return;
  }
  give_up(std::move(error));
}

// The answer to an earlier Complete may have been lost: then the object is there.
void PartsUpload::look_whether_completed(StoreError error) {
  context_.store.submit(
      Head{request_.key},
      [self = shared_from_this(), error = std::move(error)](Outcome outcome) mutable {
        self->requests_ += outcome.ok() ? outcome->requests : outcome.error().requests;
        if (outcome.ok() && self->may_be_ours(outcome->object)) {
          self->refusal_ = std::move(error);
          self->prove({std::move(outcome->object), false, 0});
          return;
        }
        self->give_up(std::move(error));
      });
}

// Where the parts' ETags are their MD5s, that of the whole follows from them. Elsewhere only its
// bytes tell.
bool PartsUpload::may_be_ours(const ObjectInfo& object) const {
  const bool follows_rules = std::all_of(parts_.begin(), parts_.end(), [](const Part& part) {
    return part.uploaded.etag == to_hex(part.md5);
  });
  return object.size == request_.size && (!follows_rules || object.etag == whole_etag());
}

std::string PartsUpload::whole_etag() const {
  std::vector<Md5> digests;
  for (const Part& part : parts_) {
    digests.push_back(part.md5);
  }
  return composite_etag(digests);
}

void PartsUpload::prove(Stored stored) {
  Proof proof;
  proof.key = request_.key;
  proof.size = request_.size;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    proof.ranges.push_back({i * part_bytes_, parts_[i].uploaded.size, parts_[i].sha256});
  }
  proof.etag = whole_etag();
  confirm(context_,
          std::move(proof),
          std::move(stored),
          [self = shared_from_this()](StoredOutcome outcome) {
            if (!outcome.ok()) {
              // Somebody else's object, where a condition was refused.
              const bool is_theirs = self->refusal_ && self->refusal_->code == Errc::conflict;
              self->finish(is_theirs ? std::move(*self->refusal_) : std::move(outcome.error()));
            } else if (self->resumed_) {
              self->compare_metadata(std::move(*outcome));
            } else {
              self->finish(std::move(outcome));
            }
          });
}

void PartsUpload::compare_metadata(Stored stored) {
  requests_ += stored.requests;
  stored.requests = 0;
  context_.store.submit(
      Head{request_.key},
      [self = shared_from_this(), stored = std::move(stored)](Outcome outcome) mutable {
        self->requests_ += outcome.ok() ? outcome->requests : outcome.error().requests;
        if (!outcome.ok()) {
          self->finish(std::move(outcome.error()));
          return;
        }
        const ObjectInfo& object = outcome->object;
        const auto is_there = [&](const Header& header) {
          return std::find(object.headers.begin(), object.headers.end(), header) !=
                 object.headers.end();
        };
        const auto& headers = self->request_.headers;
        const bool equal =
            (self->request_.media_type.empty() || object.media_type == self->request_.media_type) &&
            std::all_of(headers.begin(), headers.end(), is_there);
        if (equal) {
          self->finish(std::move(stored));
        } else {
          self->start_afresh();
        }
      });
}

void PartsUpload::start_afresh() {
  afresh_ = true;
  resumed_ = false;
  unfinished_.clear();
  present_.clear();
  upload_id_.clear();
  failure_.reset();
  next_ = 0;
  create();
}

void PartsUpload::give_up(StoreError error) {
  const bool may_pass =
      error.transient || error.code == Errc::network || error.code == Errc::cancelled;
  if (may_pass || context_.loop.cancelled() || upload_id_.empty()) {
    finish(std::move(error));
    return;
  }
  context_.store.submit(
      AbortUpload{request_.key, upload_id_},
      [self = shared_from_this(), error = std::move(error)](Outcome outcome) mutable {
        self->requests_ += outcome.ok() ? outcome->requests : outcome.error().requests;
        self->finish(std::move(error));
      });
}

void PartsUpload::finish(StoredOutcome outcome) {
  if (outcome.ok()) {
    outcome->requests += requests_;
  } else {
    outcome.error().requests = requests_;
  }
  request_.source = nullptr;  // may hold what holds us
  request_.before_complete = nullptr;
  std::exchange(done_, nullptr)(std::move(outcome));
}

}  // namespace

void upload_parts(const StoreContext& context, PartsRequest request, StoredCompletion done) {
  std::make_shared<PartsUpload>(context, std::move(request), std::move(done))->find_unfinished();
}

}  // namespace deployflow::store
