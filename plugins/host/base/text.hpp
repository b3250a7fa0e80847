// Text from outside on its way to a person: escaping, suggestions, sizes and times. All pure.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace deployflow {

/// Safe to print on a terminal or in a log line: control characters, DEL, C1, bidi overrides, line
/// separators and bytes that are not UTF-8 become \xNN or \u{NNNN}; all else is kept.
std::string printable(std::string_view text);

/// Is it well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF)?
bool is_utf8(std::string_view text);

/// The candidate nearest to `word` by edit distance, if that is at most 3 and at most half its
/// length.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// "10MiB", "1.5 GiB", "64k", "4096": bytes. Units B, k/K, M, G, T (with or without iB: powers of
/// 1024; kB, MB, GB, TB: powers of 1000). nullopt if malformed or over 2^63-1.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// "512 B", "1.5 KiB", "18.4 MiB": for people.
std::string format_bytes(std::uint64_t bytes);

/// "90", "90s", "5m", "1h30m", "250ms": milliseconds. A bare number is seconds. nullopt if
/// malformed or over 2^63-1.
std::optional<std::uint64_t> parse_duration_ms(std::string_view text);

}  // namespace deployflow
