#include "plugins/host/store/s3_xml.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/base/time.hpp"
#include "plugins/host/store/uri.hpp"

#include <pugixml.hpp>
#include <spdlog/fmt/fmt.h>

#include <charconv>
#include <cstring>

namespace deployflow::store {
namespace {

Error malformed(std::string_view what) {
  return {Errc::remote, fmt::format("the store's answer is not the XML expected: {}", what)};
}

// "&#0;", "&#x00;": pugixml would turn it into a NUL, and every key after it into a shorter one.
bool has_nul(std::string_view text) {
  if (std::memchr(text.data(), '\0', text.size()) != nullptr) {
    return true;
  }
  for (std::size_t at = text.find("&#"); at != std::string_view::npos; at = text.find("&#", at)) {
    at += 2;
    if (at < text.size() && (text[at] == 'x' || text[at] == 'X')) {
      ++at;
    }
    const std::size_t digits = at;
    while (at < text.size() && text[at] == '0') {
      ++at;
    }
    if (at > digits && at < text.size() && text[at] == ';') {
      return true;
    }
  }
  return false;
}

// pugixml accepts junk in front of the root; an answer begins with '<'.
bool begins_like_xml(std::string_view body) {
  if (body.substr(0, 3) == "\xEF\xBB\xBF") {
    body.remove_prefix(3);
  }
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '<';
}

Result<void> load(pugi::xml_document& document, std::string_view body) {
  if (body.empty()) {
    return malformed("it is empty");
  }
  if (has_nul(body)) {
    return malformed("it has a NUL character");
  }
  if (!begins_like_xml(body)) {
    return malformed("it does not begin with '<'");
  }
  const pugi::xml_parse_result parsed =
      document.load_buffer(body.data(),
                           body.size(),
                           pugi::parse_default | pugi::parse_ws_pcdata_single,
                           pugi::encoding_utf8);
  if (!parsed) {
    return malformed(parsed.description());
  }
  return {};
}

// "s3:ListBucketResult" has the name "ListBucketResult".
std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string_view text_of(const pugi::xml_node& node, const char* child) {
  return node.child(child).child_value();
}

Result<pugi::xml_node> root_of(const pugi::xml_document& document, std::string_view name) {
  const pugi::xml_node root = document.document_element();
  if (local_name(root.name()) != name) {
    return malformed(fmt::format("its root is <{}>, not <{}>",
                                 printable(std::string_view(root.name()).substr(0, 60)),
                                 name));
  }
  return root;
}

// Whole unsigned number; nullopt for "", "-1", "1x" and what does not fit.
std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

bool is_true(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE";
}

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
    return malformed(
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
  const auto size = number_of(text_of(node, "Size"));
  if (!size || object.key.empty()) {
    return malformed("an object has no key or no size");
  }
  object.size = *size;
  object.etag = unquoted_etag(text_of(node, "ETag"));
  object.modified = seconds_of(text_of(node, "LastModified"));
  return object;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
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
  if (!load(document, body).ok()) {
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
  TRY(load(document, body));
  TRY_ASSIGN(const pugi::xml_node root, root_of(document, "ListBucketResult"));
  const bool encoded = is_url_encoded(root);
  Reply reply;
  for (const pugi::xml_node& node : root.children("Contents")) {
    TRY_ASSIGN(ObjectInfo object, listed_object(node, encoded));
    reply.objects.push_back(std::move(object));
  }
  reply.truncated = is_true(text_of(root, "IsTruncated"));
  reply.next_token = text_of(root, "NextContinuationToken");
  if (reply.next_token.empty() && root.child("NextMarker")) {
    TRY_ASSIGN(reply.next_token, key_of(text_of(root, "NextMarker"), encoded));
  }
  return reply;
}

Result<Reply> parse_delete_many_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load(document, body));
  TRY_ASSIGN(const pugi::xml_node root, root_of(document, "DeleteResult"));
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
  TRY(load(document, body));
  TRY_ASSIGN(const pugi::xml_node root, root_of(document, "CopyObjectResult"));
  Reply reply;
  reply.object.etag = unquoted_etag(text_of(root, "ETag"));
  reply.object.modified = seconds_of(text_of(root, "LastModified"));
  return reply;
}

Result<Reply> parse_create_upload_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load(document, body));
  TRY_ASSIGN(const pugi::xml_node root, root_of(document, "InitiateMultipartUploadResult"));
  Reply reply;
  reply.upload_id = text_of(root, "UploadId");
  if (reply.upload_id.empty()) {
    return malformed("it has no UploadId");
  }
  return reply;
}

Result<Reply> parse_complete_upload_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load(document, body));
  TRY_ASSIGN(const pugi::xml_node root, root_of(document, "CompleteMultipartUploadResult"));
  Reply reply;
  reply.object.etag = unquoted_etag(text_of(root, "ETag"));
  return reply;
}

Result<Reply> parse_list_parts_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load(document, body));
  TRY_ASSIGN(const pugi::xml_node root, root_of(document, "ListPartsResult"));
  Reply reply;
  for (const pugi::xml_node& node : root.children("Part")) {
    const auto number = number_of(text_of(node, "PartNumber"));
    const auto size = number_of(text_of(node, "Size"));
    if (!number || *number < 1 || *number > 10'000 || !size) {
      return malformed("a part has no number or no size");
    }
    reply.parts.push_back(
        {static_cast<std::uint32_t>(*number), unquoted_etag(text_of(node, "ETag")), *size});
  }
  reply.truncated = is_true(text_of(root, "IsTruncated"));
  return reply;
}

Result<Reply> parse_list_uploads_xml(std::string_view body) {
  pugi::xml_document document;
  TRY(load(document, body));
  TRY_ASSIGN(const pugi::xml_node root, root_of(document, "ListMultipartUploadsResult"));
  const bool encoded = is_url_encoded(root);
  Reply reply;
  for (const pugi::xml_node& node : root.children("Upload")) {
    UnfinishedUpload upload;
    TRY_ASSIGN(upload.key, key_of(text_of(node, "Key"), encoded));
    upload.upload_id = text_of(node, "UploadId");
    upload.started = seconds_of(text_of(node, "Initiated"));
    if (upload.key.empty() || upload.upload_id.empty()) {
      return malformed("an upload has no key or no id");
    }
    reply.uploads.push_back(std::move(upload));
  }
  reply.truncated = is_true(text_of(root, "IsTruncated"));
  TRY_ASSIGN(reply.next_upload_key, key_of(text_of(root, "NextKeyMarker"), encoded));
  reply.next_upload_id = text_of(root, "NextUploadIdMarker");
  return reply;
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
