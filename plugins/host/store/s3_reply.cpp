#include "plugins/host/store/s3_reply.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/base/time.hpp"
#include "plugins/host/store/bucket_config_xml.hpp"
#include "plugins/host/store/s3_errors.hpp"
#include "plugins/host/store/s3_xml.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace deployflow::store {
namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> total;
};

// "bytes 0-99/1234" or "bytes 0-99/*".
std::optional<ContentRange> parse_content_range(std::string_view text) {
  if (text.substr(0, 6) != "bytes ") {
    return std::nullopt;
  }
  text.remove_prefix(6);
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) {
    return std::nullopt;
  }
  const auto first = number_of(text.substr(0, dash));
  const auto last = number_of(text.substr(dash + 1, slash - dash - 1));
  if (!first || !last || *last < *first) {
    return std::nullopt;
  }
  return ContentRange{*first, *last, number_of(text.substr(slash + 1))};
}

bool is_told(std::string_view name) {
  static constexpr std::array<std::string_view, 5> k_told{
      "cache-control", "content-disposition", "content-encoding", "content-language", "expires"};
  return name.substr(0, 6) == "x-amz-" ||
         std::find(k_told.begin(), k_told.end(), name) != k_told.end();
}

ObjectInfo described_object(std::string_view key, const HttpResponse& response) {
  ObjectInfo object;
  object.key = key;
  for (const auto& [name, value] : response.headers) {
    if (name == "etag") {
      object.etag = unquoted_etag(value);
    } else if (name == "content-type") {
      object.media_type = value;
    } else if (name == "content-length") {
      object.size = number_of(value).value_or(0);
    } else if (name == "last-modified") {
      const auto time = parse_time(value);
      object.modified = time ? time->time_since_epoch().count() : 0;
    } else if (is_told(name)) {
      object.headers.emplace_back(name, value);
    }
  }
  if (const std::string* range = response.header("content-range")) {
    if (const auto parsed = parse_content_range(*range); parsed && parsed->total) {
      object.size = *parsed->total;
    }
  }
  return object;
}

std::int64_t date_of(const HttpResponse& response) {
  const std::string* date = response.header("date");
  const auto time = date != nullptr ? parse_time(*date) : std::nullopt;
  return time ? time->time_since_epoch().count() : 0;
}

std::string etag_of(const HttpResponse& response) {
  const std::string* etag = response.header("etag");
  return etag != nullptr ? unquoted_etag(*etag) : std::string();
}

std::optional<std::string> foreign_key(const Reply& reply, const std::string& prefix) {
  for (const ObjectInfo& object : reply.objects) {
    if (object.key.compare(0, prefix.size(), prefix) != 0) {
      return fmt::format("it lists a key that was not asked for: {}",
                         printable(object.key.substr(0, 200)));
    }
  }
  return std::nullopt;
}

// Keys must carry the asked prefix, and the page must lie behind the one before.
std::optional<std::string> listing_fault(const ListPage& op, Reply& reply) {
  if (auto fault = foreign_key(reply, op.prefix)) {
    return fault;
  }
  if (reply.truncated && reply.objects.empty() && reply.next_token.empty()) {
    return "it says that there is more and gives no way on";
  }
  if (!op.token.empty() && reply.truncated && reply.next_token == op.token) {
    reply.next_token.clear();  // the caller goes on behind the last key
  }
  return std::nullopt;
}

using Parser = Result<Reply> (*)(std::string_view);

Parser parser_of(const Operation& operation) {
  return std::visit(
      []<class T>(const T&) -> Parser {
        if constexpr (std::is_same_v<T, ListPage>) {
          return &parse_list_xml;
        } else if constexpr (std::is_same_v<T, DeleteMany>) {
          return &parse_delete_many_xml;
        } else if constexpr (std::is_same_v<T, Copy>) {
          return &parse_copy_xml;
        } else if constexpr (std::is_same_v<T, CopyPart>) {
          return &parse_copy_part_xml;
        } else if constexpr (std::is_same_v<T, GetTags>) {
          return &parse_tags_xml;
        } else if constexpr (std::is_same_v<T, CreateUpload>) {
          return &parse_create_upload_xml;
        } else if constexpr (std::is_same_v<T, CompleteUpload>) {
          return &parse_complete_upload_xml;
        } else if constexpr (std::is_same_v<T, ListParts>) {
          return &parse_list_parts_xml;
        } else if constexpr (std::is_same_v<T, ListUploads>) {
          return &parse_list_uploads_xml;
        } else if constexpr (std::is_same_v<T, ListVersions>) {
          return &parse_list_versions_xml;
        } else {
          return nullptr;
        }
      },
      operation);
}

