#include "plugins/host/pipeline/pattern.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace deployflow::pipeline {
namespace {

bool matches(std::string_view expression, std::string_view text) {
  const auto pattern = Pattern::compile(expression);
  REQUIRE_MESSAGE(pattern.ok(), std::string(expression));
  return pattern->matches(text);
}

std::string refusal(std::string_view expression) {
  const auto pattern = Pattern::compile(expression);
  return pattern.ok() ? "accepted" : pattern.error().message;
}

TEST_CASE("a pattern matches what it describes and nothing else") {
  struct Case {
    const char* expression;
    const char* text;
    bool expected;
  };
  for (const Case& c : {Case{"", "", true},
                        {"b", "abc", true},
                        {"^b", "abc", false},
                        {"c$", "abc", true},
                        {"^$", "", true},
                        {"^$", "a", false},
                        {"^a*$", "aaaa", true},
                        {"^a+$", "", false},
                        {"^ab?c$", "ac", true},
                        {"^ab?c$", "abbc", false},
                        {"^(ab|cd)+$", "abcdab", true},
                        {"^(?:ab|cd)+$", "abc", false},
                        {"^a{2,3}$", "a", false},
                        {"^a{2,3}$", "aaa", true},
                        {"^a{2,3}$", "aaaa", false},
                        {"^a{2}$", "aa", true},
                        {"^a{0}$", "", true},
                        {"^a{2,}$", "aaaaa", true},
                        {"^[a-c_-]+$", "a-b_c", true},
                        {"^[^a-c]+$", "xyz", true},
                        {"^[^a-c]+$", "xbz", false},
                        {"^\\d{4}-\\w+$", "2026-ab_9", true},
                        {"^[\\d.]+$", "1.2", true},
                        {"^\\D+$", "a1", false},
                        {"^[^\\s]+$", "a b", false},
                        {"^\\.$", "x", false},
                        {"^\\u00e4\\x41$",
                         "\xC3\xA4"
                         "A",
                         true},
                        {"^.$", "\xF0\x9F\x98\x80", true},
                        {"^.$", "\n", false},
                        {"^a|b$", "xb", true},
                        {"^(a|)*$", "aa", true},
                        {"()*", "x", true},
                        {"^(a*)*$", "aaab", false},
                        {"^a+?$", "aa", true}}) {
    CAPTURE(c.expression);
    CAPTURE(c.text);
    CHECK(matches(c.expression, c.text) == c.expected);
  }
}

TEST_CASE("what is malformed or not supported is refused with the reason") {
  CHECK(refusal("(a") == "unbalanced (");
  CHECK(refusal("a)") == "unbalanced )");
  CHECK(refusal("[a") == "unbalanced [");
  CHECK(refusal("*a") == "nothing to repeat");
  CHECK(refusal("a**") == "a repetition of a repetition");
  CHECK(refusal("a{3,2}") == "{} with numbers out of order");
  CHECK(refusal("a{x}") == "malformed {}");
  CHECK(refusal("a{99999}") == "a count over 1000");
  CHECK(refusal("[z-a]") == "malformed range in []");
  CHECK(refusal("a\\") == "ends in a backslash");
  CHECK(refusal("(a)\\1") == "an escape that is not supported");
  CHECK(refusal("(?=a)") == "look-around and named groups are not supported");
  CHECK(refusal("\\xg0") == "an escape needs hexadecimal digits");
  CHECK(refusal("((((a{250}){250}){250}){250})") == "too large");
  CHECK(refusal(std::string(200, '(') + std::string(200, ')')) == "nested too deeply");
  CHECK(refusal(std::string(600, 'a')) == "over 512 bytes");
}

TEST_CASE("what is not UTF-8 never matches: half a character must not hide the one behind it") {
  CHECK_FALSE(matches("^[^/]*$", "a\xC2/b"));
  CHECK_FALSE(matches("a", "a\xFF"));
  CHECK_FALSE(matches("", "\xC2"));
  CHECK(matches("^[^/]*$",
                "a\xC2\xA7"
                "b"));
  CHECK(refusal("a\xC2") == "not UTF-8");
}

TEST_CASE("no pattern takes exponential time") {
  const std::string text(4000, 'a');
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(matches("^(a|a|aa|a*)*b$", text));
  CHECK_FALSE(matches("^(a+)+(a+)+(a+)+$", text + "!"));
  CHECK_FALSE(matches("(a?){300}a{300}b", text));
  CHECK(std::chrono::steady_clock::now() - start <
        std::chrono::seconds(10));  // sanitizers included
  CHECK_FALSE(matches("a", std::string(5000, 'a')));
}

}  // namespace
}  // namespace deployflow::pipeline
