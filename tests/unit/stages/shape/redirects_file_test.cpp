#include "stages/shape/redirects_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::shape {
namespace {

using Lines = std::vector<std::string>;

/// "line: from -> to", with "!" if it is forced.
Lines redirects(std::string_view text) {
  Lines out;
  for (const Redirect& r : parse_redirects(text).redirects) {
    out.push_back(std::to_string(r.line) + ": " + r.from + " -> " + r.to +
                  (r.is_forced ? "!" : ""));
  }
  return out;
}

/// "line: message", "(line): message" for a warning.
Lines problems(std::string_view text) {
  Lines out;
  for (const LineProblem& p : parse_redirects(text).problems) {
    const std::string line = std::to_string(p.line);
    out.push_back((p.is_error ? line : "(" + line + ")") + ": " + p.message);
  }
  return out;
}

TEST_CASE("redirects are read with comments, blanks, any line ends and a byte order mark") {
  const std::string text =
      "\xEF\xBB\xBF# old pages\r\n"
      "/old.html /new.html\r\n"
      "\n"
      "  /a\t\t/b#top   301   # why\r"
      "/c https://example.org/?x=1 301!\n"
      "/d http://example.org #x y z\n"
      "/e /f";
  CHECK(redirects(text) == Lines{"2: /old.html -> /new.html",
                                 "4: /a -> /b#top",
                                 "5: /c -> https://example.org/?x=1!",
                                 "6: /d -> http://example.org",
                                 "7: /e -> /f"});
  CHECK(problems(text) == Lines{});
  CHECK(redirects("") == Lines{});
  CHECK(redirects("#\n \t\n\r\n") == Lines{});
}

TEST_CASE("what a plain bucket cannot do is refused with the reason, line by line") {
  const auto refused = [](const std::string& line) {
    CHECK(redirects("/a /b\n" + line) == Lines{"1: /a -> /b"});
    const Lines found = problems("/a /b\n" + line);
    return found.size() == 1 ? found[0] : std::to_string(found.size()) + " problems";
  };
  const std::string pattern =
      "2: a plain bucket redirects single paths: * and :name need a server or a CDN";
  CHECK(refused("/blog/* /news/") == pattern);
  CHECK(refused("/blog/* /news/:splat 301!") == pattern);
  CHECK(refused("/x /news/:splat") == pattern);
  CHECK(refused("/x https://example.org/:splat") == pattern);
  CHECK(refused("/x /news/*") == pattern);
  CHECK(refused("/news/:year/:slug /x") == pattern);
  CHECK(refused("/* /index.html 200") == pattern);
  CHECK(refused("/api https://api.example.org/ 200") ==
        "2: status 200, a rewrite, is not possible on a plain bucket");
  for (const char* status : {"302", "307", "308!", "404", "410"}) {
    CAPTURE(status);
    CHECK(refused(std::string("/x /y ") + status) ==
          "2: status " + std::string(status, 3) +
              " is not possible on a plain bucket, which redirects with 301 alone");
  }
  CHECK(refused("/store id=:id /blog/:id") ==
        "2: \"id=:id\": a bucket does not look at query parameters");
  CHECK(refused("/x?id=1 /y") ==
        "2: \"/x?id=1\": a bucket does not look at query parameters or fragments");
  CHECK(refused("/ /uk 301 Country=gb") ==
        "2: \"Country=gb\": a bucket knows nothing of its visitors, so there are no conditions");
  CHECK(refused("/ /uk Language=de") ==
        "2: \"Language=de\": a bucket knows nothing of its visitors, so there are no conditions");
  CHECK(refused("https://old.example.org/ /x") ==
        "2: \"https://old.example.org/\": a bucket does not know by which host name it is asked");
}

TEST_CASE("what is no redirect is refused") {
  CHECK(problems("/x") == Lines{"1: where to is missing"});
  CHECK(problems("x /y") == Lines{"1: \"x\" is no path"});
  CHECK(problems("//x /y") == Lines{"1: \"//x\" is no path"});
  CHECK(problems("/x y") == Lines{"1: \"y\" is no path or URL"});
  CHECK(problems("/x 301") == Lines{"1: \"301\" is no path or URL"});
  CHECK(problems("/x //y.org") == Lines{"1: \"//y.org\" is no path or URL"});
  CHECK(problems("/x https://") == Lines{"1: \"https://\" is no path or URL"});
  CHECK(problems("/x /y moved") == Lines{"1: \"moved\" is no status"});
  CHECK(problems("/x /y 3011") == Lines{"1: \"3011\" is no status"});
  CHECK(problems("/x /y 000") == Lines{"1: \"000\" is no status"});
  CHECK(problems("/x /y 600!") == Lines{"1: \"600!\" is no status"});
  CHECK(problems("/x /y !") == Lines{"1: \"!\" is no status"});
  CHECK(problems("/x /y 301 again") == Lines{"1: \"again\" is no status"});
  const Lines odd{"1: a path or URL has characters other than printable ASCII"};
  CHECK(problems("/caf\xC3\xA9 /y") == odd);
  CHECK(problems("/x /caf\xC3\xA9") == odd);
  CHECK(problems(std::string_view("/x\0y /y", 7)) == odd);
  CHECK(problems(std::string_view("x\0\x1B[2J /y", 9)) == Lines{"1: \"x??[2J\" is no path"});
}

TEST_CASE("of two redirects from one path the first counts, and the other is a warning") {
  const std::string text = "/a /x\n/a/ /y\n/b /x\n/a /z\n/A /y";
  CHECK(redirects(text) == Lines{"1: /a -> /x", "3: /b -> /x", "5: /A -> /y"});
  CHECK(problems(text) == Lines{"(2): \"/a/\" is redirected in line 1 already",
                                "(4): \"/a\" is redirected in line 1 already"});
}

TEST_CASE("redirects in a circle are errors; those that lead into one are not in it") {
  CHECK(problems("/a /a") == Lines{"1: \"/a\" is redirected in a circle"});
  CHECK(problems("/a /a/?x#y") == Lines{"1: \"/a\" is redirected in a circle"});
  CHECK(problems("/ /") == Lines{"1: \"/\" is redirected in a circle"});
  const std::string text =
      "/in /b\n/c /a\n/a /b\n/fine /x\n/b/ /c\n/d /e\n/in2 /in\n/e /d\n/last /fine";
  CHECK(problems(text) == Lines{"2: \"/c\" is redirected in a circle",
                                "3: \"/a\" is redirected in a circle",
                                "5: \"/b/\" is redirected in a circle",
                                "6: \"/d\" is redirected in a circle",
                                "8: \"/e\" is redirected in a circle"});
  CHECK(redirects(text) ==
        Lines{"1: /in -> /b", "4: /fine -> /x", "7: /in2 -> /in", "9: /last -> /fine"});
}

TEST_CASE("a file that is something else has 100 problems and a count, and none shows much of it") {
  std::string text;
  for (int i = 0; i < 10'000; ++i) {
    text += std::string(1'000, 'x') + "\n";
  }
  const auto file = parse_redirects(text);
  REQUIRE(file.problems.size() == 101);
  CHECK(file.problems.back().message == "and 9900 more like these");
  CHECK(file.problems.back().line == 100);
  CHECK(file.problems.front().message.size() < 100);
}

TEST_CASE("a hundred thousand redirects, one after the other, are read at once") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += "/" + std::to_string(i) + " /" + std::to_string(i + 1) + "\n";
  }
  const auto file = parse_redirects(text);
  CHECK(file.redirects.size() == 100'000);
  CHECK(file.problems.empty());
}

}  // namespace
}  // namespace deployflow::shape
