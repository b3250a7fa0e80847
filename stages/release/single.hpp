// One operation on a target, and its answer: for the few small documents of a release.

#pragma once

#include <deployflow/stage.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::release {

/// What came of it; its own copy of everything.
struct Answer {
  df_status status = DF_INTERNAL;
  int http_status = 0;
  std::string etag, error_code, message, hint;
  std::uint64_t size = 0;
  std::int64_t modified_s = 0, answered_s = 0;  // by the store's clock; 0 = not told
  std::string media_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // of a read
};

Answer answer_of(const df_op_result& result);

/// Condition of a write.
struct If {
  bool absent = false;
  std::string_view match = {};  // ETag; empty = any
};

/// The whole object. An object over `most` bytes is DF_FAILED.
Answer get(const Store& store,
           std::string_view target,
           std::string_view key,
           std::uint64_t most,
           std::uint32_t flags = 0);
/// The same into `sink`, a piece at a time; Answer::body stays empty. What `sink` throws is
/// DF_INTERNAL.
Answer get_pieces(const Store& store,
                  std::string_view target,
                  std::string_view key,
                  std::uint64_t most,
                  const std::function<void(std::string_view)>& sink);
/// What is there, without its bytes. `op_flags`: of df_op.
Answer head(const Store& store,
            std::string_view target,
            std::string_view key,
            std::uint32_t op_flags = 0);
/// A JSON document, never cached by whoever reads it in public.
Answer put_json(const Store& store,
                std::string_view target,
                std::string_view key,
                std::string_view text,
                If condition);
/// The same from a file.
Answer put_json_file(const Store& store,
                     std::string_view target,
                     std::string_view key,
                     std::string_view path,
                     If condition);
/// `flags`: of df_batch.
Answer remove(const Store& store,
              std::string_view target,
              std::string_view key,
              std::string_view if_match,
              std::uint32_t flags = 0);

/// The error finding for an answer that is none we can go on with: "<stage>/<code>", "what: why".
void report(Ctx ctx, std::string_view stage, std::string_view what, const Answer& answer);

}  // namespace deployflow::release
