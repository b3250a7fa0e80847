#include "stages/validate/encoding.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace deployflow::validate {
namespace {

constexpr std::uint64_t k_high_bits = 0x8080808080808080U;

std::size_t ascii_prefix(std::string_view bytes) {
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= bytes.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    if ((word & k_high_bits) != 0) {
      break;
    }
  }
  while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) < 0x80) {
    ++i;
  }
  return i;
}

// The first continuation byte is narrower after E0, ED, F0 and F4 (Unicode, table 3-7).
struct Lead {
  std::size_t length;
  unsigned char low, high;  // range of the second byte
};

Lead lead_of(unsigned char first) {
  if (first >= 0xC2 && first <= 0xDF) {
    return {2, 0x80, 0xBF};
  }
  if (first >= 0xE0 && first <= 0xEF) {
    return {3,
            static_cast<unsigned char>(first == 0xE0 ? 0xA0 : 0x80),
            static_cast<unsigned char>(first == 0xED ? 0x9F : 0xBF)};
  }
  if (first >= 0xF0 && first <= 0xF4) {
    return {4,
            static_cast<unsigned char>(first == 0xF0 ? 0x90 : 0x80),
            static_cast<unsigned char>(first == 0xF4 ? 0x8F : 0xBF)};
  }
  return {0, 0, 0};
}

bool is_sequence(std::string_view rest, Lead lead) {
  if (lead.length == 0 || rest.size() < lead.length) {
    return false;
  }
  const auto second = static_cast<unsigned char>(rest[1]);
  if (second < lead.low || second > lead.high) {
    return false;
  }
  return std::ranges::all_of(rest.substr(2, lead.length - 2), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
  });
}

}  // namespace

std::string_view byte_order_mark(std::string_view bytes) {
  using namespace std::string_view_literals;
  // UTF-32LE begins with UTF-16LE's mark, so it is asked first.
  if (bytes.starts_with("\xFF\xFE\0\0"sv)) {
    return "UTF-32LE";
  }
  if (bytes.starts_with("\0\0\xFE\xFF"sv)) {
    return "UTF-32BE";
  }
  if (bytes.starts_with("\xFF\xFE"sv)) {
    return "UTF-16LE";
  }
  if (bytes.starts_with("\xFE\xFF"sv)) {
    return "UTF-16BE";
  }
  return bytes.starts_with("\xEF\xBB\xBF"sv) ? "UTF-8"sv : ""sv;
}

std::optional<std::size_t> first_invalid_utf8(std::string_view bytes) {
  std::size_t i = 0;
  for (;;) {
    i += ascii_prefix(bytes.substr(i));
    if (i == bytes.size()) {
      return std::nullopt;
    }
    const Lead lead = lead_of(static_cast<unsigned char>(bytes[i]));
    if (!is_sequence(bytes.substr(i), lead)) {
      return i;
    }
    i += lead.length;
  }
}

bool is_ascii(std::string_view bytes) {
  return ascii_prefix(bytes) == bytes.size();
}

bool names_utf8(std::string_view charset) {
  const std::string_view name = trimmed(charset);
  return equals_ignoring_case(name, "utf-8") || equals_ignoring_case(name, "utf8") ||
         equals_ignoring_case(name, "unicode-1-1-utf-8");
}

std::string_view charset_parameter(std::string_view content_type) {
  constexpr std::string_view k_name = "charset=";
  for (std::size_t i = 0; i + k_name.size() <= content_type.size(); ++i) {
    if (equals_ignoring_case(content_type.substr(i, k_name.size()), k_name)) {
      std::string_view value = content_type.substr(i + k_name.size());
      if (value.starts_with('"') || value.starts_with('\'')) {
        const char quote = value.front();
        value.remove_prefix(1);
        return value.substr(0, value.find(quote));
      }
      return trimmed(value.substr(0, value.find_first_of("; \t")));
    }
  }
  return {};
}

}  // namespace deployflow::validate
