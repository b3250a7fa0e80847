#include "stages/validate/key.hpp"

#include "stages/validate/encoding.hpp"

#include <algorithm>
#include <array>
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

// Folders and files that tools keep for themselves, and what editors, databases and keys leave
// behind. What a server asks for by name, such as .well-known, is meant to be seen.
bool is_private(std::string_view key) {
  while (!key.empty()) {
    const std::string_view segment = key.substr(0, key.find('/'));
    key.remove_prefix(std::min(segment.size() + 1, key.size()));
    if (segment.starts_with('.') && segment != ".well-known" && segment != ".nojekyll") {
      return true;
    }
    const bool is_file = key.empty();
    constexpr std::array<std::string_view, 5> k_names{
        "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "Thumbs.db"};
    constexpr std::array<std::string_view, 8> k_ends{
        ".pem", ".p12", ".pfx", ".kdbx", ".sqlite", ".bak", ".swp", "~"};
    if (is_file && (std::ranges::find(k_names, segment) != k_names.end() ||
                    std::ranges::any_of(k_ends, [segment](std::string_view end) {
                      return segment.ends_with(end);
                    }))) {
      return true;
    }
  }
  return false;
}

bool is_source_map(std::string_view key) {
  return key.ends_with(".js.map") || key.ends_with(".mjs.map") || key.ends_with(".css.map");
}

}  // namespace

std::vector<Finding> check_key(std::string_view key, RuleSet set) {
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
  if (set >= rules::k_private_file.set && is_private(key)) {
    out.push_back(finding_of(rules::k_private_file,
                             "a file of this name is seldom meant for visitors",
                             "leave it out by .deployflowignore, or ignore this code"));
  }
  if (set >= rules::k_source_map.set && is_source_map(key)) {
    out.push_back(finding_of(rules::k_source_map,
                             "the source map shows visitors the sources",
                             "leave it out by .deployflowignore, or ignore this code"));
  }
  return out;
}

}  // namespace deployflow::validate
