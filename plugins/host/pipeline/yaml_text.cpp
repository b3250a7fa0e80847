#include "plugins/host/pipeline/yaml_text.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace deployflow::pipeline {
namespace {

constexpr std::size_t k_max_bytes = std::size_t{1} << 20U;
constexpr std::size_t k_max_reports = 20;  // a binary file has thousands

bool is_utf16(std::string_view bytes) {
  const auto starts = [&](std::string_view prefix) { return bytes.substr(0, 2) == prefix; };
  if (starts("\xFF\xFE") || starts("\xFE\xFF")) {
    return true;
  }
  return bytes.size() >= 2 && (bytes[0] == '\0') != (bytes[1] == '\0');  // no mark, ASCII content
}

// Bytes of the character at `at`; 0 = not UTF-8 there.
std::size_t character_bytes(std::string_view text, std::size_t at) {
  for (std::size_t length = 1; length <= 4 && at + length <= text.size(); ++length) {
    if (is_utf8(text.substr(at, length))) {
      return length;
    }
  }
  return 0;
}

std::optional<std::uint32_t> control_character(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) {
    const bool allowed =
        first == '\t' || first == '\n' || first == '\r' || (first >= 0x20 && first != 0x7F);
    return allowed ? std::nullopt : std::optional<std::uint32_t>(first);
  }
  const auto second = static_cast<unsigned char>(character[1]);
  const bool c1 =
      first == 0xC2 && second < 0xA0 && second != 0x85;  // NEL is a line end in YAML 1.1
  return c1 ? std::optional<std::uint32_t>(second) : std::nullopt;
}

void report_characters(const SourceText& source, Diagnostics& out) {
  const std::string_view text = source.text();
  for (std::size_t i = 0; i < text.size() && out.size() < k_max_reports;) {
    const std::size_t length = character_bytes(text, i);
    if (length == 0) {
      out.push_back({source.position(i),
                     fmt::format("byte 0x{:02x} is not UTF-8", static_cast<unsigned char>(text[i])),
                     "save the file as UTF-8"});
      do {  // the rest of a broken sequence is not news
        ++i;
      } while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U);
      continue;
    }
    if (const auto control = control_character(text.substr(i, length))) {
      out.push_back({source.position(i),
                     fmt::format("control character U+{:04X} is not allowed", *control),
                     "remove it, or write it as an escape in double quotes"});
    }
    i += length;
  }
}

}  // namespace

CheckedText check_text(std::string_view bytes) {
  CheckedText checked;
  if (bytes.size() > k_max_bytes) {
    checked.diagnostics.push_back(
        {{1, 1},
         fmt::format("the file has {} bytes; a pipeline file has at most 1 MiB", bytes.size()),
         ""});
    return checked;
  }
  if (is_utf16(bytes)) {
    checked.diagnostics.push_back({{1, 1}, "the file is UTF-16", "save the file as UTF-8"});
    return checked;
  }
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") {
    bytes.remove_prefix(3);
  }
  checked.source = SourceText(std::string(bytes));
  report_characters(checked.source, checked.diagnostics);
  return checked;
}

}  // namespace deployflow::pipeline