Outcome from_xml(const Operation& operation, Result<Reply> parsed, const HttpResponse& response) {
  if (!parsed.ok()) {
    StoreError error = unusable_answer(operation, parsed.error().message);
    if (std::holds_alternative<ListVersions>(operation) && is_list_xml(response.body)) {
      error.code_text = "NotImplemented";  // it does not know the question, and answered another
      error.transient = false;
    }
    return error;
  }
  Reply reply = std::move(*parsed);
  if (reply.object.key.empty()) {
    reply.object.key = operation_key(operation);
  }
  if (const auto* part = std::get_if<CopyPart>(&operation)) {
    reply.parts.front().number = part->number;
    reply.parts.front().size = part->size;
  }
  if (const auto* list = std::get_if<ListPage>(&operation)) {
    if (const auto fault = listing_fault(*list, reply)) {
      StoreError error = unusable_answer(operation, *fault);
      error.transient = false;
      return error;
    }
  }
  if (const auto* list = std::get_if<ListVersions>(&operation)) {
    if (const auto fault = foreign_key(reply, list->prefix)) {
      StoreError error = unusable_answer(operation, *fault);
      error.transient = false;
      return error;
    }
  }
  return reply;
}

Outcome from_get(const Operation& operation, const Get& get, HttpResponse response) {
  if (auto checked = check_range(get, response); !checked.ok()) {
    return unusable_answer(operation, checked.error().message);
  }
  Reply reply;
  reply.object = described_object(get.key, response);
  reply.object.answered = date_of(response);
  if (!get.sink && response.header("content-length") == nullptr &&
      response.header("content-range") == nullptr) {
    reply.object.size = response.body.size();
  }
  reply.body = std::move(response.body);
  return reply;
}

}  // namespace

Result<void> check_range(const Get& get, const HttpResponse& response) {
  if (get.offset == 0 && !get.count) {
    return {};
  }
  const std::string* text = response.header("content-range");
  const auto range = text != nullptr ? parse_content_range(*text) : std::nullopt;
  if (response.status != 206 || !range) {
    if (response.status == 200 && get.offset == 0) {
      const std::string* length = response.header("content-length");
      if (length != nullptr && number_of(*length) && *number_of(*length) <= *get.count) {
        return {};  // the whole object, and it is no more than was asked for
      }
    }
    return Error{Errc::remote, "the store ignores ranges"};
  }
  const bool too_far = get.count && range->last > get.offset + *get.count - 1;
  const bool too_short = get.count && range->total && range->last + 1 < *range->total &&
                         range->last < get.offset + *get.count - 1;
  if (range->first != get.offset || too_far || too_short) {
    return Error{Errc::remote, fmt::format("the store sent another range: {}", printable(*text))};
  }
  return {};
}

Outcome to_reply(const Operation& operation,
                 HttpResponse response,
                 std::string_view bucket,
                 std::string_view endpoint) {
  const auto* get = std::get_if<Get>(&operation);
  if (get != nullptr) {
    return from_get(operation, *get, std::move(response));
  }
  // As what was asked for first: a listing is large, and seldom an error instead.
  std::optional<Result<Reply>> parsed;
  if (const Parser parse = parser_of(operation)) {
    parsed = parse(response.body);
  }
  if (!response.body.empty() && !(parsed && parsed->ok())) {
    if (auto text = parse_error_xml(response.body)) {
      StoreError error = to_store_error(operation, response, std::move(*text), bucket, endpoint);
      error.transient = error.transient || error.code_text.empty();
      return error;
    }
  }
  if (const auto* config = std::get_if<GetBucketConfig>(&operation)) {
    auto read = parse_bucket_config_xml(config->aspect, response.body);
    if (!read.ok()) {
      return unusable_answer(operation, read.error().message);
    }
    Reply reply;
    reply.config = std::move(*read);
    return reply;
  }
  if (parsed) {
    return from_xml(operation, std::move(*parsed), response);
  }
  Reply reply;
  if (std::holds_alternative<Head>(operation)) {
    reply.object = described_object(operation_key(operation), response);
    reply.object.answered = date_of(response);
  } else if (const auto* put = std::get_if<Put>(&operation)) {
    reply.object.key = put->key;
    reply.object.size = put->payload.size;
    reply.object.etag = etag_of(response);
    reply.object.answered = date_of(response);
  } else if (const auto* part = std::get_if<UploadPart>(&operation)) {
    UploadedPart uploaded{part->number, etag_of(response), part->payload.size};
    if (uploaded.etag.empty()) {
      return unusable_answer(operation, "the store gave the part no ETag");
    }
    reply.parts.push_back(std::move(uploaded));
  }
  return reply;
}

}  // namespace deployflow::store
