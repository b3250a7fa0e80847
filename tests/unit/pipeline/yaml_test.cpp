#include "plugins/host/pipeline/yaml_reader.hpp"
#include "tests/unit/pipeline/reading.hpp"

#include <spdlog/fmt/fmt.h>

#include <chrono>

namespace deployflow::pipeline {
namespace {

Lines problems(std::string_view text) {
  return lines_of(read_yaml(text).diagnostics);
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += text;
  }
  return out;
}

TEST_CASE("scalars stay as written, with their places and quotes") {
  const YamlDocument document = read_yaml(
      "a: 010\nb: \"no\"\nc: no\n\xC3\xA4: [~, x]\nd: &n !!str 5\ne: |\n  one\n  two\nf: *n\n");
  REQUIRE(problems("") == Lines{"p:1:1: the file is empty"});
  REQUIRE(document.root.has_value());
  const Value& root = *document.root;
  CHECK(root.find("a")->text == "010");
  CHECK_FALSE(root.find("a")->quoted);
  CHECK(root.find("b")->quoted);
  CHECK_FALSE(root.find("c")->quoted);
  const Value& list = *root.find("\xC3\xA4");
  CHECK(list.list[0].kind == Value::Kind::null);
  CHECK(list.list[0].at.column == 5);  // characters, not bytes
  CHECK(list.list[1].at.column == 8);
  CHECK(root.find("d")->quoted);
  CHECK(root.find("d")->at.column == 13);  // behind anchor and tag
  CHECK(root.find("e")->text == "one\ntwo\n");
  CHECK(root.find("f")->text == "5");
  CHECK(root.find("f")->at.line == 5);  // where it is defined
  CHECK(root.key_positions[3].line == 4);
}

TEST_CASE("a byte order mark and Windows line ends are no part of the text") {
  const YamlDocument document = read_yaml(
      "\xEF\xBB\xBF"
      "a: 1\r\nb:\r\n  - 2\r\n");
  REQUIRE(lines_of(document.diagnostics) == Lines{});
  CHECK(document.root->at.column == 1);
  CHECK(document.root->find("a")->text == "1");
  CHECK(document.root->find("b")->list[0].text == "2");
  CHECK(document.root->find("b")->list[0].at.line == 3);
  CHECK(document.root->find("b")->list[0].at.column == 5);
}

TEST_CASE("what is no text is refused at its place") {
  CHECK(problems("a: \xFF\xFE\nb: \xC3\nc: \xED\xA0\x80\n") ==
        Lines{"p:1:4: byte 0xff is not UTF-8 (save the file as UTF-8)",
              "p:1:5: byte 0xfe is not UTF-8 (save the file as UTF-8)",
              "p:2:4: byte 0xc3 is not UTF-8 (save the file as UTF-8)",
              "p:3:4: byte 0xed is not UTF-8 (save the file as UTF-8)"});
  CHECK(problems(std::string("\xFF\xFE"
                             "a\0",
                             4)) == Lines{"p:1:1: the file is UTF-16 (save the file as UTF-8)"});
  CHECK(problems(std::string("a\0:\0", 4)) ==
        Lines{"p:1:1: the file is UTF-16 (save the file as UTF-8)"});
  const std::string hint = " (remove it, or write it as an escape in double quotes)";
  CHECK(problems("a: \x1B[0m\nb: \x7F\nc: \xC2\x9B\n") ==
        Lines{"p:1:4: control character U+001B is not allowed" + hint,
              "p:2:4: control character U+007F is not allowed" + hint,
              "p:3:4: control character U+009B is not allowed" + hint});
  CHECK(problems(std::string("abc\0", 4)) ==
        Lines{"p:1:4: control character U+0000 is not allowed" + hint});
  CHECK(problems("a: \"\\0\"\n") == Lines{"p:1:4: a NUL character is not allowed"});
  CHECK(problems(repeat("\xFF", 1000)).size() == 20);
}

TEST_CASE("what YAML allows and a pipeline does not is reported, and reading goes on") {
  CHECK(problems(R"(a: 1
a: 2
<<: {x: 1}
[k]: 3
b: !!python/object 4
: 5
c: !!binary aGk=
d: !own {}
e: !!map []
"<<": fine
b : again
)") == Lines{
           R"(p:5:4: tag "!!python/object" is not supported here (remove it))",
           R"(p:7:4: tag "!!binary" is not supported here (remove it))",
           R"(p:8:4: tag "!own" is not supported here (remove it))",
           R"(p:9:4: tag "!!map" is not supported here (remove it))",
           R"(p:2:1: duplicate key "a" (it is already in line 1))",
           R"(p:3:1: merge keys ("<<") are not supported (write the keys out))",
           R"(p:4:1: a key must be plain text, not a list, map or alias)",
           R"(p:6:1: a key is missing before ":" (a key that is called null needs quotes))",
           R"(p:11:1: duplicate key "b" (it is already in line 5))",
       });
}

TEST_CASE("a second document is an error, with or without its marker") {
  CHECK(problems("a: 1\n---\nb: 2\n") ==
        Lines{"p:2:1: a second document starts here; a pipeline file has one"});
  CHECK(problems("{a: 1} {b: 2}\n").size() == 1);
  CHECK(problems("--- \na: 1\n...\n") == Lines{});
}

