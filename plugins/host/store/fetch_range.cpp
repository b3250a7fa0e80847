#include "plugins/host/store/fetch_range.hpp"

#include "plugins/host/base/text.hpp"

#include <errno.h>
#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::uint64_t k_in_memory = 8U << 20;
constexpr std::uint32_t k_most_readings = 3;  // of one piece that comes too short
constexpr std::uint64_t k_piece = 4U
                                  << 20;  // of a larger range: fetched, hashed and written in turn

StoreError failure(Errc code, std::string message) {
  StoreError error;
  error.code = code;
  error.message = std::move(message);
  error.requests = 0;
  return error;
}

// A file that no name leads to: gone with its descriptor, even if we are killed.
Result<std::shared_ptr<const OpenFile>> make_unlinked_file(const std::string& folder) {
  int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {  // not every file system has O_TMPFILE
    std::string path = folder + "/deployflow-XXXXXX";
    fd = ::mkostemp(path.data(), O_CLOEXEC);
    if (fd >= 0) {
      ::unlink(path.c_str());
    }
  }
  if (fd < 0) {
    return Error{Errc::input,
                 fmt::format("{}: no temporary file can be made: {}", folder, errno_text(errno)),
                 "set TMPDIR to a folder with room"};
  }
  OpenFile file;
  file.fd = Fd(fd);
  return std::shared_ptr<const OpenFile>(std::make_shared<OpenFile>(std::move(file)));
}

Result<void> write_all(const OpenFile& file, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote =
        ::pwrite(file.fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) {
      continue;
    }
    if (wrote <= 0) {
      return Error{Errc::input,
                   fmt::format("temporary file: {}", errno_text(errno)),
                   "set TMPDIR to a folder with room"};
    }
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    offset += static_cast<std::uint64_t>(wrote);
  }
  return {};
}

class Fetch : public std::enable_shared_from_this<Fetch> {
 public:
  Fetch(ObjectStore& from, const StoreContext& context, RangeRequest request, FetchCompletion done)
      : from_(from),
        context_(context),
        request_(std::move(request)),
        done_(std::move(done)),
        in_memory_(request_.size <= k_in_memory) {}

  void run();

 private:
  void get_piece();
  void on_piece(Outcome outcome);
  void on_wrong_size(const Reply& reply, std::uint64_t wanted);
  void work(std::string bytes);
  void end_piece(const Result<void>& worked);
  void finish(StoreError error);

  ObjectStore& from_;
  StoreContext context_;
  RangeRequest request_;
  FetchCompletion done_;
  bool in_memory_;
  std::uint64_t charged_ = 0;
  std::uint64_t received_ = 0;
  std::uint32_t readings_ = 0;  // of the piece that is due
  StreamDigest digest_;
  std::shared_ptr<const OpenFile> file_;
  Fetched fetched_;
};

void Fetch::run() {
  if (!in_memory_) {
    auto file = make_unlinked_file(request_.temporary_folder);
    if (!file.ok()) {
      finish(failure(file.error().code, file.error().message));
      return;
    }
    file_ = std::move(*file);
  }
  charged_ = in_memory_ ? request_.size + 1024 : k_piece;
  context_.budget.acquire(charged_, [self = shared_from_this()] { self->get_piece(); });
}

void Fetch::get_piece() {
  Get get;
  get.key = request_.key;
  get.version = request_.version;
  get.if_match = request_.if_match;
  if (!request_.whole || !in_memory_) {
    get.offset = request_.offset + received_;
    get.count = in_memory_ ? request_.size : std::min(k_piece, request_.size - received_);
  }
  from_.submit(std::move(get), [self = shared_from_this()](Outcome outcome) {
    self->on_piece(std::move(outcome));
  });
}

void Fetch::on_piece(Outcome outcome) {
  fetched_.requests += outcome.ok() ? outcome->requests : outcome.error().requests;
  if (!outcome.ok()) {
    finish(std::move(outcome.error()));
    return;
  }
  const std::uint64_t wanted =
      in_memory_ ? request_.size : std::min(k_piece, request_.size - received_);
  if (outcome->body.size() != wanted) {
    on_wrong_size(*outcome, wanted);
    return;
  }
  readings_ = 0;
  if (request_.if_match.empty()) {
    request_.if_match = outcome->object.etag;  // the rest must be of the same object
  }
  fetched_.object = std::move(outcome->object);
  context_.pool.submit([self = shared_from_this(), bytes = std::move(outcome->body)]() mutable {
    self->work(std::move(bytes));
  });
}

// Without a Content-Length an answer that broke off looks like a whole one. Of the version that was
// asked for it can be nothing else, unless the listing lied.
void Fetch::on_wrong_size(const Reply& reply, std::uint64_t wanted) {
  const bool is_version = !request_.if_match.empty() && reply.object.etag == request_.if_match;
  if (is_version && ++readings_ < k_most_readings) {
    get_piece();
    return;
  }
  finish(failure(
      is_version ? Errc::remote : Errc::conflict,
      fmt::format("{}: the source has another size than was listed: {} bytes came and not {}",
                  printable(request_.key),
                  reply.body.size(),
                  wanted)));
}

void Fetch::work(std::string bytes) {
  received_ += bytes.size();
  if (request_.whole_digest != nullptr) {
    request_.whole_digest->update(bytes);
  }
  Result<void> worked;
  if (in_memory_) {
    fetched_.payload = make_payload(std::move(bytes));
    charge(fetched_.payload, context_.budget, context_.loop, charged_);
  } else {
    digest_.update(bytes);
    worked = write_all(*file_, received_ - bytes.size(), bytes);
  }
  context_.loop.post(
      [self = shared_from_this(), worked = std::move(worked)] { self->end_piece(worked); });
}

void Fetch::end_piece(const Result<void>& worked) {
  if (in_memory_) {
    std::exchange(done_, nullptr)(std::move(fetched_));
    return;
  }
  if (!worked.ok()) {
    StoreError error = failure(worked.error().code, worked.error().message);
    error.hint = worked.error().hint;
    finish(std::move(error));
    return;
  }
  if (received_ < request_.size) {
    get_piece();
    return;
  }
  context_.budget.release(charged_);
  Payload& payload = fetched_.payload;
  payload.file = std::move(file_);
  payload.path = "temporary file";
  payload.size = request_.size;
  payload.sha256 = digest_.finish_sha256();
  payload.md5 = digest_.finish_md5();
  std::exchange(done_, nullptr)(std::move(fetched_));
}

void Fetch::finish(StoreError error) {
  if (charged_ > 0) {
    context_.budget.release(charged_);
  }
  error.requests = std::max(error.requests, fetched_.requests);
  std::exchange(done_, nullptr)(std::move(error));
}

}  // namespace

void fetch_range(ObjectStore& from,
                 const StoreContext& context,
                 RangeRequest request,
                 FetchCompletion done) {
  std::make_shared<Fetch>(from, context, std::move(request), std::move(done))->run();
}

void charge(Payload& payload, ByteBudget& budget, Loop& on, std::uint64_t bytes) {
  auto held = std::move(payload.bytes);
  const std::string* const text = held.get();
  payload.bytes = std::shared_ptr<const std::string>(
      text, [held = std::move(held), &budget, &on, bytes](const std::string*) mutable {
        held.reset();
        on.post([&budget, bytes] { budget.release(bytes); });
      });
}

}  // namespace deployflow::store
