#include "stages/release/plain_pattern.hpp"

#include "plugins/host/base/glob.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace deployflow::release {
namespace {

std::string random_text(std::minstd_rand& random, const char* of, std::size_t most) {
  const std::string_view signs(of);
  std::string text(random() % (most + 1), '\0');
  for (char& c : text) {
    c = signs[random() % signs.size()];
  }
  return text;
}

TEST_CASE("the usual patterns are plain, and others are left to the host") {
  for (const char* plain :
       {"a/b.css", "a", "a/**", "a/b/**", "**", "*.css", "*", "**/*", "**/*.css"}) {
    CAPTURE(plain);
    CHECK(PlainPattern::read(plain).has_value());
  }
  for (const char* other : {"a?",
                            "a/*",
                            "a*b",
                            "{a,b}",
                            "\\*",
                            "**/a",
                            "**/*.{css,js}",
                            "**/*/a",
                            "a/*/**",
                            "*/a",
                            "**.css",
                            "***",
                            "a**",
                            "***/*",
                            "a/***",
                            "*.c?s"}) {
    CAPTURE(other);
    CHECK_FALSE(PlainPattern::read(other).has_value());
  }
}

TEST_CASE("a plain pattern means what it means to the host") {
  std::minstd_rand random;
  std::size_t plain = 0, matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    const char* shapes[] = {"", "**/*", "*", "**/", "**"};
    std::string pattern = shapes[random() % 5] + random_text(random, "ab./*", 3);
    pattern += random() % 3 == 0 ? "/**" : "";
    const auto ours = PlainPattern::read(pattern);
    if (!ours || pattern.empty()) {
      continue;
    }
    ++plain;
    const auto hosts = Glob::compile(pattern);
    REQUIRE(hosts.ok());
    for (int k = 0; k < 50; ++k) {
      const std::string key = random_text(random, "ab./", 6);
      CAPTURE(pattern);
      CAPTURE(key);
      const bool is_meant = hosts.value().matches(key);
      REQUIRE(ours->matches(key) == is_meant);
      matched += is_meant ? 1 : 0;
    }
  }
  CHECK(plain > 1'000);
  CHECK(matched > 10'000);
}

}  // namespace
}  // namespace deployflow::release
