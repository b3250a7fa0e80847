#include "stages/validate/key.hpp"

#include "stages/validate/encoding.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_longest_key = 1024;  // bytes; S3's limit

// C0, DEL, and C1, which UTF-8 writes as C2 80 to C2 9F.
bool has_control_character(std::string_view key) {
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto byte = static_cast<unsigned char>(key[i]);
    const auto next = i + 1 < key.size() ? static_cast<unsigned char>(key[i + 1]) : 0U;
    if (byte < 0x20 || byte == 0x7F || (byte == 0xC2 && next >= 0x80 && next <= 0x9F)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<Finding> check_key(std::string_view key) {
  std::vector<Finding> out;
  if (key.size() > k_longest_key) {
    out.push_back(finding_of(rules::k_key_length,
                             "the key has " + std::to_string(key.size()) +
                                 " bytes; object stores take at most " +
                                 std::to_string(k_longest_key),
                             "shorten the names of the file or its folders"));
  }
  if (first_invalid_utf8(key)) {
    out.push_back(finding_of(rules::k_key_characters, "the key is not UTF-8", "rename the file"));
  } else if (has_control_character(key)) {
    // XML 1.0 cannot name such a key, so a listing breaks or hides the object.
    out.push_back(
        finding_of(rules::k_key_characters, "the key has a control character", "rename the file"));
  }
  return out;
}

}  // namespace deployflow::validate
