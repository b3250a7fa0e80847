// Subresource Integrity: what `integrity=` says that a script or a style sheet must be.
//
// Spec: https://www.w3.org/TR/SRI/. Several hashes are alternatives; of several algorithms the
// strongest alone counts; what stands behind a '?' is an option, of which there is none yet; what
// names no known algorithm is passed over. A file that does not match is not run.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {

enum class HashAlgorithm : std::uint8_t { sha256, sha384, sha512 };  // the weakest first

/// "sha384"
std::string_view name_of(HashAlgorithm algorithm);

struct Integrity {
  std::optional<HashAlgorithm> algorithm;  // the strongest; none: browsers check nothing
  std::vector<std::string> digests;        // of it, in base64
  std::string mistake = {};  // one clause about the first part that is malformed; mostly empty
};

Integrity parse_integrity(std::string_view value);

/// In base64.
std::string digest_of(HashAlgorithm algorithm, std::string_view bytes);

/// The digest of a file of the site, by its place.
using DigestOfFile = std::function<std::string(std::size_t file, HashAlgorithm algorithm)>;

}  // namespace deployflow::validate
