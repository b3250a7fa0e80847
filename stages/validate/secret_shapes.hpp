// What keys and tokens of well-known services look like, and how to tell them from what only looks
// so: a checksum where a token has one, and else that it is no placeholder.
//
// From the services' own descriptions of their formats. A shape that matches what people write by
// hand is not worth a row: a finding here stops a deployment.

#pragma once

#include "stages/validate/rules.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace deployflow::validate {

/// A key or token in a text.
struct Secret {
  const Rule* rule;
  std::string_view what;  // "a GitHub token"
  std::string_view text;  // of the text; never shown
  bool is_token = true;   // its first characters say which one it is, and nothing more
};

struct SecretShape {
  std::string_view prefix;
  std::size_t trigger;  // where in the prefix its rarest three characters begin, for the search
  std::string_view what;
  /// The secret whose prefix begins at `at`; its `text` is empty if there is none.
  Secret (*read)(std::string_view text, std::size_t at, const SecretShape& shape);
};

std::span<const SecretShape> secret_shapes();

/// Is this what a generator makes, and not a person: no words, rows or repetitions?
bool is_random(std::string_view token);

/// Do the last six characters of a token stand for the CRC-32 of those behind the first '_', as in
/// those of GitHub?
bool has_checksum(std::string_view token);

}  // namespace deployflow::validate
