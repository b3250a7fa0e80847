#include "plugins/host/pipeline/pattern.hpp"

#include "plugins/host/base/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>

namespace deployflow::pipeline {
namespace {

using Instruction = Pattern::Instruction;
using Program = std::vector<Instruction>;
using Op = Instruction::Op;

constexpr std::size_t k_max_expression_bytes = 512;
constexpr std::size_t k_max_program = 2048;
constexpr std::size_t k_max_text_bytes = 4096;
constexpr std::size_t k_max_depth = 32;
constexpr std::size_t k_max_count = 1000;
constexpr char32_t k_last = 0x10FFFF;

// Of valid UTF-8: a lead byte takes what follows it, whatever that is.
std::u32string decode(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t code = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
      code = (code << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    out += code;
    i += length;
  }
  return out;
}

Pattern::Ranges class_of(char32_t letter) {
  switch (letter) {
    case U'd':
      return {{U'0', U'9'}};
    case U'w':
      return {{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}};
    default:  // s
      return {{U'\t', U'\r'}, {U' ', U' '}, {0xA0, 0xA0}, {0x2028, 0x2029}, {0xFEFF, 0xFEFF}};
  }
}

Pattern::Ranges complement(Pattern::Ranges ranges) {
  std::sort(ranges.begin(), ranges.end());
  Pattern::Ranges out;
  char32_t next = 0;
  for (const auto& [low, high] : ranges) {
    if (low > next) {
      out.emplace_back(next, low - 1);
    }
    next = std::max(next, static_cast<char32_t>(high + 1));
  }
  if (next <= k_last) {
    out.emplace_back(next, k_last);
  }
  return out;
}

Instruction take(Pattern::Ranges ranges, bool negated) {
  return {.op = Op::take, .ranges = std::move(ranges), .negated = negated};
}

void append(Program& program, const Program& more) {
  program.insert(program.end(), more.begin(), more.end());
}

// Recursive descent; jumps are relative, so a piece can be copied to repeat it.
class Compiler {
 public:
  explicit Compiler(std::u32string text) : text_(std::move(text)) {}

  Result<Program> compile() {
    Program program = alternatives(0);
    if (failure_.empty() && at_ < text_.size()) {
      fail("unbalanced )");
    }
    if (!failure_.empty()) {
      return Error{Errc::config, failure_};
    }
    return program;
  }

 private:
  [[nodiscard]] bool more() const { return failure_.empty() && at_ < text_.size(); }
  [[nodiscard]] bool next_is(char32_t c) const { return more() && text_[at_] == c; }
  bool skip(char32_t c) {
    const bool there = next_is(c);
    at_ += there ? 1U : 0U;
    return there;
  }
  void fail(const char* why) {
    if (failure_.empty()) {
      failure_ = why;
    }
  }
  Program checked(Program program) {
    if (program.size() > k_max_program) {
      fail("too large");
      return {};
    }
    return program;
  }

  Program alternatives(std::size_t depth) {
    if (depth > k_max_depth) {
      fail("nested too deeply");
      return {};
    }
    Program left = sequence(depth);
    while (skip(U'|')) {
      const Program right = sequence(depth);
      Program both{{.op = Op::split, .a = 1, .b = static_cast<std::ptrdiff_t>(left.size()) + 2}};
      append(both, left);
      both.push_back({.op = Op::jump, .a = static_cast<std::ptrdiff_t>(right.size()) + 1});
      append(both, right);
      left = checked(std::move(both));
    }
    return left;
  }

  Program sequence(std::size_t depth) {
    Program out;
    while (more() && !next_is(U'|') && !next_is(U')')) {
      append(out, repeated(atom(depth)));
      out = checked(std::move(out));
    }
    return out;
  }

  Program repeated(Program piece) {
    if (!more()) {
      return piece;
    }
    std::size_t least = 0;
    std::optional<std::size_t> most;
    if (skip(U'+')) {
      least = 1;
    } else if (skip(U'?')) {
      most = 1;
    } else if (skip(U'{')) {
      counts(least, most);
    } else if (!skip(U'*')) {
      return piece;
    }
    skip(U'?');  // lazy: another way to the same yes or no
    if (next_is(U'*') || next_is(U'+') || next_is(U'?') || next_is(U'{')) {
      fail("a repetition of a repetition");
    }
    return failure_.empty() ? repeat(piece, least, most) : Program{};
  }

