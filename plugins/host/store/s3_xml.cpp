#include "plugins/host/store/s3_xml.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/base/time.hpp"
#include "plugins/host/store/uri.hpp"
#include "plugins/host/store/xml_reading.hpp"

#include <pugixml.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace deployflow::store {
namespace {

std::int64_t seconds_of(std::string_view text) {
  const auto time = parse_time(text);
  return time ? time->time_since_epoch().count() : 0;
}

S3ErrorText error_of(const pugi::xml_node& node) {
  return {std::string(text_of(node, "Code")),
          std::string(text_of(node, "Message")),
          std::string(text_of(node, "Region")),
          std::string(text_of(node, "ServerTime"))};
}

// Keys of a listing as they are meant; `encoded` by the page's own word.
Result<std::string> key_of(std::string_view text, bool encoded) {
  if (!encoded) {
    return std::string(text);
  }
  auto decoded = decode_percent(text, Plus::space);
  if (!decoded) {
    return malformed_xml(
        fmt::format("a key is not percent-encoded: {}", printable(text.substr(0, 200))));
  }
  return std::move(*decoded);
}

bool is_url_encoded(const pugi::xml_node& root) {
  return text_of(root, "EncodingType") == "url";
}

Result<ObjectInfo> listed_object(const pugi::xml_node& node, bool encoded) {
  ObjectInfo object;
  TRY_ASSIGN(object.key, key_of(text_of(node, "Key"), encoded));
  const auto size = xml_number(text_of(node, "Size"));
  if (!size || object.key.empty()) {
    return malformed_xml("an object has no key or no size");
  }
  object.size = *size;
  object.etag = unquoted_etag(text_of(node, "ETag"));
  object.modified = seconds_of(text_of(node, "LastModified"));
  return object;
}

}  // namespace

std::string unquoted_etag(std::string_view etag) {
  if (etag.substr(0, 2) == "W/") {
    etag.remove_prefix(2);
  }
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return std::string(etag);
}

bool is_xml_text(std::string_view key) {
  for (const char c : key) {
    if (static_cast<unsigned char>(c) < 0x20) {
      return false;
    }
  }
  // U+FFFE and U+FFFF are no XML characters either.
  return is_utf8(key) && key.find("\xEF\xBF\xBE") == std::string_view::npos &&
         key.find("\xEF\xBF\xBF") == std::string_view::npos;
}

std::optional<S3ErrorText> parse_error_xml(std::string_view body) {
  pugi::xml_document document;
  if (!load_xml(document, body).ok()) {
    return std::nullopt;
  }
  pugi::xml_node root = document.document_element();
  if (local_name(root.name()) == "ErrorResponse") {  // as STS and some gateways wrap it
    root = root.child("Error");
  }
  if (local_name(root.name()) != "Error") {
    return std::nullopt;
  }
  return error_of(root);
}

Result<Reply> parse_list_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  TRY_ASSIGN(const pugi::xml_node root, xml_root(document, "ListBucketResult"));
  const bool encoded = is_url_encoded(root);
  Reply reply;
  for (const pugi::xml_node& node : root.children("Contents")) {
    TRY_ASSIGN(ObjectInfo object, listed_object(node, encoded));
    reply.objects.push_back(std::move(object));
  }
  reply.truncated = xml_true(text_of(root, "IsTruncated"));
  reply.next_token = text_of(root, "NextContinuationToken");
  if (reply.next_token.empty() && root.child("NextMarker")) {
    TRY_ASSIGN(reply.next_token, key_of(text_of(root, "NextMarker"), encoded));
  }
  return reply;
}

Result<Reply> parse_delete_many_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  TRY_ASSIGN(const pugi::xml_node root, xml_root(document, "DeleteResult"));
  Reply reply;
  for (const pugi::xml_node& node : root.children("Error")) {
    S3ErrorText error = error_of(node);
    reply.failures.push_back({std::string(text_of(node, "Key")),
                              std::move(error.code),
                              printable(error.message.substr(0, 300))});
  }
  return reply;
}

Result<Reply> parse_copy_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  TRY_ASSIGN(const pugi::xml_node root, xml_root(document, "CopyObjectResult"));
  Reply reply;
  reply.object.etag = unquoted_etag(text_of(root, "ETag"));
  reply.object.modified = seconds_of(text_of(root, "LastModified"));
  return reply;
}

Result<Reply> parse_copy_part_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  TRY_ASSIGN(const pugi::xml_node root, xml_root(document, "CopyPartResult"));
  UploadedPart part;
  part.etag = unquoted_etag(text_of(root, "ETag"));
  if (part.etag.empty()) {
    return malformed_xml("the part has no ETag");
  }
  Reply reply;
  reply.parts.push_back(std::move(part));
  return reply;
}

Result<Reply> parse_tags_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  TRY_ASSIGN(const pugi::xml_node root, xml_root(document, "Tagging"));
  Reply reply;
  for (const pugi::xml_node& tag : root.child("TagSet").children("Tag")) {
    reply.tags.emplace_back(text_of(tag, "Key"), text_of(tag, "Value"));
  }
  std::sort(reply.tags.begin(), reply.tags.end());
  return reply;
}

