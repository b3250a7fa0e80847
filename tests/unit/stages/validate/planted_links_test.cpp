// A generator for each rule about links: a good site of random pages, one mistake at a random place
// of one of them, and that mistake alone found, where it is.

#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {
namespace {

constexpr int k_rounds = 50;
using Files = std::map<std::string, std::string>;

class Maker {
 public:
  std::size_t below(std::size_t end) { return random_() % end; }

  /// Links and images that lead to something, on any number of lines.
  std::string good_links() {
    static const std::vector<std::string_view> k_links{"<a href=/index.html>x</a>\n",
                                                       "<a href='/a/p0.html#here'>\xC3\xA4</a>",
                                                       "<img src=/Logo.png alt=''>",
                                                       "<a href=https://x.example/>y</a>\n\n",
                                                       "<a href=mailto:a@b.c>z</a> ",
                                                       "<p>text</p>\r\n"};
    std::string out;
    for (std::size_t i = below(6); i > 0; --i) {
      out += k_links[below(k_links.size())];
    }
    return out;
  }

  Files site() {
    Files out{{"index.html", page("<a href=a/p0.html>x</a>")}, {"Logo.png", ""}, {"main.css", ""}};
    for (int i = 0; i < 4; ++i) {
      out["a/p" + std::to_string(i) + ".html"] = page("<p id=here>x</p>" + good_links());
    }
    return out;
  }

 private:
  std::minstd_rand random_{20261128};
};

struct Planted {
  std::string_view code;
  std::string_view body;
  std::string_view place;  // of body; where the finding is
};

const std::vector<Planted>& planted() {
  static const std::vector<Planted> k_all{
      {"link/missing", "<a href='gone.html'>x</a>", "'gone"},
      {"link/missing", "<img src='/gone.png' alt=''>", "'/gone"},
      {"link/missing", "<img alt='' srcset='/Logo.png 1x, gone.png 2x'>", "'/Logo"},
      {"link/missing", "<p style='background:url(gone.png)'>x</p>", "'background"},
      {"link/missing", "<form action='gone'></form>", "'gone"},
      {"link/case", "<img src='/logo.PNG' alt=''>", "'/logo"},
      {"link/case", "<a href='P0.html'>x</a>", "'P0"},
      {"link/fragment", "<a href='p0.html#gone'>x</a>", "'p0"},
      {"link/fragment", "<a href='#gone'>x</a>", "'#gone"},
      {"link/malformed", "<a href='https://exa mple.com/'>x</a>", "'https"},
      {"link/malformed", "<img src='/Logo.png' srcset='/Logo.png 2y' alt=''>", "'/Logo.png 2y"},
      {"link/fragment", "<img src=/Logo.png usemap='#gone' alt=''>", "'#gone"},
      {"link/empty", "<img alt=''>", "<img"},
      {"link/empty", "<script src=''></script>", "''"},
      {"link/outside", "<a href='../../../gone.html'>x</a>", "'../"},
      {"link/outside", "<a href='file:///home/me/a.html'>x</a>", "'file"},
  };
  return k_all;
}

std::vector<std::string> places_and_codes(const Files& files, const Settings& settings = {}) {
  std::vector<std::string> out;
  for (const std::string& line : CheckedSite(files, settings).findings()) {
    out.push_back(line.substr(0, line.find(' ', line.find(' ') + 1)));
  }
  return out;
}

TEST_CASE("a link that leads nowhere is found where it was planted, and no other") {
  Maker make;
  for (int round = 0; round < k_rounds; ++round) {
    Files files = make.site();
    CHECK(places_and_codes(files).empty());
    const std::string key = "a/p" + std::to_string(make.below(4)) + ".html";
    for (const Planted& each : planted()) {
      const std::string before = make.good_links();
      const std::string text =
          page("<p id=here>x</p>" + before + std::string(each.body) + "\n" + make.good_links());
      const Position at =
          advanced({}, text.substr(0, text.find(each.body) + each.body.find(each.place)));
      Files broken = files;
      broken[key] = text;
      CAPTURE(text);
      CHECK(places_and_codes(broken) ==
            std::vector<std::string>{key + ":" + std::to_string(at.line) + ":" +
                                     std::to_string(at.column) + " " + std::string(each.code)});
    }
  }
}

TEST_CASE("a file that is taken away is missed at the first place that refers to it") {
  Maker make;
  for (int round = 0; round < k_rounds; ++round) {
    Files files = make.site();
    const std::string gone = "a/p" + std::to_string(1 + make.below(3)) + ".html";
    files["index.html"] = page(make.good_links() + "<a href='" + gone + "'>x</a>");
    CHECK(places_and_codes(files).empty());
    const std::string& text = files["index.html"];
    const Position at = advanced({}, text.substr(0, text.find("'" + gone)));
    files.erase(gone);
    CHECK(places_and_codes(files) ==
          std::vector<std::string>{"index.html:" + std::to_string(at.line) + ":" +
                                   std::to_string(at.column) + " link/missing"});
  }
}

TEST_CASE("many links of one file that lead nowhere are counted beyond the first few") {
  Maker make;
  for (int round = 0; round < k_rounds; ++round) {
    Files files = make.site();
    const std::size_t count = 3 + make.below(9);
    std::string body;
    for (std::size_t i = 0; i < count; ++i) {
      body += "<a href=gone" + std::to_string(i) + ".html>x</a>\n";
    }
    files["index.html"] = page(body + "<a href=a/p0.html>x</a>");
    Settings settings;
    settings.page.max_findings = count - 1;
    const auto found = places_and_codes(files, settings);
    REQUIRE(found.size() == count);
    CHECK(found.back() == "index.html:0:0 link/more");
  }
}

TEST_CASE("what nothing leads to is told for information") {
  Maker make;
  for (int round = 0; round < k_rounds; ++round) {
    Files files{
        {"index.html", page("<link rel=stylesheet href=main.css><a href=a.html>x</a>")},
        {"a.html", page(make.good_links() + "<a href=/a/p0.html>x</a><img src=Logo.png alt=''>")},
        {"a/p0.html", page("<p id=here>x</p>")},
        {"main.css", "a{b:c}"},
        {"Logo.png", ""}};
    const auto told = [&] {
      std::string out;
      for (const std::string& line : CheckedSite(files).findings(Severity::info)) {
        out += line.substr(0, line.find(' ', line.find(' ') + 1)) + "\n";
      }
      return out;
    };
    CHECK(told() == "");
    const std::string name = "n" + std::to_string(make.below(1000));
    for (const auto& [end, code] : {std::pair(".css", "css/unused"),
                                    std::pair(".png", "site/orphan"),
                                    std::pair(".html", "site/unlinked-page")}) {
      files[name + end] = std::string_view(end) == ".html" ? page("x") : "";
      CHECK(told() == name + end + ":0:0 " + code + "\n");
      files.erase(name + end);
    }
  }
}

}  // namespace
}  // namespace deployflow::validate
