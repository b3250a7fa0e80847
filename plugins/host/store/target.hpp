// A target: where objects go, as the pipeline file or the command line names it.

#pragma once

#include "plugins/host/store/object_settings.hpp"
#include "plugins/host/store/wire.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::store {

enum class Addressing : std::uint8_t { automatic, path, virtual_host };

/// What deployflow remembers of a target lies below this: no key of a site begins so.
inline constexpr std::string_view k_reserved = ".deployflow/";

/// The bucket and prefix that the reserved folder lies under.
struct StatePlace {
  std::string bucket;
  std::string prefix;  // "" or ends in '/'

  friend bool operator==(const StatePlace&, const StatePlace&) = default;
  /// "s3://bucket/prefix/.deployflow/"
  [[nodiscard]] std::string display() const {
    return "s3://" + bucket + "/" + prefix + std::string(k_reserved);
  }
};

struct TargetConfig {
  std::string name;  // as in `targets:`
  std::string
      endpoint;        // "http://127.0.0.1:9000"; empty = from the environment or profile, else AWS
  std::string region;  // empty = from the environment or profile, else "us-east-1"
  std::string bucket;
  std::string prefix;      // "" or ends in '/'
  std::string profile;     // credentials of this profile; empty = environment, then default profile
  bool anonymous = false;  // send unsigned requests
  Addressing addressing = Addressing::automatic;
  std::string url;                     // public URL, ends in '/'; empty = none
  std::string previews = "previews/";  // folder of its previews, ends in '/'
  std::string storage_class;           // of what is stored; empty = the bucket's
  std::string acl;                     // canned, such as "public-read"; empty = none is sent
  Encryption encryption = Encryption::none;
  std::string kms_key_id;         // with Encryption::kms; empty = the account's own key
  std::string customer_key_file;  // with Encryption::customer: 32 bytes, raw or as base64
  std::vector<Tag> tags;          // of every object that is stored
  std::string ca_file;  // PEM, in addition to nothing: replaces the system's; empty = system's
  std::string client_cert_file;  // PEM, shown to a server that asks; empty = none
  std::string client_key_file;   // PEM; empty = in client_cert_file
  std::chrono::milliseconds stall_timeout{30'000};  // without a byte, then the request is repeated
  WireSettings wire;                                // what requests begin with
  std::optional<StatePlace> state;  // of the same endpoint; nullopt = beside the site

  /// "s3://bucket/prefix"
  [[nodiscard]] std::string display() const {
    return "s3://" + bucket + (prefix.empty() ? "" : "/" + prefix);
  }
  /// Where the reserved folder is.
  [[nodiscard]] StatePlace state_place() const {
    return state ? *state : StatePlace{bucket, prefix};
  }
};

/// The target from one of its folders on: keys, state and public URL. `folder`: "a/b/", as a prefix
/// is.
void move_below(TargetConfig& config, std::string_view folder);

}  // namespace deployflow::store
