#include "plugins/host/base/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace deployflow {
namespace {

// A libcrypto that cannot digest is a broken machine, not an answer of the world: no caller can do
// anything about it, and zeros for a digest would look like success.
void require(bool done) {
  if (!done) {
    throw std::runtime_error("libcrypto offers no SHA-256 or MD5; look at OPENSSL_CONF");
  }
}

// Fetching an algorithm takes a lock and a lookup in OpenSSL 3; once per process is enough.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  require(algorithm != nullptr);
  return algorithm;
}

const EVP_MD* md5_algorithm() {
  static const EVP_MD* algorithm = [] {
    const EVP_MD* found = EVP_MD_fetch(nullptr, "MD5", nullptr);
    // A FIPS configuration hides MD5; here it is a checksum of the S3 protocol, not security.
    return found != nullptr ? found : EVP_MD_fetch(nullptr, "MD5", "fips=no");
  }();
  require(algorithm != nullptr);
  return algorithm;
}

template <class D>
D digest_of(const EVP_MD* algorithm, std::string_view bytes) {
  D out{};
  require(EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, algorithm, nullptr) == 1);
  return out;
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  return digest_of<Sha256>(sha256_algorithm(), bytes);
}
Md5 md5(std::string_view bytes) {
  return digest_of<Md5>(md5_algorithm(), bytes);
}

Sha1 sha1(std::string_view bytes) {
  static const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  require(algorithm != nullptr);
  return digest_of<Sha1>(algorithm, bytes);
}

Sha256 hmac_sha256(std::string_view key, std::string_view message) {
  Sha256 out{};
  const auto* done = HMAC(sha256_algorithm(),
                          key.empty() ? "" : key.data(),  // a null key means "the one before"
                          static_cast<int>(key.size()),
                          reinterpret_cast<const unsigned char*>(message.data()),
                          message.size(),
                          out.data(),
                          nullptr);
  require(done != nullptr);
  return out;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  static constexpr char k_digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += k_digits[byte >> 4];
    out += k_digits[byte & 15];
  }
  return out;
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP writes a final NUL
  const int length = EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::string out(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0) {
    return std::nullopt;
  }
  std::size_t padding = 0;  // which it decodes as zero bytes
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  out.resize(static_cast<std::size_t>(length) - padding);
  // It skips blanks and takes stray bits, so what it made must make the same text again.
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(out.data());
  if (to_base64({bytes, out.size()}) != text) {
    return std::nullopt;
  }
  return out;
}

struct StreamDigest::State {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> sha256;  // null = not asked for
  std::unique_ptr<EVP_MD_CTX, Free> md5{EVP_MD_CTX_new()};
};

StreamDigest::StreamDigest(Of which) : state_(std::make_unique<State>()) {
  if (which == Of::sha256_and_md5) {
    state_->sha256.reset(EVP_MD_CTX_new());
    require(EVP_DigestInit_ex2(state_->sha256.get(), sha256_algorithm(), nullptr) == 1);
  }
  require(EVP_DigestInit_ex2(state_->md5.get(), md5_algorithm(), nullptr) == 1);
}
StreamDigest::~StreamDigest() = default;
StreamDigest::StreamDigest(StreamDigest&&) noexcept = default;
StreamDigest& StreamDigest::operator=(StreamDigest&&) noexcept = default;

void StreamDigest::update(std::string_view bytes) {
  if (state_->sha256 != nullptr) {
    require(EVP_DigestUpdate(state_->sha256.get(), bytes.data(), bytes.size()) == 1);
  }
  require(EVP_DigestUpdate(state_->md5.get(), bytes.data(), bytes.size()) == 1);
}

Sha256 StreamDigest::finish_sha256() {
  Sha256 out{};
  require(state_->sha256 != nullptr);
  require(EVP_DigestFinal_ex(state_->sha256.get(), out.data(), nullptr) == 1);
  return out;
}

Md5 StreamDigest::finish_md5() {
  Md5 out{};
  require(EVP_DigestFinal_ex(state_->md5.get(), out.data(), nullptr) == 1);
  return out;
}

}  // namespace deployflow
