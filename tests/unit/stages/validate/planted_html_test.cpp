// A generator for each rule about HTML, sizes, keys and XML: a good page of random parts, the
// mistake at a random place in it, and that mistake alone found, where it is.

#include "stages/validate/key.hpp"
#include "stages/validate/page.hpp"
#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {
namespace {

constexpr int k_rounds = 50;
constexpr std::string_view k_head =
    "<!DOCTYPE html><html lang=en><head><meta "
    "charset=utf-8><title>t</title></head><body><p>x</p>\n";
constexpr std::string_view k_end = "\n</body></html>\n";

class Parts {
 public:
  std::size_t below(std::size_t end) { return random_() % end; }
  /// Up to five good parts of a page, of any characters, on any number of lines.
  std::string some() {
    static const std::vector<std::string_view> k_parts{"<p>text</p>\n",
                                                       "<p>\xC3\xA4\xE2\x82\xAC\t</p>",
                                                       "<ul><li>x<li>y</ul>",
                                                       "\n\n",
                                                       "<!-- c -->",
                                                       "<pre>\n  z\n</pre>\r\n",
                                                       "<table><tr><td>1<td>2</table>\n",
                                                       "<svg><g/></svg>"};
    std::string out;
    for (std::size_t i = below(6); i > 0; --i) {
      out += k_parts[below(k_parts.size())];
    }
    return out;
  }

