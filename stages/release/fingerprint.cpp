#include "stages/release/fingerprint.hpp"

#include "stages/release/order.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace deployflow::release {
namespace {

using Text = std::string_view;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}
bool is_base32(char c) {
  return is_upper(c) || (c >= '2' && c <= '7');
}
bool is_base64url(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '_';
}

template <class F>
bool all(Text text, F f) {
  return std::all_of(text.begin(), text.end(), f);
}
template <class F>
std::size_t count(Text text, F f) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), f));
}

enum class Kind : std::uint8_t { digit, lower, upper, mark };

Kind kind_of(char c) {
  return is_digit(c)   ? Kind::digit
         : is_lower(c) ? Kind::lower
         : is_upper(c) ? Kind::upper
                       : Kind::mark;
}

/// Call `f(run, kind)` for each longest run of characters of one kind.
template <class F>
void each_run(Text text, F f) {
  for (std::size_t start = 0; start < text.size();) {
    const Kind kind = kind_of(text[start]);
    std::size_t end = start;
    while (end < text.size() && kind_of(text[end]) == kind) {
      ++end;
    }
    f(text.substr(start, end - start), kind);
    start = end;
  }
}

std::size_t runs(Text text, bool of_digits_only = false) {
  std::size_t n = 0;
  each_run(text, [&](Text, Kind kind) { n += !of_digits_only || kind == Kind::digit ? 1U : 0U; });
  return n;
}

/// Call `f(piece)` for each piece between any of `separators` until it says true; did it?
template <class F>
bool any_piece(Text text, Text separators, F f) {
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, start), text.size());
    if (f(text.substr(start, end - start))) {
      return true;
    }
    start = end + 1;
  }
  return false;
}

bool is_uuid_at(Text text) {
  static constexpr Text k_form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return text.size() >= k_form.size() &&
         std::equal(k_form.begin(), k_form.end(), text.begin(), [](char form, char c) {
           return form == '-' ? c == '-' : is_hex(c);
         });
}

bool holds_uuid(Text name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (is_uuid_at(name.substr(i))) {
      return true;
    }
  }
  return false;
}

constexpr std::size_t k_long = 16;  // hex digits that need no other sign
constexpr std::size_t k_short = 8;  // characters of the short hashes of bundlers

bool has_long_hex(Text stem) {
  return any_piece(stem, ".-_", [](Text piece) {
    const bool hugo = piece.substr(0, 2) == "hu";
    if (hugo) {
      piece.remove_prefix(2);
    }
    return piece.size() >= k_long && all(piece, is_hex) && (hugo || !all(piece, is_digit));
  });
}

bool is_short_hex(Text token, std::size_t least_runs) {
  return all(token, is_hex) && count(token, is_digit) >= 2 && runs(token) >= least_runs;
}

bool is_base32_hash(Text token, bool code) {
  if (token.size() != k_short || !all(token, is_base32)) {
    return false;
  }
  const std::size_t digit_runs = runs(token, true);
  const bool only_at_end = digit_runs == 1 && is_digit(token.back());
  return runs(token) > digit_runs && !only_at_end && digit_runs >= (code ? 1U : 2U);
}

bool has_vowel(Text letters) {
  return letters.find_first_of("aeiouyAEIOUY") != Text::npos;
}

template <class F>
std::size_t run_length(Text text, F f) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), f) - text.begin());
}

/// How much in a token no words would have. "Win11Pro" has nothing of it, "iPadPro2" one sign,
/// "BX3kd9aQ" four: kd, a second number, a, Q.
std::size_t signs_of_chance(Text token) {
  std::size_t signs = 0;
  bool number_before = false;
  while (!token.empty()) {
    const std::size_t capitals = run_length(token, is_upper);
    const std::size_t small = run_length(token.substr(capitals), is_lower);
    const std::size_t digits = run_length(token, is_digit);
    if (capitals + small > 0) {
      const std::size_t word = small + (small > 0 && capitals > 0 ? 1 : 0);
      const std::size_t initials = capitals + small - word;
      signs += initials == 1 ? 1U : 0U;
      signs += word == 1 || (word > 1 && !has_vowel(token.substr(initials, word))) ? 1U : 0U;
    } else {
      signs += digits == 0 || number_before ? 1U : 0U;
      number_before = number_before || digits > 0;
    }
    token.remove_prefix(std::max<std::size_t>(capitals + small + digits, 1));
  }
  return signs;
}