TEST_CASE("a syntax error is one plain sentence with its place, and ends reading") {
  CHECK(problems("a: [1, 2\n") == Lines{"p:2:1: \"[\" is not closed, or a comma is missing"});
  CHECK(problems("a: b: c\n") ==
        Lines{"p:1:5: \":\" is not allowed here (quote the value, or check the indentation)"});
  CHECK(problems("a: \"x\n") == Lines{"p:1:4: a quote is not closed"});
  CHECK(problems("a: 'x\n") == Lines{"p:1:4: a quote is not closed"});
  CHECK(problems("a: *nowhere\n") ==
        Lines{"p:1:4: an alias (\"*\") stands for nothing (quote the value if no alias is meant)"});
  CHECK(problems("a: *.html\n").size() == 1);
  CHECK(problems("a: 1\n  b: 2\n").size() == 1);
  CHECK(problems("a: @x\n") == Lines{"p:1:4: unexpected character (quote the value)"});
  CHECK(problems("a: \"\\q\"\n") ==
        Lines{"p:1:5: unknown escape after \"\\\" (use single quotes, or write \\\\)"});
  CHECK(problems("a: 1\n}\n").size() == 1);
  for (const char* cut :
       {"a: \"x", "a: 'it''s\n", "a: 'x''\n", "a: \"\\\"\n", "\"a\n", "[\"a\", \"b\n"}) {
    CAPTURE(cut);
    CHECK(problems(cut).size() == 1);
  }
  CHECK(problems("a: \"\\\\\"\nb: 'it''s'\nc: ''\nd: \"\"\n") == Lines{});
}

TEST_CASE("64 levels can be read and 65 cannot") {
  CHECK(problems(repeat("[", 64) + repeat("]", 64)) == Lines{});
  CHECK(problems(repeat("[", 65) + repeat("]", 65)) ==
        Lines{"p:1:65: nested too deeply; at most 64 levels"});
  CHECK(problems(repeat("- ", 65) + "x\n") ==
        Lines{"p:1:129: nested too deeply; at most 64 levels"});
  CHECK(problems(repeat("[", 1000)).size() == 1);
  const std::string half = repeat("[", 33) + "x" + repeat("]", 33);
  CHECK(problems("a: &a " + half + "\nb: " + repeat("[", 31) + "*a" + repeat("]", 31) + "\n") ==
        Lines{"p:2:35: aliases nest too deeply; at most 64 levels"});
}

TEST_CASE("1 MiB can be read and a byte more cannot") {
  constexpr std::size_t k_mebibyte = 1048576;
  const std::string text = "a: 1\n#" + std::string(k_mebibyte - 6, 'x');
  CHECK(problems(text) == Lines{});
  CHECK(problems(text + "x") ==
        Lines{"p:1:1: the file has 1048577 bytes; a pipeline file has at most 1 MiB"});
}

TEST_CASE("10,000 values can be read and one more cannot") {
  CHECK(problems(repeat("- x\n", 9999)) == Lines{});
  CHECK(problems(repeat("- x\n", 10000)) == Lines{"p:10000:3: more than 10000 values"});
}

TEST_CASE("aliases copy what they name, until they multiply") {
  const YamlDocument document = read_yaml("a: &a {x: [1]}\nb: [*a, *a]\n");
  REQUIRE(lines_of(document.diagnostics) == Lines{});
  CHECK(document.root->find("b")->list[1].find("x")->list[0].text == "1");

  std::string laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 30; ++i) {
    laughs += fmt::format("a{0}: &a{0} [{1}]\n", i, repeat(fmt::format("*a{}, ", i - 1), 9));
  }
  const auto start = std::chrono::steady_clock::now();
  CHECK(problems(laughs) == Lines{"p:5:10: aliases multiply to more than 10000 values"});
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));  // not 9^29 steps

  const std::string big = "a: &a " + std::string(1000000, 'x') + "\nb: [*a, *a, *a, *a, *a]\n";
  CHECK(problems(big) == Lines{"p:2:17: aliases multiply to more than 4 MiB of text"});
}

TEST_CASE("an alias inside what it stands for is an error and not an endless walk") {
  CHECK(problems("a: &a [*a]\n") ==
        Lines{"p:1:8: this alias stands for a value that contains the alias itself"});
  CHECK(problems("&r {a: {b: *r}}\n") ==
        Lines{"p:1:12: this alias stands for a value that contains the alias itself"});
}

TEST_CASE("hostile shapes of a mebibyte are refused within seconds") {
  constexpr std::size_t k_mebibyte = 1048576;
  for (const std::string_view shape : {"[",
                                       "{",
                                       "- ",
                                       "? ",
                                       "!",
                                       "[[],",
                                       "{a: 1, ",
                                       ": ",
                                       "*a ",
                                       "&a ",
                                       "!a ",
                                       "--- a\n",
                                       "- - ",
                                       "\"a\": ,",
                                       "%",
                                       "}"}) {
    CAPTURE(shape);
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(problems(repeat(shape, k_mebibyte / shape.size())).empty());
    CHECK(std::chrono::steady_clock::now() - start <
          std::chrono::seconds(20));  // sanitizers included
  }
}

}  // namespace
}  // namespace deployflow::pipeline
