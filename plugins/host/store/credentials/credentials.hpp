// A key to sign with, and where it comes from.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/base/secret.hpp"
#include "plugins/host/base/time.hpp"

#include <functional>
#include <optional>
#include <string>

namespace deployflow::store {

struct Credentials {
  std::string key_id;
  Secret secret;
  Secret session_token;             // empty for long-lived keys
  std::optional<WallTime> expires;  // nullopt = never, as far as we know
  std::string source;  // for people: "environment", "profile mirror in ~/.aws/credentials"
};

/// Where a target's requests get their key. Thread-safe.
class CredentialsSource {
 public:
  virtual ~CredentialsSource() = default;

  /// Fetches the key on this thread, if it is not known: so that what is wrong is said before any
  /// work is done. Blocking. Errors: as get().
  virtual Result<void> prepare() { return {}; }

  /// Calls `done` once: at once when the key is known, else later, on the Loop.
  /// nullopt = anonymous: send unsigned. Errors: `auth`, naming every place that was looked in.
  virtual void get(std::function<void(Result<std::optional<Credentials>>)> done) = 0;

  /// A store refused `key_id` as expired: the next get() asks the provider again.
  virtual void refused(const std::string& key_id) = 0;
};

}  // namespace deployflow::store
