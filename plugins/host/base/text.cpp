#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace deployflow {
namespace {

struct Decoded {
  char32_t code = 0;
  std::size_t length = 0;  // 0 = not UTF-8 here
};

// RFC 3629, table 3-7 of the Unicode standard: the second byte's range excludes overlong forms,
// surrogates and everything past U+10FFFF.
Decoded decode_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U;
  };
  const std::uint32_t first = byte(at);
  if (first < 0x80) {
    return {static_cast<char32_t>(first), 1};
  }
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const auto bits = [&](std::size_t i) { return byte(i) & 0x3FU; };
  if (first >= 0xC2 && first <= 0xDF && tail(at + 1)) {
    return {static_cast<char32_t>(((first & 0x1FU) << 6U) | bits(at + 1)), 2};
  }
  if (first >= 0xE0 && first <= 0xEF && tail(at + 1) && tail(at + 2)) {
    const char32_t code = ((first & 0x0FU) << 12U) | (bits(at + 1) << 6U) | bits(at + 2);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return {code, code >= 0x800 && !surrogate ? 3U : 0U};
  }
  if (first >= 0xF0 && first <= 0xF4 && tail(at + 1) && tail(at + 2) && tail(at + 3)) {
    const char32_t code =
        ((first & 0x07U) << 18U) | (bits(at + 1) << 12U) | (bits(at + 2) << 6U) | bits(at + 3);
    return {code, code >= 0x10000 && code <= 0x10FFFF ? 4U : 0U};
  }
  return {};
}

// Characters that move the cursor, reorder or hide text.
bool is_deceptive(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0xFEFF ||
         (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

struct Unit {
  std::string_view name;
  double factor;
};

// long double where it has 64 bits of mantissa: every whole number up to 2^63 is exact.
using Number = long double;

// The number at the start of `text` and what follows it; nullopt if there is none, or none that is
// sane: more digits than any size or time has would overflow to infinity, and infinity / infinity
// is no number.
std::optional<std::pair<Number, std::string_view>> split_number(std::string_view text) {
  constexpr std::size_t k_longest = 40;
  std::size_t end = 0;
  bool point = false;
  Number value = 0;
  Number scale = 1;
  while (end < text.size()) {
    const char c = text[end];
    if (c == '.' && !point && end > 0) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      value = value * 10 + (c - '0');
      scale *= point ? 10 : 1;
    } else {
      break;
    }
    ++end;
  }
  if (end == 0 || end > k_longest || text[end - 1] == '.') {
    return std::nullopt;
  }
  return std::pair{value / scale, text.substr(end)};
}

// A number of units as a whole number, to the nearest: 1.001 s is 1001 ms, though 1.001 * 1000 is
// less. nullopt from 2^63 on.
std::optional<std::uint64_t> whole(Number value) {
  const Number rounded = std::round(value);
  if (!(rounded < 0x1p63L)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(rounded);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Decoded decoded = decode_at(text, i);
    if (decoded.length == 0 || decoded.code < 0x80) {
      const auto byte = static_cast<std::uint8_t>(text[i]);
      if (decoded.length == 0 || is_deceptive(decoded.code)) {
        out += fmt::format("\\x{:02x}", byte);
      } else {
        out += text[i];
      }
      ++i;
      continue;
    }
    if (is_deceptive(decoded.code)) {
      out += fmt::format("\\u{{{:04X}}}", static_cast<std::uint32_t>(decoded.code));
    } else {
      out += text.substr(i, decoded.length);
    }
    i += decoded.length;
  }
  return out;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Decoded decoded = decode_at(text, i);
    if (decoded.length == 0) {
      return false;
    }
    i += decoded.length;
  }
  return true;
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  const auto distance = [](std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
      row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= b.size(); ++j) {
        const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      }
    }
    return row[b.size()];
  };
  constexpr std::size_t k_longest = 64;  // quadratic: hostile words stay cheap
  if (word.size() > k_longest) {
    return std::nullopt;
  }
  std::optional<std::string> best;
  std::size_t best_distance = std::min<std::size_t>(3, word.size() / 2) + 1;
  for (const auto& candidate : candidates) {
    if (candidate.size() > k_longest) {
      continue;
    }
    const std::size_t d = distance(word, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  static constexpr std::array<Unit, 22> k_units{
      {{"", 1},         {"B", 1},        {"k", 0x1p10},   {"K", 0x1p10},  {"KiB", 0x1p10},
       {"Ki", 0x1p10},  {"M", 0x1p20},   {"MiB", 0x1p20}, {"Mi", 0x1p20}, {"m", 0x1p20},
       {"G", 0x1p30},   {"GiB", 0x1p30}, {"Gi", 0x1p30},  {"g", 0x1p30},  {"T", 0x1p40},
       {"TiB", 0x1p40}, {"Ti", 0x1p40},  {"kB", 1e3},     {"KB", 1e3},    {"MB", 1e6},
       {"GB", 1e9},     {"TB", 1e12}}};
  const auto number = split_number(trim(text));
  if (!number) {
    return std::nullopt;
  }
  const std::string_view name = trim(number->second);
  for (const Unit& unit : k_units) {
    if (unit.name == name) {
      return whole(number->first * unit.factor);
    }
  }
  return std::nullopt;
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1024) {
    return fmt::format("{} B", bytes);
  }
  auto value = static_cast<double>(bytes);
  for (const std::string_view unit : {"KiB", "MiB", "GiB"}) {
    value /= 1024;
    if (value < 1023.95) {
      return fmt::format("{:.1f} {}", value, unit);
    }
  }
  return fmt::format("{:.1f} TiB", value / 1024);
}

std::optional<std::uint64_t> parse_duration_ms(std::string_view text) {
  static constexpr std::array<Unit, 5> k_units{
      {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}}};
  text = trim(text);
  Number total = 0;
  bool any = false;
  while (!text.empty()) {
    const auto number = split_number(text);
    if (!number) {
      return std::nullopt;
    }
    const std::string_view rest = number->second;
    if (rest.empty()) {
      if (any) {
        return std::nullopt;  // "1m30" leaves the 30 without a unit
      }
      total = number->first * 1e3;
      any = true;
      break;
    }
    const auto* unit = std::find_if(k_units.begin(), k_units.end(), [&](const Unit& u) {
      return rest.substr(0, u.name.size()) == u.name &&
             (rest.size() == u.name.size() ||
              (rest[u.name.size()] >= '0' && rest[u.name.size()] <= '9'));
    });
    if (unit == k_units.end()) {
      return std::nullopt;
    }
    total += number->first * unit->factor;
    any = true;
    text = rest.substr(unit->name.size());
  }
  return any ? whole(total) : std::nullopt;
}

}  // namespace deployflow
