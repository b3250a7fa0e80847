#include "plugins/host/store/object_settings.hpp"

#include "plugins/host/base/digest.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/store/uri.hpp"

#include <span>

namespace deployflow::store {
namespace {

constexpr std::size_t k_key_bytes = 32;
constexpr std::size_t k_most_tags = 10;
constexpr std::size_t k_most_tag_name = 128;
constexpr std::size_t k_most_tag_value = 256;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void add_customer_key(ObjectHeaders::Headers& headers, std::string_view prefix, const Secret& key) {
  const std::string name = std::string(prefix) + "server-side-encryption-customer-";
  headers.emplace_back(name + "algorithm", "AES256");
  headers.emplace_back(name + "key", to_base64(bytes_of(key.reveal())));
  headers.emplace_back(name + "key-md5", to_base64(md5(key.reveal())));
}

Result<std::string> tagging(const std::vector<Tag>& tags) {
  if (tags.size() > k_most_tags) {
    return Error{Errc::config, "an object has at most 10 tags"};
  }
  std::vector<QueryPair> pairs;
  for (const auto& [name, value] : tags) {
    if (name.empty() || name.size() > k_most_tag_name || value.size() > k_most_tag_value ||
        !is_utf8(name) || !is_utf8(value)) {
      return Error{Errc::config,
                   "a tag has a name of 1 to 128 characters and a value of at most 256"};
    }
    pairs.emplace_back(name, value);
  }
  return encode_query(pairs);
}

}  // namespace

Result<ObjectHeaders> make_object_headers(const ObjectSettings& settings) {
  ObjectHeaders out;
  if (!settings.storage_class.empty()) {
    out.on_write.emplace_back("x-amz-storage-class", settings.storage_class);
  }
  if (!settings.acl.empty()) {
    out.on_write.emplace_back("x-amz-acl", settings.acl);
  }
  if (!settings.tags.empty()) {
    TRY_ASSIGN(std::string text, tagging(settings.tags));
    out.on_write.emplace_back("x-amz-tagging", std::move(text));
  }
  switch (settings.encryption) {
    case Encryption::none:
      break;
    case Encryption::s3:
      out.on_write.emplace_back("x-amz-server-side-encryption", "AES256");
      break;
    case Encryption::kms:
      out.on_write.emplace_back("x-amz-server-side-encryption", "aws:kms");
      if (!settings.kms_key_id.empty()) {
        out.on_write.emplace_back("x-amz-server-side-encryption-aws-kms-key-id",
                                  settings.kms_key_id);
      }
      break;
    case Encryption::customer:
      if (settings.customer_key.reveal().size() != k_key_bytes) {
        return Error{Errc::config, "the customer key has not 32 bytes"};
      }
      add_customer_key(out.on_write, "x-amz-", settings.customer_key);
      add_customer_key(out.on_access, "x-amz-", settings.customer_key);
      add_customer_key(out.on_copy_source, "x-amz-copy-source-", settings.customer_key);
      break;
  }
  return out;
}

Result<Secret> parse_customer_key(std::string_view text) {
  if (text.size() == k_key_bytes) {
    return Secret(std::string(text));
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  const auto decoded = from_base64(text);
  if (!decoded || decoded->size() != k_key_bytes) {
    return Error{Errc::config,
                 "it does not hold a key of 32 bytes, raw or as base64",
                 "head -c 32 /dev/urandom > site.key makes one"};
  }
  return Secret(*decoded);
}

}  // namespace deployflow::store
