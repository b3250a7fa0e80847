#include "plugins/host/site/ignore_pattern.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace deployflow::site {
namespace {

constexpr std::string_view k_special = "*?[\\";

unsigned char code(char c) {
  return static_cast<unsigned char>(c);
}

/// Without the spaces at its end that no '\' protects.
std::string_view without_trailing_spaces(std::string_view line) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
      end = std::min(i + 1, line.size());
    } else if (line[i] != ' ') {
      end = i + 1;
    }
  }
  return line.substr(0, end);
}

bool is_upper(unsigned char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(unsigned char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(unsigned char c) {
  return is_upper(c) || is_lower(c) || is_digit(c);
}
bool is_graph(unsigned char c) {
  return c > ' ' && c < 0x7F;
}

/// [:name:], in ASCII whatever the locale; git has four kinds of space. False if there is none
/// such.
bool add_class(std::string_view name, std::bitset<256>& set) {
  using Test = bool (*)(unsigned char);
  static constexpr std::array<std::pair<std::string_view, Test>, 12> k_classes{{
      {"alnum", is_alnum},
      {"alpha", [](unsigned char c) { return is_upper(c) || is_lower(c); }},
      {"blank", [](unsigned char c) { return c == ' ' || c == '\t'; }},
      {"cntrl", [](unsigned char c) { return c < ' ' || c == 0x7F; }},
      {"digit", is_digit},
      {"graph", is_graph},
      {"lower", is_lower},
      {"print", [](unsigned char c) { return c == ' ' || is_graph(c); }},
      {"punct", [](unsigned char c) { return is_graph(c) && !is_alnum(c); }},
      {"space", [](unsigned char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }},
      {"upper", is_upper},
      {"xdigit",
       [](unsigned char c) {
         return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
       }},
  }};
  const auto* known = std::find_if(
      k_classes.begin(), k_classes.end(), [&](const auto& row) { return row.first == name; });
  if (known == k_classes.end()) {
    return false;
  }
  for (std::size_t c = 0; c < set.size(); ++c) {
    if (known->second(static_cast<unsigned char>(c))) {
      set.set(c);
    }
  }
  return true;
}

}  // namespace

std::optional<IgnorePattern> IgnorePattern::parse(std::string_view line) {
  if (line.starts_with('#')) {
    return std::nullopt;
  }
  std::string_view text = without_trailing_spaces(line.substr(0, line.find('\0')));
  IgnorePattern out;
  if (text.starts_with('!')) {
    out.is_negated_ = true;
    text.remove_prefix(1);
  }
  if (text.ends_with('/')) {
    out.is_for_folders_ = true;
    text.remove_suffix(1);
  }
  out.is_for_names_ = text.find('/') == std::string_view::npos;
  const std::size_t special = std::min(text.find_first_of(k_special), text.size());
  std::string_view head = text.substr(0, special);
  if (head.starts_with('/')) {
    head.remove_prefix(1);
  }
  out.head_ = head;
  if (text.empty() || !out.compile(text.substr(special))) {
    return std::nullopt;
  }
  return out;
}

/// False if it matches nothing.
bool IgnorePattern::compile(std::string_view pattern) {
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    switch (pattern[at]) {
      case '\\':
        if (++at == pattern.size()) {
          return false;
        }
        tokens_.push_back({Kind::byte, pattern[at]});
        break;
      case '?':
        tokens_.push_back({Kind::one});
        break;
      case '[':
        if (!read_set(pattern, at)) {
          return false;
        }
        break;
      case '*': {
        const std::size_t begin = at;
        at = std::min(pattern.find_first_not_of('*', at), pattern.size()) - 1;
        const std::string_view rest = pattern.substr(at + 1);
        const bool is_segment = (begin == 0 || pattern[begin - 1] == '/') &&
                                (rest.empty() || rest.starts_with('/') || rest.starts_with("\\/"));
        if (at == begin || !is_segment) {
          tokens_.push_back({Kind::star});
        } else {
          if (rest.starts_with('/')) {
            tokens_.push_back({Kind::maybe});
          }
          tokens_.push_back({Kind::any_path});
        }
        break;
      }
      default:
        tokens_.push_back({Kind::byte, pattern[at]});
    }
  }
  return true;
}