  Program repeat(const Program& piece, std::size_t least, std::optional<std::size_t> most) {
    const auto size = static_cast<std::ptrdiff_t>(piece.size());
    const std::size_t copies = std::max(least, most.value_or(least + 1));
    if (copies * (piece.size() + 1) > k_max_program) {
      fail("too large");
      return {};
    }
    Program out;
    for (std::size_t i = 0; i < least; ++i) {
      append(out, piece);
    }
    if (!most) {
      out.push_back({.op = Op::split, .a = 1, .b = size + 2});
      append(out, piece);
      out.push_back({.op = Op::jump, .a = -(size + 1)});
      return checked(std::move(out));
    }
    for (std::size_t i = least; i < *most; ++i) {
      out.push_back({.op = Op::split, .a = 1, .b = size + 1});
      append(out, piece);
    }
    return checked(std::move(out));
  }

  void counts(std::size_t& least, std::optional<std::size_t>& most) {
    least = number();
    most = least;
    if (skip(U',')) {
      most = next_is(U'}') ? std::nullopt : std::optional<std::size_t>(number());
    }
    if (!skip(U'}')) {
      fail("malformed {}");
    } else if (most && *most < least) {
      fail("{} with numbers out of order");
    }
  }

  std::size_t number() {
    std::size_t value = 0;
    bool any = false;
    while (more() && text_[at_] >= U'0' && text_[at_] <= U'9') {
      value = value * 10 + (text_[at_++] - U'0');
      any = true;
      if (value > k_max_count) {
        fail("a count over 1000");
      }
    }
    if (!any) {
      fail("malformed {}");
    }
    return value;
  }

  Program atom(std::size_t depth) {
    const char32_t c = text_[at_++];
    switch (c) {
      case U'(':
        return group(depth);
      case U'[':
        return {bracket()};
      case U'.':
        return {take({{U'\n', U'\n'}, {U'\r', U'\r'}, {0x2028, 0x2029}}, true)};
      case U'^':
        return {{.op = Op::at_start}};
      case U'$':
        return {{.op = Op::at_end}};
      case U'\\':
        return {take(escape(), false)};
      case U'*':
      case U'+':
      case U'?':
      case U'{':
        fail("nothing to repeat");
        return {};
      default:
        return {take({{c, c}}, false)};
    }
  }

  Program group(std::size_t depth) {
    if (skip(U'?') && !skip(U':')) {
      fail("look-around and named groups are not supported");
    }
    Program inside = alternatives(depth + 1);
    if (!skip(U')')) {
      fail("unbalanced (");
    }
    return inside;
  }

  Instruction bracket() {
    const bool negated = skip(U'^');
    Pattern::Ranges ranges;
    while (more() && !next_is(U']')) {
      Pattern::Ranges low = member();
      const bool single = low.size() == 1 && low[0].first == low[0].second;
      if (single && next_is(U'-') && at_ + 1 < text_.size() && text_[at_ + 1] != U']') {
        ++at_;
        const Pattern::Ranges high = member();
        if (high.size() != 1 || high[0].first != high[0].second || high[0].first < low[0].first) {
          fail("malformed range in []");
          break;
        }
        low[0].second = high[0].second;
      }
      ranges.insert(ranges.end(), low.begin(), low.end());
    }
    if (!skip(U']')) {
      fail("unbalanced [");
    }
    return take(std::move(ranges), negated);
  }

  Pattern::Ranges member() {
    if (!more()) {
      fail("unbalanced [");
      return {};
    }
    const char32_t c = text_[at_++];
    return c == U'\\' ? escape() : Pattern::Ranges{{c, c}};
  }

