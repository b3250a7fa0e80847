#include "plugins/host/base/glob.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace deployflow {
namespace {

constexpr std::size_t k_longest = 4096;
constexpr std::size_t k_most_ways = 1000;
constexpr int k_deepest = 32;

Error bad_pattern(std::string_view why) {
  return {Errc::config,
          "the pattern " + std::string(why),
          "\\{ and \\\\ mean the characters themselves"};
}

// Multiplies lists out: "a{b,c}" is "ab" and "ac". Escapes stay as they are.
class Expansion {
 public:
  explicit Expansion(std::string_view pattern) : rest_(pattern) {}

  Result<std::vector<std::string>> run() { return sequence(0); }

 private:
  Result<std::vector<std::string>> sequence(int depth) {
    std::vector<std::string> ways{""};
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (depth > 0 && (c == ',' || c == '}')) {
        break;
      }
      if (c == '{') {
        TRY_ASSIGN(const std::vector<std::string> choices, list(depth + 1));
        TRY_ASSIGN(ways, product(ways, choices));
        continue;
      }
      const std::size_t length = c == '\\' ? 2 : 1;
      if (rest_.size() < length) {
        return bad_pattern("ends in a \\");
      }
      for (std::string& way : ways) {
        way.append(rest_.substr(0, length));
      }
      rest_.remove_prefix(length);
    }
    return ways;
  }

  Result<std::vector<std::string>> list(int depth) {
    if (depth > k_deepest) {
      return bad_pattern("has lists in lists, too deep");
    }
    std::vector<std::string> choices;
    do {
      rest_.remove_prefix(1);  // '{' or ','
      TRY_ASSIGN(const std::vector<std::string> more, sequence(depth));
      choices.insert(choices.end(), more.begin(), more.end());
      if (rest_.empty()) {
        return bad_pattern("has a { without its }");
      }
      if (choices.size() > k_most_ways) {
        return too_many();
      }
    } while (rest_.front() == ',');
    rest_.remove_prefix(1);
    return choices;
  }

  static Result<std::vector<std::string>> product(const std::vector<std::string>& ways,
                                                  const std::vector<std::string>& choices) {
    if (ways.size() * choices.size() > k_most_ways) {
      return too_many();
    }
    std::vector<std::string> out;
    for (const std::string& way : ways) {
      for (const std::string& choice : choices) {
        out.push_back(way + choice);
      }
    }
    return out;
  }

  static Error too_many() { return bad_pattern("can be read in over 1,000 ways"); }

  std::string_view rest_;
};

}  // namespace

Result<Glob> Glob::compile(std::string_view pattern) {
  if (pattern.size() > k_longest) {
    return bad_pattern("has over 4,096 bytes");
  }
  TRY_ASSIGN(const std::vector<std::string> ways, Expansion(pattern).run());
  Glob glob;
  for (const std::string& way : ways) {
    glob.ways_.push_back(read_way(way));
  }
  return glob;
}

Glob::Way Glob::read_way(std::string_view pattern) {
  Way way;
  std::vector<Token>& tokens = way.tokens;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool at_segment = i == 0 || pattern[i - 1] == '/';
    if (pattern[i] == '\\') {
      tokens.push_back({Kind::literal, pattern[++i]});
    } else if (pattern[i] == '?') {
      tokens.push_back({Kind::one});
    } else if (pattern[i] != '*') {
      tokens.push_back({Kind::literal, pattern[i]});
    } else if (at_segment && pattern.substr(i, 3) == "**/") {
      tokens.push_back({Kind::segments});
      tokens.push_back({Kind::inside_segments});
      i += 2;
    } else if (pattern.substr(i, 2) == "**") {
      tokens.push_back({Kind::stars});
      ++i;
    } else {
      tokens.push_back({Kind::star});
    }
  }
  const auto is_literal = [](const Token& token) { return token.kind == Kind::literal; };
  const auto head_end = std::find_if_not(tokens.begin(), tokens.end(), is_literal);
  std::for_each(tokens.begin(), head_end, [&](const Token& token) { way.head += token.c; });
  way.is_literal = head_end == tokens.end();
  const auto tail_begin = std::find_if_not(tokens.rbegin(), tokens.rend(), is_literal).base();
  if (!way.is_literal) {
    std::for_each(tail_begin, tokens.end(), [&](const Token& token) { way.tail += token.c; });
  }
  tokens.erase(tokens.begin(), head_end);
  return way;
}

bool Glob::matches(std::string_view key) const {
  return std::any_of(ways_.begin(), ways_.end(), [key](const Way& way) {
    if (way.is_literal) {
      return key == way.head;
    }
    return key.size() >= way.head.size() + way.tail.size() && key.starts_with(way.head) &&
           key.ends_with(way.tail) && run(way.tokens, key.substr(way.head.size()));
  });
}

// The tokens as an automaton that is in many states at once: no backtracking, so a hostile pattern
// costs |pattern| * |key| and not more. In state i, token i is to be read.
bool Glob::run(const std::vector<Token>& tokens, std::string_view key) {
  const std::size_t end = tokens.size();
  std::vector<std::uint8_t> now(end + 1), next(end + 1);
  now[0] = 1;
  const auto leave_what_may_be_nothing = [&] {
    for (std::size_t i = 0; i < end; ++i) {
      if (now[i] != 0 && (tokens[i].kind == Kind::star || tokens[i].kind == Kind::stars)) {
        now[i + 1] = 1;
      } else if (now[i] != 0 && tokens[i].kind == Kind::segments) {
        now[i + 1] = 1;
        now[i + 2] = 1;
      }
    }
  };
  leave_what_may_be_nothing();
  for (const char c : key) {
    std::fill(next.begin(), next.end(), std::uint8_t{0});
    for (std::size_t i = 0; i < end; ++i) {
      if (now[i] == 0) {
        continue;
      }
      switch (tokens[i].kind) {
        case Kind::literal:
          next[i + 1] |= static_cast<std::uint8_t>(c == tokens[i].c);
          break;
        case Kind::one:
          next[i + 1] |= static_cast<std::uint8_t>(c != '/');
          break;
        case Kind::star:
          next[i] |= static_cast<std::uint8_t>(c != '/');
          break;
        case Kind::stars:
          next[i] = 1;
          break;
        case Kind::segments:  // was left already
          break;
        case Kind::inside_segments:
          next[i] = 1;
          next[i + 1] |= static_cast<std::uint8_t>(c == '/');
          break;
      }
    }
    now.swap(next);
    leave_what_may_be_nothing();
  }
  return now[end] != 0;
}

}  // namespace deployflow