std::string make_tags_xml(std::span<const Tag> tags) {
  std::string out = "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet>";
  for (const auto& [name, value] : tags) {
    out += "<Tag>";
    append_element(out, "Key", name);
    append_element(out, "Value", value);
    out += "</Tag>";
  }
  return out + "</TagSet></Tagging>";
}

Result<Reply> parse_create_upload_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  TRY_ASSIGN(const pugi::xml_node root, xml_root(document, "InitiateMultipartUploadResult"));
  Reply reply;
  reply.upload_id = text_of(root, "UploadId");
  if (reply.upload_id.empty()) {
    return malformed_xml("it has no UploadId");
  }
  return reply;
}

Result<Reply> parse_complete_upload_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  TRY_ASSIGN(const pugi::xml_node root, xml_root(document, "CompleteMultipartUploadResult"));
  Reply reply;
  reply.object.etag = unquoted_etag(text_of(root, "ETag"));
  return reply;
}

Result<Reply> parse_list_parts_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  const std::string_view name = document.document_element().name();
  const bool is_moto = name.substr(name.find(':') + 1) == "ListPartsResponse";
  TRY_ASSIGN(const pugi::xml_node root,
             xml_root(document, is_moto ? "ListPartsResponse" : "ListPartsResult"));
  Reply reply;
  for (const pugi::xml_node& node : root.children("Part")) {
    const auto number = xml_number(text_of(node, "PartNumber"));
    const auto size = xml_number(text_of(node, "Size"));
    if (!number || *number < 1 || *number > 10'000 || !size) {
      return malformed_xml("a part has no number or no size");
    }
    reply.parts.push_back(
        {static_cast<std::uint32_t>(*number), unquoted_etag(text_of(node, "ETag")), *size});
  }
  reply.truncated = xml_true(text_of(root, "IsTruncated"));
  return reply;
}

Result<Reply> parse_list_uploads_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  TRY_ASSIGN(const pugi::xml_node root, xml_root(document, "ListMultipartUploadsResult"));
  const bool encoded = is_url_encoded(root);
  Reply reply;
  for (const pugi::xml_node& node : root.children("Upload")) {
    UnfinishedUpload upload;
    TRY_ASSIGN(upload.key, key_of(text_of(node, "Key"), encoded));
    upload.upload_id = text_of(node, "UploadId");
    upload.started = seconds_of(text_of(node, "Initiated"));
    if (upload.key.empty() || upload.upload_id.empty()) {
      return malformed_xml("an upload has no key or no id");
    }
    reply.uploads.push_back(std::move(upload));
  }
  reply.truncated = xml_true(text_of(root, "IsTruncated"));
  TRY_ASSIGN(reply.next_key, key_of(text_of(root, "NextKeyMarker"), encoded));
  reply.next_id = text_of(root, "NextUploadIdMarker");
  return reply;
}

Result<Reply> parse_list_versions_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load_xml(document, body));
  TRY_ASSIGN(const pugi::xml_node root, xml_root(document, "ListVersionsResult"));
  const bool encoded = is_url_encoded(root);
  Reply reply;
  std::string last_key;  // of the page, delete markers included
  std::string last_id;
  for (const pugi::xml_node& node : root.children()) {
    const std::string_view name = local_name(node.name());
    if (name != "Version" && name != "DeleteMarker") {
      continue;
    }
    TRY_ASSIGN(last_key, key_of(text_of(node, "Key"), encoded));
    last_id = text_of(node, "VersionId");
    if (name == "Version") {
      TRY_ASSIGN(ObjectInfo object, listed_object(node, encoded));
      object.version_id = last_id;
      if (object.version_id.empty()) {
        return malformed_xml("a version has no id");
      }
      reply.objects.push_back(std::move(object));
    }
  }
  reply.truncated = xml_true(text_of(root, "IsTruncated"));
  if (!reply.truncated) {
    return reply;
  }
  const std::string_view marker = text_of(root, "NextKeyMarker");
  reply.next_id = marker.empty() ? last_id : std::string(text_of(root, "NextVersionIdMarker"));
  if (marker.empty() || marker == last_key) {  // Ceph 16 encodes the keys, but not the marker
    reply.next_key = std::move(last_key);
  } else {
    TRY_ASSIGN(reply.next_key, key_of(marker, encoded));
  }
  return reply;
}

bool is_list_xml(std::string_view body) {
  pugi::xml_document document;
  return load_xml(document, body).ok() && xml_root(document, "ListBucketResult").ok();
}

std::string make_delete_many_xml(std::span<const std::string> keys) {
  std::string out = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>";
  for (const std::string& key : keys) {
    out += "<Object><Key>";
    append_escaped(out, key);
    out += "</Key></Object>";
  }
  return out + "</Delete>";
}

std::string make_complete_upload_xml(std::span<const UploadedPart> parts) {
  std::string out = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const UploadedPart& part : parts) {
    out += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>&quot;", part.number);
    append_escaped(out, part.etag);
    out += "&quot;</ETag></Part>";
  }
  return out + "</CompleteMultipartUpload>";
}

std::string make_create_bucket_xml(std::string_view region) {
  std::string out =
      "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<LocationConstraint>";
  append_escaped(out, region);
  return out + "</LocationConstraint></CreateBucketConfiguration>";
}

}  // namespace deployflow::store