bool is_base64url_hash(Text token, bool code) {
  if (token.size() != k_short || !all(token, is_base64url) || count(token, is_lower) == 0 ||
      count(token, is_upper) == 0) {
    return false;
  }
  const bool digit = count(token, is_digit) > 0;
  return signs_of_chance(token) >= (code ? (digit ? 2U : 3U) : 4U) && (code || digit);
}

/// Where only bundlers write.
bool is_bundlers_hash(Text token) {
  if (token.size() != k_short || !all(token, is_base64url) || signs_of_chance(token) == 0) {
    return false;
  }
  const std::size_t digits = count(token, is_digit);
  const std::size_t capitals = count(token.substr(1), is_upper);
  return (digits > 0 && digits < k_short) || (capitals > 0 && count(token, is_lower) > 0);
}

bool is_in_bundlers_folder(Text key) {
  static constexpr std::array<Text, 4> k_folders{
      "_astro/", "_next/static/", "_nuxt/", "_app/immutable/"};
  return std::any_of(k_folders.begin(), k_folders.end(), [&](Text folder) {
    const std::size_t at = key.find(folder);
    return at != Text::npos && (at == 0 || key[at - 1] == '/');
  });
}

bool is_code(Text suffix) {
  static constexpr std::array<Text, 5> k_suffixes{"js", "mjs", "css", "wasm", "map"};
  return std::find(k_suffixes.begin(), k_suffixes.end(), suffix) != k_suffixes.end();
}

/// The last eight characters if a '-' stands before them: a hash of base64url may hold more of
/// those.
Text tail_of_eight(Text piece) {
  return piece.size() > k_short && piece[piece.size() - k_short - 1] == '-'
             ? piece.substr(piece.size() - k_short)
             : Text();
}

/// One piece of the name between dots; `is_first`: nothing stands before it.
bool is_hashed_piece(Text piece, bool is_first, bool code, bool bundled) {
  const std::size_t dash = piece.rfind('-');
  const Text tail =
      dash == Text::npos ? (is_first && !code ? Text() : piece) : piece.substr(dash + 1);
  if (tail.size() >= k_short && is_short_hex(tail, 3)) {
    return true;
  }
  if (code && !is_first && piece.size() >= 6 && piece.size() < k_short && is_short_hex(piece, 4)) {
    return true;
  }
  const Text eight =
      is_first ? tail_of_eight(piece) : (piece.size() == k_short ? piece : tail_of_eight(piece));
  if (is_base32_hash(eight, code) || is_base64url_hash(eight, code)) {
    return true;
  }
  if (!bundled) {
    return false;
  }
  const bool leads = piece.size() == k_short || (piece.size() > k_short && piece[k_short] == '_');
  return is_bundlers_hash(eight) || (leads && is_bundlers_hash(piece.substr(0, k_short)));
}

bool has_hash(Text key, Text stem, bool code) {
  if (has_long_hex(stem)) {
    return true;
  }
  const bool bundled = is_in_bundlers_folder(key);
  bool is_first = true;
  return any_piece(stem, ".", [&](Text piece) {
    const bool hashed = is_hashed_piece(piece, is_first, code, bundled);
    is_first = false;
    return hashed;
  });
}

}  // namespace

bool is_fingerprinted(Text key) {
  const Text name = key.substr(key.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == Text::npos || dot == 0) {
    return false;
  }
  const Text stem = name.substr(0, dot), suffix = name.substr(dot + 1);
  if (suffix == "html" || suffix == "htm") {
    return false;  // as below, but most files of a site are pages
  }
  return suffix != "txt" && suffix != "xml" && has_hash(key, stem, is_code(suffix)) &&
         !holds_uuid(stem) && role_by_key(key) == Role::file;
}

}  // namespace deployflow::release
