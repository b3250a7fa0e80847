// One place that may have a key. Each provider has a file of its own.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/store/credentials/credentials.hpp"

#include <optional>
#include <string>
#include <utility>

namespace deployflow::store {

/// What a place had.
struct Lookup {
  std::optional<Credentials> credentials;
  std::string nothing;  // without a key: which place, and why it has none; a clause for people
};

class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;

  /// May block. Nothing there = ask the next one. Errors: `auth` if it is configured but broken:
  /// the next one is then not asked, since a deployment with a wrong identity is worse than none;
  /// `cancelled`. One load at a time.
  virtual Result<Lookup> load() = 0;
};

inline Lookup nothing_there(std::string why) {
  return {{}, std::move(why)};
}

/// Credentials whose parts can stand in a header. Errors: `auth`, naming `source` and the part that
/// is empty or has white space or control characters in it.
Result<Credentials> checked_credentials(Credentials credentials);

}  // namespace deployflow::store
