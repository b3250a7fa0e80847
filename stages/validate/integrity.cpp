#include "stages/validate/integrity.hpp"

#include "stages/validate/markup.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace deployflow::validate {
namespace {

struct Row {
  std::string_view name;
  std::size_t bytes;
  const char* of_libcrypto;
};
constexpr std::array k_rows{
    Row{"sha256", 32, "SHA256"}, Row{"sha384", 48, "SHA384"}, Row{"sha512", 64, "SHA512"}};

const Row& row_of(HashAlgorithm algorithm) {
  return k_rows.at(static_cast<std::size_t>(algorithm));
}

constexpr std::size_t base64_characters(std::size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

std::string in_base64(std::string_view bytes) {
  std::string out(base64_characters(bytes.size()) + 1, '\0');  // libcrypto ends it with a NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  out.pop_back();
  return out;
}

// What is no base64, or not as long as the hash is, in words; else empty.
std::string mistake_in(const Row& row, std::string_view digest) {
  const std::size_t end = std::min(digest.find('='), digest.size());
  const bool is_base64 = std::ranges::all_of(digest.substr(0, end), [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '-' || c == '_';
  });
  if (!is_base64 || digest.find_first_not_of('=', end) != std::string_view::npos) {
    return "what follows " + std::string(row.name) + "- is no base64";
  }
  const std::size_t expected = base64_characters(row.bytes);
  if (digest.size() != expected) {
    return std::string(row.name) + " has " + std::to_string(expected) +
           " characters of base64, this has " + std::to_string(digest.size());
  }
  return {};
}

std::vector<std::string_view> words_of(std::string_view value) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin < value.size();) {
    std::size_t end = begin;
    while (end < value.size() && !is_space(value[end])) {
      ++end;
    }
    if (end > begin) {
      out.push_back(value.substr(begin, end - begin));
    }
    begin = end + 1;
  }
  return out;
}

}  // namespace

std::string_view name_of(HashAlgorithm algorithm) {
  return row_of(algorithm).name;
}

Integrity parse_integrity(std::string_view value) {
  Integrity out;
  const auto words = words_of(value);
  for (std::string_view word : words) {
    word = word.substr(0, word.find('?'));
    const std::size_t dash = word.find('-');
    const auto* row = std::ranges::find(k_rows, word.substr(0, dash), &Row::name);
    if (row == k_rows.end()) {
      continue;
    }
    const std::string_view digest =
        dash == std::string_view::npos ? std::string_view() : word.substr(dash + 1);
    if (out.mistake.empty()) {
      out.mistake = mistake_in(*row, digest);
    }
    const auto algorithm = static_cast<HashAlgorithm>(row - k_rows.begin());
    if (!out.algorithm || *out.algorithm < algorithm) {
      out.algorithm = algorithm;
      out.digests.clear();
    }
    if (*out.algorithm == algorithm) {
      std::string& kept = out.digests.emplace_back(digest);  // browsers take either alphabet
      std::ranges::replace(kept, '-', '+');
      std::ranges::replace(kept, '_', '/');
    }
  }
  if (!out.algorithm && !words.empty()) {
    out.mistake = "it names none of sha256, sha384 and sha512";
  }
  return out;
}

std::string digest_of(HashAlgorithm algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_MD* found = EVP_MD_fetch(nullptr, row_of(algorithm).of_libcrypto, nullptr);
  const bool done =
      found != nullptr &&
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, found, nullptr) == 1;
  EVP_MD_free(found);
  if (!done) {  // a broken machine, not an answer of the world
    throw std::runtime_error("libcrypto offers no SHA-2; look at OPENSSL_CONF");
  }
  return in_base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace deployflow::validate