 private:
  std::minstd_rand random_{20261128};
};

std::string found_in(std::string_view text, std::size_t most = 20) {
  PageSettings settings;
  settings.max_findings = most;
  std::string out;
  for (const Finding& f : check_page(text, settings)) {
    out +=
        std::to_string(f.line) + ":" + std::to_string(f.column) + " " + std::string(f.code) + "\n";
  }
  return out;
}

std::string told(std::string_view text, std::size_t at, std::string_view code) {
  const Position place = advanced({}, text.substr(0, at));
  return std::to_string(place.line) + ":" + std::to_string(place.column) + " " + std::string(code) +
         "\n";
}

struct Planted {
  std::string_view code;
  std::string_view body;
  std::string_view mistake;  // of body, the last of its kind; where the finding is
};

const std::vector<Planted>& planted() {
  using namespace std::string_view_literals;
  static const std::vector<Planted> k_all{
      {"html/unclosed", "<section><span>x</section>", "<span>"},
      {"html/unclosed", "<div><b>x</div>", "<b>"},
      {"html/stray", "<p>x</p></div>", "</div>"},
      {"html/stray-p", "<p>x<ul><li>y</ul></p>", "</p>"},
      {"html/nesting", "<table><tr><td>x</td></tr><div>y</div></table>", "<div>"},
      {"html/nesting", "<b>x<i>y</b>z</i>", "<i>"},
      {"html/duplicate-attribute", "<p class=a id=q class=b>x</p>", "class"},
      {"html/self-closing", "<div/>x</div>", "<div/>"},
      {"html/character-reference", "<p>&nosuch; x</p>", "&"},
      {"html/syntax", "<p class=\"a\"id=\"b\">x</p>", "id"},
      {"html/nul", "<p>x\0y</p>"sv, "\0"sv},
      {"html/encoding", "<p>gr\xFC</p>", "\xFC"},
      {"ignore/unknown", "<!-- deployflow-ignore link/mising -->", "link/mising"},
  };
  return k_all;
}

TEST_CASE("a mistake inside of a page is found where it was planted") {
  Parts parts;
  for (int round = 0; round < k_rounds; ++round) {
    for (const Planted& each : planted()) {
      const std::string before = std::string(k_head) + parts.some();
      const std::string text =
          before + std::string(each.body) + "\n" + parts.some() + std::string(k_end);
      CAPTURE(text);
      CHECK(found_in(text) == told(text, before.size() + each.body.rfind(each.mistake), each.code));
    }
  }
}

TEST_CASE("a page without the planted mistake is good") {
  Parts parts;
  for (int round = 0; round < k_rounds; ++round) {
    const std::string text = std::string(k_head) + parts.some() + parts.some() + std::string(k_end);
    CAPTURE(text);
    CHECK(found_in(text) == "");
  }
}

TEST_CASE("a mistake about the begin or the end of a page is found there") {
  Parts parts;
  for (int round = 0; round < k_rounds; ++round) {
    const std::string lines(parts.below(4), '\n');
    const std::string body = parts.some() + "<p>x</p>" + parts.some();
    const std::string page = "<html lang=en><title>t</title><body>" + body;
    std::string text = lines + page;
    CHECK(found_in(text) == told(text, lines.size(), "html/doctype"));
    text = lines + "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">" + page;
    CHECK(found_in(text) == told(text, lines.size(), "html/quirks"));
    const std::string good = lines + "<!DOCTYPE html>" + page;
    text = good + "</body>" + lines + "<p>late</p></html>";
    CHECK(found_in(text) == told(text, text.find("<p>late"), "html/after-body"));
    for (const std::string_view rest : {"<!-- a comment", "<a href='x", "<a href=x", "</b"}) {
      text = good + std::string(rest);
      CAPTURE(text);
      const std::string found = found_in(text);
      CHECK(found.find(told(text, good.size(), "html/unfinished")) != std::string::npos);
    }
    text = lines + "<!DOCTYPE html><html lang=en>" + lines +
           "<meta charset=latin1><title>t</title>" + "<p>\xC3\xA4</p>" + body;
    CHECK(found_in(text) == told(text, text.find("<meta"), "html/charset"));
  }
}

TEST_CASE(
    "a page that is none, or too much of one, is told of as a whole or where it gets too much") {
  Parts parts;
  for (int round = 0; round < k_rounds; ++round) {
    CHECK(found_in(std::string(parts.below(99), ' ')) == "0:0 html/empty\n");
    CHECK(found_in("<!DOCTYPE html><title>t</title>" + std::string(parts.below(99), '\n')) ==
          "0:0 html/empty\n");
    CHECK(found_in(std::string(1 + parts.below(99), 'x')) == "0:0 html/no-markup\n");
    const std::string before = std::string(k_head) + parts.some();
    std::string text = before;
    for (std::size_t i = 0; i < 512 + parts.below(9); ++i) {
      text += "<div>";
    }
    CHECK(found_in(text + std::string(k_end)).find("html/too-complex") != std::string::npos);
    const std::size_t mistakes = 2 + parts.below(9);
    text = before;
    for (std::size_t i = 0; i < mistakes; ++i) {
      text += "</div>";
    }
    const std::string found = found_in(text + std::string(k_end), mistakes - 1);
    CHECK(found.ends_with("\n0:0 html/more\n"));
  }
}

// "1:2 code" of all that is told of one file of a site for itself.
std::string found_of(const std::string& key, const std::string& content, const Settings& settings) {
  const CheckedSite site({{key, content}, {"other.html", page("x")}}, settings);
  std::string out;
  for (const Finding& f : site.facts_of(key).findings) {
    out +=
        std::to_string(f.line) + ":" + std::to_string(f.column) + " " + std::string(f.code) + "\n";
  }
  return out;
}

TEST_CASE("sizes are held to the byte") {
  Parts parts;
  for (int round = 0; round < k_rounds; ++round) {
    const std::string text = std::string(k_head) + parts.some() + "<p>x</p>" + std::string(k_end);
    Settings settings;
    settings.max_html_bytes = text.size();
    CHECK(found_of("a.html", text, settings) == "");
    settings.max_html_bytes = text.size() - 1 - parts.below(9);
    CHECK(found_of("a.html", text, settings) == "0:0 html/too-large\n");
    settings.max_file_bytes = text.size() - 1 - parts.below(9);
    CHECK(found_of("a.html", text, settings) == "0:0 size/file\n");
    CHECK(found_of("a.bin", text, settings) == "0:0 size/file\n");
  }
  constexpr std::size_t k_limit = std::size_t{1} << 20U;  // of a web app manifest
  CHECK(found_of("a.webmanifest", "{" + std::string(k_limit - 2, ' ') + "}", {}) == "");
  CHECK(found_of("a.webmanifest", "{" + std::string(k_limit - 1, ' ') + "}", {}) ==
        "0:0 size/unread\n");
}

TEST_CASE("a key is told of wherever in it the mistake is") {
  Parts parts;
  const auto code = [](const std::string& key) {
    const auto found = check_key(key);
    return found.size() == 1 ? std::string(found[0].code) : "";
  };
  for (int round = 0; round < k_rounds; ++round) {
    std::string key(1 + parts.below(200), 'a');
    CHECK(code(key) == "");
    for (const std::string_view bad : {"\n", "\x7F", "\xFF", "\xC2\x85", "\xED\xA0\x80"}) {
      std::string planted = key;
      planted.insert(parts.below(key.size() + 1), bad);
      CHECK(code(planted) == "key/characters");
    }
    CHECK(code(std::string(1025 + parts.below(99), 'a')) == "key/length");
  }
}

TEST_CASE("XML and manifests are told of where they go wrong") {
  Parts parts;
  for (int round = 0; round < k_rounds; ++round) {
    std::string xml = "<urlset>\n";
    for (std::size_t i = parts.below(9); i > 0; --i) {
      xml += "<url><loc>/other.html</loc></url>\n";
    }
    const std::string good = xml + "</urlset>\n";
    CHECK(found_of("a.xml", good, {}) == "");
    const std::string bad = xml + "<url><loc>/other.html</lac></url></urlset>\n";
    const std::string found = found_of("a.xml", bad, {});
    const Position at = advanced({}, xml);
    CHECK(found.starts_with(std::to_string(at.line) + ":"));
    CHECK(found.ends_with(" xml/malformed\n"));
    std::string json = "{\n";
    for (std::size_t i = parts.below(9); i > 0; --i) {
      json += "\"name\": \"x\",\n";
    }
    CHECK(found_of("a.webmanifest", json + "\"a\": 1}", {}) == "");
    const std::string wrong = json + "\"a\": 1,}";
    CHECK(found_of("a.webmanifest", wrong, {}) ==
          told(wrong, wrong.size() - 1, "manifest/malformed"));
  }
}

}  // namespace
}  // namespace deployflow::validate