/// From the '[' at `at`, which is then at the ']'. False if there is none, or a class is unknown.
bool IgnorePattern::read_set(std::string_view pattern, std::size_t& at) {
  const auto is_past = [&] { return at >= pattern.size(); };
  Set set;
  ++at;
  const bool is_inverted = !is_past() && (pattern[at] == '!' || pattern[at] == '^');
  if (is_inverted) {
    ++at;
  }
  int from = -1;  // what a '-' behind it makes a range from; -1 = it does not
  for (bool is_first = true;; is_first = false, ++at) {
    if (is_past()) {
      return false;
    }
    char c = pattern[at];
    if (c == ']' && !is_first) {
      break;
    }
    if (c == '-' && from >= 0 && at + 1 < pattern.size() && pattern[at + 1] != ']') {
      c = pattern[++at];
      if (c == '\\') {
        if (++at; is_past()) {
          return false;
        }
        c = pattern[at];
      }
      for (int in = from; in <= code(c); ++in) {
        set.set(static_cast<std::size_t>(in));
      }
      from = -1;
      continue;
    }
    if (c == '[' && pattern.substr(at + 1).starts_with(':')) {
      const std::size_t end = pattern.find(']', at + 2);
      if (end == std::string_view::npos) {
        return false;
      }
      if (end > at + 2 && pattern[end - 1] == ':') {
        if (!add_class(pattern.substr(at + 2, end - at - 3), set)) {
          return false;
        }
        at = end;
        from = -1;
        continue;
      }
    } else if (c == '\\') {
      if (++at; is_past()) {
        return false;
      }
      c = pattern[at];
    }
    set.set(code(c));
    from = code(c);
  }
  if (is_inverted) {
    set.flip();
  }
  set.reset('/');
  if (sets_.size() > std::numeric_limits<std::uint16_t>::max()) {
    return false;
  }
  tokens_.push_back({Kind::set, 0, static_cast<std::uint16_t>(sets_.size())});
  sets_.push_back(set);
  return true;
}

bool IgnorePattern::matches(std::string_view path, Entry entry) const {
  if (is_for_folders_ && entry != Entry::folder) {
    return false;
  }
  if (is_for_names_) {
    path.remove_prefix(path.rfind('/') + 1);  // npos + 1 = 0
  }
  return path.starts_with(head_) && run(path.substr(head_.size()));
}

bool IgnorePattern::takes(const Token& token, char c) const {
  switch (token.kind) {
    case Kind::byte:
      return c == token.byte;
    case Kind::one:
    case Kind::star:
      return c != '/';
    case Kind::set:
      return sets_[token.set].test(code(c));
    case Kind::any_path:
      return true;
    case Kind::maybe:
      break;
  }
  return false;
}

/// All ways through the tokens at once, byte by byte, so that no text makes it slow.
bool IgnorePattern::run(std::string_view text) const {
  if (tokens_.empty()) {
    return text.empty();
  }
  const std::size_t count = tokens_.size();
  // Most patterns are "*.ext", and most names end otherwise.
  if (tokens_.back().kind == Kind::byte && (text.empty() || text.back() != tokens_.back().byte)) {
    return false;
  }
  std::string now(count + 1, 0);  // 1: so far the text may be what stands before this token
  std::string next(count + 1, 0);
  const auto pass_empty = [&](std::string& states) {
    for (std::size_t at = 0; at < count; ++at) {
      if (states[at] != 0 && tokens_[at].kind >= Kind::star) {
        states[at + 1] = 1;
        if (tokens_[at].kind == Kind::maybe) {
          states[at + 3] = 1;
        }
      }
    }
  };
  now[0] = 1;
  pass_empty(now);
  for (const char c : text) {
    std::fill(next.begin(), next.end(), 0);
    for (std::size_t at = 0; at < count; ++at) {
      if (now[at] != 0 && takes(tokens_[at], c)) {
        next[tokens_[at].kind >= Kind::star ? at : at + 1] = 1;
      }
    }
    pass_empty(next);
    std::swap(now, next);
  }
  return now[count] != 0;
}

}  // namespace deployflow::site
