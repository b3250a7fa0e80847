// SHA-256, MD5 and HMAC-SHA-256 (libcrypto), whole and in pieces, and their usual spellings.
//
// MD5 is here because S3 speaks it (Content-MD5, ETag), not for security.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace deployflow {

using Sha256 = std::array<std::uint8_t, 32>;  // raw bytes, not hex
using Sha1 = std::array<std::uint8_t, 20>;    // raw bytes, not hex
using Md5 = std::array<std::uint8_t, 16>;     // raw bytes, not hex

/// Both of the same bytes.
struct RawDigests {
  Sha256 sha256{};
  Md5 md5{};
  bool operator==(const RawDigests&) const = default;
};

Sha256 sha256(std::string_view bytes);
Md5 md5(std::string_view bytes);
/// For names of files that other tools have chosen by it, not for security.
Sha1 sha1(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view message);

inline std::string_view as_chars(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Lower-case hex, two digits a byte.
std::string to_hex(std::span<const std::uint8_t> bytes);
/// RFC 4648 base64 with padding.
std::string to_base64(std::span<const std::uint8_t> bytes);
/// nullopt for what is not canonical base64 with padding.
std::optional<std::string> from_base64(std::string_view text);

/// Both digests of one stream of bytes, read once, or MD5 alone. One thread; use a fresh one for
/// each stream.
class StreamDigest {
 public:
  enum class Of : std::uint8_t { sha256_and_md5, md5 };

  explicit StreamDigest(Of which = Of::sha256_and_md5);
  ~StreamDigest();
  StreamDigest(StreamDigest&&) noexcept;
  StreamDigest& operator=(StreamDigest&&) noexcept;

  void update(std::string_view bytes);
  /// Call each that was asked for once, after the last update.
  Sha256 finish_sha256();
  Md5 finish_md5();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace deployflow
