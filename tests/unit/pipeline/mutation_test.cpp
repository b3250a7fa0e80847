// Broken files of every kind: whatever the text, reading gives a pipeline or says what is wrong,
// and where.

#include "tests/unit/pipeline/reading.hpp"

#include <array>
#include <random>

namespace deployflow::pipeline {
namespace {

constexpr std::string_view k_valid = R"(# a bit of everything
version: 1
site: ./public
plugins: [a.so, {path: "b.so"}]
targets:
  primary: &p {endpoint: "http://127.0.0.1:9000", bucket: 'source', region: us-east-1, prefix: "${SET}/x"}
  mirror:
    endpoint: http://127.0.0.1:9100
    bucket: ${NONE:-target}
    anonymous: true
  third: *p
stages:
  - uses: validate
    with: {max_file_size: 10MiB, deep: [[1, 2], {a: b}]}
  - uses: replicate
    id: again
    with:
      text: |
        one
        two
      folded: >-
        three
      to: [mirror, !!str primary]
)";

constexpr std::array<std::string_view, 36> k_pieces{
    "\n", " ",   "\t", ":",  ": ",   "- ",     "[",    "]",        "{",   "}",    ",",  "\"",
    "'",  "&a ", "*a", "*p", "!x ",  "!!map ", "---",  "\n---\n",  "...", "<<: ", "? ", "|",
    ">",  "#",   "${", "}",  "${X}", "\\",     "\xFF", "\xC3\xA4", "%",   "\x01", "~",  "\r"};

void read_and_judge(const std::string& text) {
  const Parsed parsed = parse(text);
  REQUIRE(parsed.pipeline.has_value() == parsed.diagnostics.empty());
  for (const auto& diagnostic : parsed.diagnostics) {
    REQUIRE(diagnostic.at.line >= 1);
    REQUIRE(diagnostic.at.column >= 1);
    REQUIRE_FALSE(diagnostic.message.empty());
    REQUIRE(diagnostic.message.find("bad file") == std::string::npos);
  }
}

TEST_CASE("the file that is broken below is sound") {
  CHECK(wrong(k_valid) == Lines{});
}

TEST_CASE("every truncation of a file is a pipeline or an error with a place") {
  for (std::size_t length = 0; length <= k_valid.size(); ++length) {
    CAPTURE(length);
    read_and_judge(std::string(k_valid.substr(0, length)));
  }
}

TEST_CASE("every mutation of a file is a pipeline or an error with a place") {
  constexpr int k_rounds = 3000;
  for (int seed = 0; seed < k_rounds; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    const auto below = [&random](std::size_t limit) { return random() % limit; };
    std::string text(k_valid);
    for (std::size_t i = 0; i <= below(4); ++i) {
      const std::size_t at = below(text.size());
      const std::string piece(k_pieces[below(k_pieces.size())]);
      switch (below(4)) {
        case 0:
          text.insert(at, piece);
          break;
        case 1:
          text.replace(at, piece.size(), piece);
          break;
        case 2:
          text.erase(at, 1 + below(8));
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(40)));
          break;
      }
    }
    CAPTURE(text);
    read_and_judge(text);
  }
}

}  // namespace
}  // namespace deployflow::pipeline
