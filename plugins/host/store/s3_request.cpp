#include "plugins/host/store/s3_request.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/bucket_config_xml.hpp"
#include "plugins/host/store/s3_xml.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

namespace deployflow::store {
namespace {

constexpr std::uint64_t k_max_xml = 8U << 20;   // 1,000 keys of 1,024 bytes, encoded, are 4 MB
constexpr std::uint64_t k_max_get = 64U << 20;  // a body without sink
// Joining thousands of parts, copying gigabytes, or deleting a thousand objects one after the other
// (Swift) moves no byte for a while.
constexpr std::chrono::milliseconds k_long_work{120'000};

bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

bool is_ours(std::string_view name) {
  static constexpr std::array<std::string_view, 10> k_ours{"host",
                                                           "content-length",
                                                           "content-md5",
                                                           "content-type",
                                                           "authorization",
                                                           "transfer-encoding",
                                                           "expect",
                                                           "connection",
                                                           "x-amz-date",
                                                           "x-amz-content-sha256"};
  return std::find(k_ours.begin(), k_ours.end(), name) != k_ours.end();
}

bool has_control(std::string_view value) {
  return std::any_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

// A line break in a value would be a header of the attacker's choice.
Result<void> check_header(std::string_view name, std::string_view value) {
  if (!is_token(name) || is_ours(name)) {
    return Error{Errc::config, fmt::format("the header {} cannot be set", printable(name))};
  }
  if (has_control(value)) {
    return Error{Errc::config, fmt::format("the header {} has a control character", name)};
  }
  return {};
}

// One function per operation fills `out`.
class Builder {
 public:
  Builder(S3Request& out, const S3RequestContext& context) : out_(out), context_(context) {}

  Result<void> operator()(const ListPage& op) {
    out_.method = "GET";
    out_.max_body = k_max_xml;
    out_.query = {{"max-keys", std::to_string(op.max_keys)}, {"prefix", op.prefix}};
    if (context_.wire.list_keys == ListKeys::encoded) {
      out_.query.emplace_back("encoding-type", "url");
    }
    const bool v2 = context_.wire.list == ListVersion::v2;
    if (v2) {
      out_.query.emplace_back("list-type", "2");
    }
    if (v2 && !op.token.empty()) {
      out_.query.emplace_back("continuation-token", op.token);
    } else if (const std::string& after = op.token.empty() ? op.start_after : op.token;
               !after.empty()) {
      out_.query.emplace_back(v2 ? "start-after" : "marker", after);
    }
    return {};
  }

  Result<void> operator()(const Head& op) {
    TRY(object("HEAD", op.key));
    version(op.version);
    add_settings(&ObjectHeaders::on_access);
    return {};
  }

  Result<void> operator()(const Get& op) {
    TRY(object("GET", op.key));
    version(op.version);
    add_settings(&ObjectHeaders::on_access);
    out_.max_body = k_max_get;
    if (op.count == 0U) {
      return Error{Errc::internal, "a range of no bytes was asked for"};
    }
    if (op.count) {
      out_.signed_headers.emplace_back(
          "range", fmt::format("bytes={}-{}", op.offset, op.offset + *op.count - 1));
    } else if (op.offset > 0) {
      out_.signed_headers.emplace_back("range", fmt::format("bytes={}-", op.offset));
    }
    return if_match(op.if_match);
  }

  Result<void> operator()(const Put& op) {
    TRY(object("PUT", op.key));
    TRY(describe(op.media_type, op.headers));
    add_settings(&ObjectHeaders::on_write);
    body(op.payload);
    return conditions(op.if_match, op.if_absent);
  }

  Result<void> operator()(const Delete& op) {
    TRY(object("DELETE", op.key));
    return write_if_match(op.if_match);
  }

  Result<void> operator()(const DeleteMany& op) {
    out_.method = "POST";
    out_.query = {{"delete", ""}};
    out_.patience = k_long_work;
    out_.max_body = k_max_xml;
    xml(make_delete_many_xml(op.keys));
    return {};
  }

  Result<void> operator()(const Copy& op) {
    TRY(object("PUT", op.key));
    out_.body = Payload{};  // Content-Length: 0
    out_.patience = k_long_work;
    TRY(copy_source({op.from_bucket, op.from_key, op.from_version, op.if_match}));
    add_settings(&ObjectHeaders::on_write);
    if (op.replace) {
      out_.signed_headers.emplace_back("x-amz-metadata-directive", "REPLACE");
      return describe(op.replace->first, op.replace->second);
    }
    return {};
  }

  Result<void> operator()(const CreateUpload& op) {
    TRY(object("POST", op.key));
    out_.query = {{"uploads", ""}};
    out_.body = Payload{};
    TRY(describe(op.media_type, op.headers));
    add_settings(&ObjectHeaders::on_write);
    return {};
  }

  Result<void> operator()(const UploadPart& op) {
    TRY(object("PUT", op.key));
    out_.query = {{"partNumber", std::to_string(op.number)}, {"uploadId", op.upload_id}};
    add_settings(&ObjectHeaders::on_access);
    body(op.payload);
    return {};
  }

  Result<void> operator()(const CopyPart& op) {
    TRY(object("PUT", op.key));
    if (op.size == 0) {
      return Error{Errc::internal, "a part of no bytes"};
    }
    out_.query = {{"partNumber", std::to_string(op.number)}, {"uploadId", op.upload_id}};
    out_.body = Payload{};
    out_.patience = k_long_work;
    TRY(copy_source({op.from_bucket, op.from_key, op.from_version, op.source_etag}));
    out_.signed_headers.emplace_back(
        "x-amz-copy-source-range", fmt::format("bytes={}-{}", op.offset, op.offset + op.size - 1));
    add_settings(&ObjectHeaders::on_access);
    return {};
  }

  Result<void> operator()(const CompleteUpload& op) {
    TRY(object("POST", op.key));
    out_.query = {{"uploadId", op.upload_id}};
    out_.patience = k_long_work;
    xml(make_complete_upload_xml(op.parts));
    return conditions(op.if_match, op.if_absent);
  }

  Result<void> operator()(const AbortUpload& op) {
    TRY(object("DELETE", op.key));
    out_.query = {{"uploadId", op.upload_id}};
    return {};
  }

  Result<void> operator()(const ListParts& op) {
    TRY(object("GET", op.key));
    out_.query = {{"uploadId", op.upload_id}};
    out_.max_body = k_max_xml;
    if (op.after_number > 0) {
      out_.query.emplace_back("part-number-marker", std::to_string(op.after_number));
    }
    return {};
  }

  Result<void> operator()(const ListUploads& op) {
    out_.method = "GET";
    out_.max_body = k_max_xml;
    // No encoding-type: Ceph 16 encodes the keys and does not say so.
    out_.query = {{"uploads", ""}, {"prefix", op.prefix}};
    if (!op.after_key.empty()) {
      out_.query.emplace_back("key-marker", op.after_key);
    }
    if (!op.after_upload_id.empty()) {
      out_.query.emplace_back("upload-id-marker", op.after_upload_id);
    }
    return {};
  }

  Result<void> operator()(const ListVersions& op) {
    out_.method = "GET";
    out_.max_body = k_max_xml;
    out_.query = {
        {"versions", ""}, {"max-keys", std::to_string(op.max_keys)}, {"prefix", op.prefix}};
    if (context_.wire.list_keys == ListKeys::encoded) {
      out_.query.emplace_back("encoding-type", "url");
    }
    if (!op.after_key.empty()) {
      out_.query.emplace_back("key-marker", op.after_key);
    }
    if (!op.after_version.empty()) {
      out_.query.emplace_back("version-id-marker", op.after_version);
    }
    return {};
  }

  Result<void> operator()(const GetTags& op) {
    TRY(object("GET", op.key));
    out_.query = {{"tagging", ""}};
    return {};
  }

  Result<void> operator()(const SetTags& op) {
    TRY(object(op.tags.empty() ? "DELETE" : "PUT", op.key));
    out_.query = {{"tagging", ""}};
    if (!op.tags.empty()) {
      xml(make_tags_xml(op.tags));
    }
    return {};
  }

  Result<void> operator()(const GetBucketConfig& op) {
    out_.method = "GET";
    out_.query = {{std::string(aspect_name(op.aspect)), ""}};
    return {};
  }

  Result<void> operator()(const SetBucketConfig& op) {
    TRY_ASSIGN(std::string document, make_bucket_config_xml(op.config));
    out_.method = document.empty() ? "DELETE" : "PUT";
    out_.query = {{std::string(aspect_name(aspect_of(op.config))), ""}};
    if (!document.empty()) {
      xml(std::move(document));
    }
    return {};
  }

  Result<void> operator()(const BucketExists&) {
    out_.method = "HEAD";
    return {};
  }

  Result<void> operator()(const CreateBucket&) {
    out_.method = "PUT";
    if (context_.location.empty()) {
      out_.body = Payload{};
    } else {
      xml(make_create_bucket_xml(context_.location));
    }
    return {};
  }

 private:
  Result<void> object(std::string_view method, const std::string& key) {
    if (key.empty()) {
      return Error{Errc::internal, "an object without a key"};
    }
    out_.method = method;
    out_.key = key;
    return {};
  }

  void version(const std::string& id) {
    if (!id.empty()) {
      out_.query.emplace_back("versionId", id);
    }
  }

  struct CopySource {
    const std::string& bucket;
    const std::string& key;
    const std::string& version;
    const std::string& etag;
  };

  // Within the target the source is encrypted like everything in it.
  Result<void> copy_source(const CopySource& from) {
    const std::string_view bucket =
        from.bucket.empty() ? context_.bucket : std::string_view(from.bucket);
    std::string source = encode_path(fmt::format("{}/{}", bucket, from.key));
    if (!from.version.empty()) {
      source += "?versionId=" + encode_component(from.version);
    }
    out_.signed_headers.emplace_back("x-amz-copy-source", std::move(source));
    if (!from.etag.empty()) {
      TRY(check_etag(from.etag));
      out_.signed_headers.emplace_back("x-amz-copy-source-if-match",
                                       fmt::format("\"{}\"", from.etag));
    }
    if (from.bucket.empty() || from.bucket == context_.twin_bucket) {
      add_settings(&ObjectHeaders::on_copy_source);
    }
    return {};
  }

  // A header of the operation's own wins over the target's.
  void add_settings(ObjectHeaders::Headers ObjectHeaders::*when) {
    if (context_.objects == nullptr) {
      return;
    }
    for (const Header& header : context_.objects->*when) {
      const bool is_set = std::any_of(out_.signed_headers.begin(),
                                      out_.signed_headers.end(),
                                      [&](const Header& own) { return own.first == header.first; });
      if (!is_set) {
        out_.signed_headers.push_back(header);
      }
    }
  }

  void body(const Payload& payload) {
    if (context_.wire.content_md5) {
      out_.signed_headers.emplace_back("content-md5", to_base64(payload.md5));
    }
    out_.body = payload;
  }

  void xml(std::string text) {
    Payload payload = make_payload(std::move(text));
    out_.signed_headers.emplace_back("content-type", "application/xml");
    out_.signed_headers.emplace_back("content-md5", to_base64(payload.md5));
    out_.body = std::move(payload);
  }

  Result<void> describe(const std::string& media_type, const std::vector<Header>& headers) {
    if (has_control(media_type)) {
      return Error{Errc::config, "the media type has a control character"};
    }
    if (!media_type.empty()) {
      out_.signed_headers.emplace_back("content-type", media_type);
    }
    for (const auto& [name, value] : headers) {
      TRY(check_header(name, value));
      const bool is_amz = name.substr(0, 6) == "x-amz-";
      (is_amz ? out_.signed_headers : out_.plain_headers).emplace_back(name, value);
    }
    return {};
  }

  static Result<void> check_etag(const std::string& etag) {
    if (has_control(etag) || etag.find('"') != std::string::npos) {
      return Error{Errc::config, fmt::format("not an ETag: {}", printable(etag))};
    }
    return {};
  }

  Result<void> if_match(const std::string& etag) {
    if (!etag.empty()) {
      TRY(check_etag(etag));
      out_.plain_headers.emplace_back("if-match", fmt::format("\"{}\"", etag));
    }
    return {};
  }

  Result<void> conditions(const std::string& etag, bool if_absent) {
    if (if_absent) {
      out_.plain_headers.emplace_back("if-none-match", "*");
    }
    return write_if_match(etag);
  }

  Result<void> write_if_match(const std::string& etag) {
    if (!context_.demands_etags) {
      return {};
    }
    TRY(if_match(etag));
    if (!etag.empty() && context_.wire.if_match == IfMatch::bare) {
      out_.plain_headers.back().second = etag;
    }
    return {};
  }

  S3Request& out_;
  const S3RequestContext& context_;
};

}  // namespace

Result<S3Request> make_s3_request(const Operation& operation, const S3RequestContext& context) {
  S3Request request;
  TRY(std::visit(Builder(request, context), operation));
  return request;
}

}  // namespace deployflow::store
