#include "plugins/host/pipeline/target_reader.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/pipeline/check.hpp"
#include "plugins/host/pipeline/target_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace deployflow::pipeline {
namespace {

using store::Encryption;

// It ends up in headers, file names and messages.
Result<std::string> single_line(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
      })) {
    return Error{Errc::config, "has control characters in it"};
  }
  return std::string(text);
}

// Previews at the root would be the site's own folders, and those below the reserved one its state.
Result<std::string> normal_previews(std::string_view text) {
  TRY_ASSIGN(std::string folder, normal_prefix(text));
  if (folder.empty() || ("/" + folder).find("/.deployflow/") != std::string::npos) {
    return Error{Errc::config, "must name a folder of its own", "such as previews/"};
  }
  return folder;
}

class TargetReader {
 public:
  TargetReader(const Value& value, std::string label, Diagnostics& out)
      : value_(value), label_(std::move(label)), out_(out) {}

  store::TargetConfig read() {
    put(config_.endpoint, "endpoint", normal_endpoint);
    put(config_.bucket, "bucket", normal_bucket);
    put(config_.prefix, "prefix", normal_prefix);
    put(config_.url, "url", normal_site_url);
    put(config_.previews, "previews", normal_previews);
    put(config_.region, "region", single_line);
    if (const Value* addressing = value_.usable("addressing")) {
      config_.addressing = addressing->text == "path"      ? store::Addressing::path
                           : addressing->text == "virtual" ? store::Addressing::virtual_host
                                                           : store::Addressing::automatic;
    }
    if (const Value* stall_timeout = value_.usable("stall_timeout")) {
      config_.stall_timeout = std::chrono::milliseconds(stall_timeout->integer);
    }
    read_access();
    read_storage();
    if (const Value* state = value_.usable("state")) {
      read_state(*state);
    }
    if (const Value* wire = value_.usable("wire")) {
      read_wire(*wire);
    }
    return std::move(config_);
  }

 private:
  void read_access() {
    put(config_.profile, "profile", single_line);
    put(config_.ca_file, "ca_file", single_line);
    put(config_.client_cert_file, "client_cert_file", single_line);
    put(config_.client_key_file, "client_key_file", single_line);
    if (const Value* anonymous = value_.usable("anonymous")) {
      config_.anonymous = anonymous->boolean;
    }
    if (const Value* profile = value_.find("profile"); config_.anonymous && profile != nullptr) {
      report(*profile, "profile", "an anonymous target uses no profile", "remove one of the two");
    }
    if (const Value* key = value_.usable("client_key_file");
        key != nullptr && value_.find("client_cert_file") == nullptr) {
      report(*key,
             "client_key_file",
             "a key without a certificate",
             "name the certificate in client_cert_file");
    }
  }

  void read_storage() {
    put(config_.storage_class, "storage_class", single_line);
    put(config_.acl, "acl", single_line);
    put(config_.kms_key_id, "kms_key_id", single_line);
    put(config_.customer_key_file, "customer_key_file", single_line);
    if (const Value* encryption = value_.usable("encryption")) {
      config_.encryption = encryption->text == "AES256"    ? Encryption::s3
                           : encryption->text == "aws:kms" ? Encryption::kms
                                                           : Encryption::customer;
    }
    if (const Value* tags = value_.usable("tags")) {
      for (const auto& [name, text] : tags->map) {
        config_.tags.emplace_back(name, text.text);
      }
      store::ObjectSettings settings;
      settings.tags = config_.tags;
      if (const auto checked = store::make_object_headers(settings); !checked.ok()) {
        report(*tags, "tags", checked.error().message);
      }
    }
    belongs_to("kms_key_id", "aws:kms", Encryption::kms);
    belongs_to("customer_key_file", "customer", Encryption::customer);
    if (config_.encryption == Encryption::customer && value_.find("customer_key_file") == nullptr) {
      report(
          *value_.find("encryption"),
          "encryption",
          "customer needs a customer_key_file",
          "head -c 32 /dev/urandom > site.key makes a key; without it nobody can read the objects");
    }
  }

  // What is left out is as for the site.
  void read_state(const Value& state) {
    store::StatePlace place = config_.state_place();
    const std::string label = key_label(label_, "state");
    put(place.bucket, "bucket", normal_bucket, state, label);
    put(place.prefix, "prefix", normal_prefix, state, label);
    if (!place.bucket.empty() && place != config_.state_place()) {
      config_.state = std::move(place);
    }
  }

  void read_wire(const Value& wire) {
    const auto says = [&wire](std::string_view key, std::string_view text) {
      const Value* value = wire.usable(key);
      return value != nullptr && value->text == text;
    };
    const auto set = [&wire](bool& setting, std::string_view key) {
      if (const Value* value = wire.usable(key)) {
        setting = value->boolean;
      }
    };
    store::WireSettings& out = config_.wire;
    out.list = says("list", "v1") ? store::ListVersion::v1 : store::ListVersion::v2;
    out.list_keys = says("list_keys", "plain") ? store::ListKeys::plain : store::ListKeys::encoded;
    out.if_match = says("if_match", "bare") ? store::IfMatch::bare : store::IfMatch::quoted;
    set(out.delete_many, "delete_many");
    set(out.signed_media_type, "signed_media_type");
    set(out.content_md5, "content_md5");
  }

  void belongs_to(const char* key, std::string_view name, Encryption encryption) {
    if (const Value* found = value_.find(key);
        found != nullptr && config_.encryption != encryption) {
      report(*found, key, fmt::format("is only for `encryption: {}`", name));
    }
  }

  // Text that is not written, or empty as `${NAME:-}` can be, leaves the setting at its default; a
  // bucket has none.
  void put(std::string& setting, const char* key, Result<std::string> (*normal)(std::string_view)) {
    put(setting, key, normal, value_, label_);
  }
  void put(std::string& setting,
           const char* key,
           Result<std::string> (*normal)(std::string_view),
           const Value& map,
           const std::string& label) {
    const Value* value = map.usable(key);
    const bool has_default = normal != normal_bucket || &map != &value_;
    if (value == nullptr || (value->text.empty() && has_default)) {
      return;
    }
    auto result = normal(value->text);
    if (result.ok()) {
      setting = std::move(result).value();
    } else {
      report(*value, label, key, result.error().message, result.error().hint);
    }
  }

  void report(const Value& value,
              std::string_view key,
              std::string_view message,
              std::string hint = {}) {
    report(value, label_, key, message, std::move(hint));
  }
  void report(const Value& value,
              const std::string& label,
              std::string_view key,
              std::string_view message,
              std::string hint) {
    out_.push_back({value.at, labelled(key_label(label, key), message), std::move(hint)});
  }

  const Value& value_;
  const std::string label_;
  Diagnostics& out_;
  store::TargetConfig config_;
};

}  // namespace

store::TargetConfig read_target(const std::string& name, const Value& value, Diagnostics& out) {
  store::TargetConfig config = TargetReader(value, key_label("targets", name), out).read();
  config.name = name;
  return config;
}

}  // namespace deployflow::pipeline
