#include "stages/validate/baseline.hpp"

#include "stages/validate/baseline_file.hpp"
#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace deployflow::validate {
namespace {

const std::string k_head = "deployflow baseline 1\n";

std::string mistake_of(const std::string& text) {
  const ParsedBaseline parsed = parse_baseline(text);
  CHECK((parsed.mistake.has_value() != !parsed.known.empty()));
  return parsed.mistake ? std::to_string(parsed.mistake->line) + ": " + parsed.mistake->message
                        : "";
}

TEST_CASE("what is written is read as the same, whatever the names and texts") {
  const KnownFindings known{{{"a.html", "html/stray", "</div> ends nothing"}, 3},
                            {{"#x\ty\n", "a\\b", "\x01\x7F \xC3\xA4"}, 1},
                            {{"\xFF", "", "\\x23"}, 4'294'967'295U}};
  const ParsedBaseline parsed = parse_baseline(write_baseline(known));
  CHECK_FALSE(parsed.mistake.has_value());
  const bool is_same = parsed.known == known;
  CHECK(is_same);
}

TEST_CASE("a baseline is sorted by file, and has a line for each finding") {
  const KnownFindings known{{{"b.html", "a/a", "x"}, 1},
                            {{"a.html", "b/b", "#y"}, 2},
                            {{"a.html", "a/a", "\xC3\xA4\t"}, 1}};
  CHECK(write_baseline(known) ==
        k_head +
            "# Known findings, which are not reported. Written by `deployflow validate "
            "--update-baseline`.\n"
            "a.html\ta/a\t1\t\xC3\xA4\\x09\n"
            "a.html\tb/b\t2\t\\x23y\n"
            "b.html\ta/a\t1\tx\n");
}

TEST_CASE("what is no baseline, of another version or cut is refused with its line") {
  CHECK(mistake_of("") == "1: this is no baseline");
  CHECK(mistake_of("<!DOCTYPE html>\n") == "1: this is no baseline");
  CHECK(mistake_of("deployflow baseline 2\na\tb\t1\tc\n") ==
        "1: a baseline of another version; this deployflow reads version 1");
  CHECK(mistake_of(k_head + "a\tb\t1\tc\nd\te\t1\tf") ==
        "3: the line does not end: the file was cut");
  CHECK(mistake_of("deployflow baseline 1") == "1: the line does not end: the file was cut");
  CHECK_FALSE(parse_baseline(k_head).mistake.has_value());
  CHECK(parse_baseline(k_head + "\n# a\r\na\tb\t1\tc\r\n").known.size() == 1);
}

TEST_CASE("a line that says nothing sensible, or the same again, is refused") {
  const std::string good = k_head + "a\tb\t1\tc\n";
  const std::string k_fields = "3: expected file, code, count and text, with tabs between them";
  CHECK(mistake_of(good + "a\tb\t1\n") == k_fields);
  CHECK(mistake_of(good + "a\tb\t1\tc\td\n") == k_fields);
  CHECK(mistake_of(good + "<<<<<<< HEAD\n") == k_fields);
  CHECK(parse_baseline(good + "<<<<<<< HEAD\n").mistake->hint ==
        "two versions of the file were merged: keep the lines of both");
  CHECK(mistake_of(good + "a\tb\t7\tc\n") == "3: another line says the same");
  for (const char* count : {"", "0", "-1", "1x", "4294967296", "99999999999999999999"}) {
    CHECK(mistake_of(good + "x\tb\t" + count + "\tc\n") == "3: the count is a number, at least 1");
  }
  for (const char* text : {"\\", "\\x", "\\x2", "\\x2G", "\\n41", "\\xAB"}) {
    CHECK(mistake_of(good + "x\tb\t1\t" + text + "\n") ==
          "3: after \\ stands x and two digits of 0-9a-f");
  }
}

TEST_CASE("a text is the same when what is around it moves, and another when it is about another") {
  CHECK(stable_text("html/unclosed", "<h2> has no end tag, ended by </p> at 12:34") ==
        "<h2> has no end tag, ended by </p> at #:#");
  CHECK(stable_text("link/missing", "img/a1.png: 3") == "img/a1.png: 3");
  CHECK(stable_text("size/file", "120.5 MiB, the limit is 100.0 MiB") ==
        "#.# MiB, the limit is #.# MiB");
  CHECK(stable_text("html/stray", "1: 2:") == "1: 2:");
}

TEST_CASE(
    "of what is found more often than it is known the last is told, and the gone are counted") {
  Baseline baseline({{{"a", "c", "t"}, 2}, {{"b", "c", "t"}, 3}});
  CHECK(baseline.take("c", "a", "t"));
  CHECK(baseline.take("c", "b", "t"));
  CHECK(baseline.take("c", "a", "t"));
  CHECK_FALSE(baseline.take("c", "a", "t"));
  CHECK_FALSE(baseline.take("c", "a", "u"));
  CHECK_FALSE(baseline.take("d", "a", "t"));
  CHECK(baseline.expected_count() == 3);
  CHECK(baseline.gone_count() == 2);
  CHECK(baseline.seen().size() == 4);
}

// Links of a site against what is known of another.
class Known {
 public:
  explicit Known(const CheckedSite& site) {
    Baseline seen;
    const auto told = site.findings(Severity::info, [&](auto code, auto key, auto text) {
      seen.take(code, key, text);
      return true;
    });
    CHECK(told.empty());
    known_ = seen.seen();
  }
  std::vector<std::string> told(const CheckedSite& site) const {
    Baseline baseline(known_);
    return site.findings(Severity::info, [&](auto code, auto key, auto text) {
      return baseline.take(code, key, text);
    });
  }

 private:
  KnownFindings known_;
};

TEST_CASE("a page that refers to what is known to be missing is told, wherever it stands") {
  const std::string bad = page("<a href=gone.html>x</a><a href=b.html>x</a><a href=c.html>x</a>");
  const std::string good = page("<a href=b.html>x</a><a href=c.html>x</a><a href=d.html>x</a>");
  const CheckedSite old({{"b.html", bad}, {"c.html", good}, {"d.html", good}});
  const Known known(old);
  CHECK(known.told(old).empty());
  for (const char* key : {"a.html", "c.html", "d.html", "e.html"}) {
    std::map<std::string, std::string> files{{"b.html", bad}, {"c.html", good}, {"d.html", good}};
    files[key] = page(
        "<a href=gone.html>x</a><a href=b.html>x</a><a href=c.html>x</a><a "
        "href=d.html>x</a><a href=a.html>x</a><a href=e.html>x</a>");
    std::vector<std::string> told = known.told(CheckedSite(files));
    std::erase_if(
        told, [](const std::string& line) { return line.find("gone.html") == std::string::npos; });
    CHECK(told ==
          std::vector{std::string(key) + ":2:9 link/missing link to gone.html: not in the site"});
  }
}

TEST_CASE("lines that come before a known finding do not make it another") {
  const auto site = [](const std::string& before) {
    return CheckedSite({{"a.html", page(before + "<a href=gone.html>x</a><a href=#no>x</a>")}});
  };
  const Known known(site(""));
  CHECK(known.told(site("")).empty());
  CHECK(known.told(site("\n\n<p>x</p> ")).empty());
  CHECK(known.told(site("<a href=#nothing>x</a>")) ==
        std::vector<std::string>{"a.html:2:9 link/fragment this page has no #nothing"});
}

TEST_CASE("a file that nothing uses is known by itself, and another is told") {
  const std::string a = page("<a href=b.html>x</a>"), b = page("<a href=a.html>x</a>");
  const Known known(CheckedSite({{"a.html", a}, {"b.html", b}, {"x.png", ""}, {"y.png", ""}}));
  CHECK(known.told(CheckedSite({{"a.html", a}, {"b.html", b}, {"y.png", ""}})).empty());
  CHECK(known.told(CheckedSite({{"a.html", a}, {"b.html", b}, {"w.png", ""}, {"y.png", ""}})) ==
        std::vector<std::string>{"w.png:0:0 site/orphan no page uses this file"});
}

class Folder {
 public:
  Folder() { REQUIRE((::mkdtemp(path_.data()) != nullptr)); }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(const char* name) const { return path_ + "/" + name; }
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::string path_ = "/tmp/validate-baseline-XXXXXX";
};

TEST_CASE("the file is replaced whole, keeps its rights, and a link stays a link") {
  const Folder folder;
  const std::string file = folder / "known", link = folder / "link";
  CHECK_FALSE(read_baseline_file(file).text.has_value());
  CHECK(read_baseline_file(file).why_not.empty());
  CHECK(replace_baseline_file(file, "one").empty());
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  std::filesystem::create_symlink("known", link);
  CHECK(replace_baseline_file(link, "two").empty());
  CHECK(read_baseline_file(file).text == "two");
  CHECK(std::filesystem::is_symlink(link));
  CHECK(std::filesystem::status(file).permissions() == std::filesystem::perms(0640));
  CHECK(folder.count() == 2);
}

TEST_CASE("when it cannot be written the old one stays, and nothing else is left behind") {
  const Folder folder;
  const std::string target = folder / "target";
  std::filesystem::create_directories(target + "/full");
  CHECK_FALSE(replace_baseline_file(target, "text").empty());
  CHECK(std::filesystem::is_directory(target + "/full"));
  CHECK(folder.count() == 1);
  CHECK_FALSE(replace_baseline_file(folder / "none/known", "text").empty());
}

TEST_CASE("what is no regular file, or over 64 MiB, is not read") {
  const Folder folder;
  const std::string pipe = folder / "pipe", huge = folder / "huge";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(read_baseline_file(pipe).why_not == "it is no regular file");
  std::ofstream(huge).put('x');
  std::filesystem::resize_file(huge, (64U << 20U) + 1);
  CHECK(read_baseline_file(huge).why_not == "it has over 64 MiB");
}

}  // namespace
}  // namespace deployflow::validate
