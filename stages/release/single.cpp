#include "stages/release/single.hpp"

#include <functional>

namespace deployflow::release {
namespace {

/// The sink of a batch gets the batch's own user pointer, so a read is a batch of its own.
class OneRead {
 public:
  using Sink = std::function<void(std::string_view)>;

  OneRead(std::string_view target, std::string_view key, std::uint64_t most, const Sink& sink)
      : target_(target), key_(key), most_(most), sink_(sink) {}

  Answer run(const Store& store, std::uint32_t flags) {
    df_batch batch{};
    batch.struct_size = sizeof batch;
    batch.user = this;
    batch.flags = flags;
    batch.next = [](void* user, df_op* op) { return static_cast<OneRead*>(user)->fill(*op); };
    batch.done = [](void* user, const df_op_result* result) {
      static_cast<OneRead*>(user)->done(*result);
    };
    return finish(store.raw_batch(batch));
  }

 private:
  df_status fill(df_op& op) {
    if (given_) {
      return DF_NOT_FOUND;
    }
    given_ = true;
    op.kind = DF_OP_GET;
    op.target = cs(target_);
    op.key = cs(key_);
    op.sink = [](void* user, std::uint64_t, const std::uint8_t* bytes, std::uint64_t count) {
      return static_cast<OneRead*>(user)->take(bytes, count);
    };
    return DF_OK;
  }
  df_status take(const std::uint8_t* bytes, std::uint64_t count) noexcept {
    try {
      read_ += count;
      is_too_large_ = read_ > most_;
      if (is_too_large_) {
        return DF_FAILED;
      }
      sink_({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count)});
      return DF_OK;
    } catch (...) {
      return DF_INTERNAL;
    }
  }
  void done(const df_op_result& result) noexcept {
    try {
      answer_ = answer_of(result);
    } catch (...) {
      answer_.status = DF_INTERNAL;
    }
  }
  Answer finish(df_status batch) {
    if (batch == DF_CANCELLED || answer_.status == DF_CANCELLED) {
      throw Cancelled{};
    }
    if (is_too_large_) {
      answer_.status = DF_FAILED;
      answer_.message = "it is over " + std::to_string(most_) + " bytes";
    }
    return std::move(answer_);
  }

  std::string_view target_, key_;
  std::uint64_t most_, read_ = 0;
  const Sink& sink_;
  bool given_ = false, is_too_large_ = false;
  Answer answer_;
};

/// A farewell that an interruption cuts off is given once more: then it is known to be one.
template <class Ask>
Answer also_after_interruption(std::uint32_t flags, const Ask& ask) {
  try {
    return ask();
  } catch (const Cancelled&) {
    if ((flags & DF_BATCH_FAREWELL) == 0) {
      throw;
    }
  }
  return ask();
}

Answer ask_once(const Store& store, const std::function<void(df_op&)>& fill, std::uint32_t flags) {
  bool given = false;
  Answer answer;
  store.batch(
      [&](df_op& op) -> df_status {
        if (given) {
          return DF_NOT_FOUND;
        }
        given = true;
        fill(op);
        return DF_OK;
      },
      [&](const df_op_result& result) { answer = answer_of(result); },
      flags);
  if (answer.status == DF_CANCELLED) {
    throw Cancelled{};
  }
  return answer;
}

Answer run_one(const Store& store, const std::function<void(df_op&)>& fill, std::uint32_t flags) {
  return also_after_interruption(flags, [&] { return ask_once(store, fill, flags); });
}

constexpr std::string_view k_json = "application/json";
const df_header k_never_cached = {cs("cache-control"), cs("no-store")};

Answer put(const Store& store,
           std::string_view target,
           std::string_view key,
           If condition,
           const std::function<void(df_op&)>& source) {
  return run_one(
      store,
      [&](df_op& op) {
        op.kind = DF_OP_PUT;
        op.target = cs(target);
        op.key = cs(key);
        op.media_type = cs(k_json);
        op.headers = &k_never_cached;
        op.header_count = 1;
        op.if_absent = condition.absent ? 1 : 0;
        op.if_match = condition.match.empty() ? df_str{} : cs(condition.match);
        source(op);
      },
      0);
}

}  // namespace

Answer answer_of(const df_op_result& result) {
  Answer answer;
  answer.status = result.status;
  answer.http_status = result.http_status;
  answer.error_code = sv(result.error_code);
  answer.message = sv(result.message);
  answer.hint = sv(result.hint);
  answer.etag = sv(result.object.etag);
  answer.size = result.object.size;
  answer.modified_s = result.object.mtime_s;
  answer.answered_s = result.object.answered_s;
  answer.media_type = sv(result.object.media_type);
  for (std::uint64_t i = 0; i < result.object.header_count; ++i) {
    answer.headers.emplace_back(sv(result.object.headers[i].name),
                                sv(result.object.headers[i].value));
  }
  return answer;
}

Answer get(const Store& store,
           std::string_view target,
           std::string_view key,
           std::uint64_t most,
           std::uint32_t flags) {
  return also_after_interruption(flags, [&] {
    std::string body;
    const OneRead::Sink sink = [&](std::string_view piece) { body += piece; };
    Answer answer = OneRead(target, key, most, sink).run(store, flags);
    answer.body = std::move(body);
    return answer;
  });
}

Answer get_pieces(const Store& store,
                  std::string_view target,
                  std::string_view key,
                  std::uint64_t most,
                  const std::function<void(std::string_view)>& sink) {
  return OneRead(target, key, most, sink).run(store, 0);
}

Answer head(const Store& store,
            std::string_view target,
            std::string_view key,
            std::uint32_t op_flags) {
  return run_one(
      store,
      [&](df_op& op) {
        op.kind = DF_OP_HEAD;
        op.target = cs(target);
        op.key = cs(key);
        op.flags = op_flags;
      },
      0);
}

Answer put_json(const Store& store,
                std::string_view target,
                std::string_view key,
                std::string_view text,
                If condition) {
  return put(store, target, key, condition, [&](df_op& op) { op.bytes = cs(text); });
}

Answer put_json_file(const Store& store,
                     std::string_view target,
                     std::string_view key,
                     std::string_view path,
                     If condition) {
  return put(store, target, key, condition, [&](df_op& op) { op.path = cs(path); });
}

Answer remove(const Store& store,
              std::string_view target,
              std::string_view key,
              std::string_view if_match,
              std::uint32_t flags) {
  return run_one(
      store,
      [&](df_op& op) {
        op.kind = DF_OP_DELETE;
        op.target = cs(target);
        op.key = cs(key);
        op.if_match = if_match.empty() ? df_str{} : cs(if_match);
      },
      flags);
}

void report(Ctx ctx, std::string_view stage, std::string_view what, const Answer& answer) {
  const std::string code = !answer.error_code.empty()      ? answer.error_code
                           : answer.status == DF_DENIED    ? "denied"
                           : answer.status == DF_CONFLICT  ? "conflict"
                           : answer.status == DF_NOT_FOUND ? "not-found"
                           : answer.status == DF_TIMEOUT   ? "timeout"
                                                           : "io";
  ctx.error(std::string(stage) + "/" + code,
            std::string(what) + ": " + (answer.message.empty() ? "no answer" : answer.message))
      .hint(answer.hint);
}

}  // namespace deployflow::release