  Pattern::Ranges escape() {
    if (!more()) {
      fail("ends in a backslash");
      return {};
    }
    const char32_t c = text_[at_++];
    const auto one = [](char32_t code) { return Pattern::Ranges{{code, code}}; };
    switch (c) {
      case U'd':
      case U'w':
      case U's':
        return class_of(c);
      case U'D':
      case U'W':
      case U'S':
        return complement(class_of(c + (U'a' - U'A')));
      case U'n':
        return one(U'\n');
      case U'r':
        return one(U'\r');
      case U't':
        return one(U'\t');
      case U'f':
        return one(U'\f');
      case U'v':
        return one(U'\v');
      case U'x':
        return one(hex(2));
      case U'u':
        return one(hex(4));
      default:
        break;
    }
    if ((c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z')) {
      fail("an escape that is not supported");
    }
    return one(c);
  }

  char32_t hex(std::size_t digits) {
    char32_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char32_t c = more() ? text_[at_++] : U'?';
      if (c >= U'0' && c <= U'9') {
        value = value * 16 + (c - U'0');
      } else if ((c | 0x20U) >= U'a' && (c | 0x20U) <= U'f') {
        value = value * 16 + ((c | 0x20U) - U'a' + 10);
      } else {
        fail("an escape needs hexadecimal digits");
        return 0;
      }
    }
    return value;
  }

  std::u32string text_;
  std::size_t at_ = 0;
  std::string failure_;
};

// The states that are alive between two characters, each once.
class States {
 public:
  explicit States(const Program& program) : program_(program), seen_(program.size() + 1, 0) {}

  void clear() {
    ++round_;
    alive_.clear();
  }

  // Follow everything that takes no character, without recursion.
  void add(std::size_t state, bool at_start, bool at_end) {
    pending_.push_back(state);
    while (!pending_.empty()) {
      const std::size_t now = pending_.back();
      pending_.pop_back();
      if (std::exchange(seen_[now], round_) == round_) {
        continue;
      }
      if (now == program_.size()) {
        matched_ = true;
        continue;
      }
      const Instruction& i = program_[now];
      const auto target = [now](std::ptrdiff_t step) {
        return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(now) + step);
      };
      switch (i.op) {
        case Op::take:
          alive_.push_back(now);
          break;
        case Op::split:
          pending_.push_back(target(i.b));
          pending_.push_back(target(i.a));
          break;
        case Op::jump:
          pending_.push_back(target(i.a));
          break;
        case Op::at_start:
        case Op::at_end:
          if (i.op == Op::at_start ? at_start : at_end) {
            pending_.push_back(now + 1);
          }
          break;
      }
    }
  }

  [[nodiscard]] bool matched() const { return matched_; }
  [[nodiscard]] const std::vector<std::size_t>& alive() const { return alive_; }

 private:
  const Program& program_;
  std::vector<std::uint32_t> seen_;  // the round in which a state was added
  std::vector<std::size_t> alive_;
  std::vector<std::size_t> pending_;
  std::uint32_t round_ = 1;
  bool matched_ = false;
};

bool accepts(const Instruction& instruction, char32_t c) {
  const bool inside =
      std::any_of(instruction.ranges.begin(), instruction.ranges.end(), [c](const auto& range) {
        return c >= range.first && c <= range.second;
      });
  return inside != instruction.negated;
}

}  // namespace

Result<Pattern> Pattern::compile(std::string_view expression) {
  if (expression.size() > k_max_expression_bytes) {
    return Error{Errc::config, "over 512 bytes"};
  }
  if (!is_utf8(expression)) {
    return Error{Errc::config, "not UTF-8"};
  }
  Pattern pattern;
  TRY_ASSIGN(pattern.program_, Compiler(decode(expression)).compile());
  return pattern;
}

bool Pattern::matches(std::string_view text) const {
  if (text.size() > k_max_text_bytes || !is_utf8(text)) {
    return false;
  }
  const std::u32string characters = decode(text);
  std::array<States, 2> states{States(program_), States(program_)};
  for (std::size_t i = 0;; ++i) {
    States& now = states[i % 2];
    States& next = states[(i + 1) % 2];
    now.add(0, i == 0, i == characters.size());  // a match may start anywhere
    if (now.matched() || i == characters.size()) {
      return now.matched();
    }
    next.clear();
    for (const std::size_t state : now.alive()) {
      if (accepts(program_[state], characters[i])) {
        next.add(state + 1, false, i + 1 == characters.size());
      }
    }
  }
}

}  // namespace deployflow::pipeline
