// Subresource Integrity: what the attribute means, and what is told when a file does not match.

#include "stages/validate/integrity.hpp"

#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {
namespace {

using Lines = std::vector<std::string>;

// FIPS 180-4, of "abc".
constexpr std::string_view k_sha256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
constexpr std::string_view k_sha384 =
    "ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn";
constexpr std::string_view k_sha512 =
    "3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==";

TEST_CASE("digests are those of the standard") {
  CHECK(digest_of(HashAlgorithm::sha256, "abc") == k_sha256);
  CHECK(digest_of(HashAlgorithm::sha384, "abc") == k_sha384);
  CHECK(digest_of(HashAlgorithm::sha512, "abc") == k_sha512);
}

std::string value(std::string_view algorithm, std::string_view digest) {
  return std::string(algorithm) + "-" + std::string(digest);
}

const std::string k_256 = value("sha256", k_sha256);
const std::string k_384 = value("sha384", k_sha384);
const std::string k_512 = value("sha512", k_sha512);
const std::string k_wrong_256 = "sha256-" + std::string(43, 'A') + "=";
const std::string k_wrong_512 = "sha512-" + std::string(86, 'A') + "==";

// Of a script "abc".
Lines check(const std::string& integrity) {
  Lines out;
  for (const std::string& line :
       CheckedSite(
           {{"index.html", page("<script src=a.js integrity=\"" + integrity + "\"></script>")},
            {"a.js", "abc"}})
           .findings()) {
    out.push_back(line.substr(0, line.find(':', line.find(' '))));
  }
  return out;
}

const Lines k_refused{"index.html:2:28 security/integrity a.js is not what integrity says"};

TEST_CASE("a hash that matches is enough, one that does not is told at the attribute") {
  for (const std::string& good : {k_256, k_384, k_512}) {
    CHECK(check(good).empty());
  }
  CHECK(check(k_wrong_256) == k_refused);
  CHECK(check(k_wrong_512) == k_refused);
  CHECK(check("").empty());
  CHECK(check("  ").empty());
}

TEST_CASE(
    "several hashes of the strongest algorithm are alternatives, and weaker ones do not count") {
  CHECK(check(k_wrong_256 + " " + k_256).empty());
  CHECK(check(k_256 + "\n" + k_wrong_256).empty());
  CHECK(check(k_wrong_256 + " " + k_512).empty());
  CHECK(check(k_512 + " " + k_wrong_256).empty());
  CHECK(check(k_256 + " " + k_wrong_512) == k_refused);
  CHECK(check(k_wrong_512 + " " + k_384) == k_refused);
}

TEST_CASE("options and unknown algorithms are passed over, and either alphabet of base64 is read") {
  CHECK(check(k_256 + "?x=y").empty());
  CHECK(check("md5-x " + k_256).empty());
  CHECK(check("sha1024-x " + k_wrong_256) == k_refused);
  std::string url_safe = k_256;
  for (char& c : url_safe) {
    c = c == '+' ? '-' : c == '/' ? '_' : c;
  }
  CHECK(check("sha256-" + url_safe.substr(7)).empty());
}

TEST_CASE("what browsers pass over, or can never match, is malformed") {
  const auto mistake = [](std::string_view text) { return parse_integrity(text).mistake; };
  CHECK(mistake(k_384) == "");
  CHECK(mistake("md5-x") == "it names none of sha256, sha384 and sha512");
  CHECK(mistake("SHA256-" + std::string(k_sha256)) == "it names none of sha256, sha384 and sha512");
  CHECK(mistake("sha256-a*b") == "what follows sha256- is no base64");
  CHECK(mistake("sha256-a=b") == "what follows sha256- is no base64");
  CHECK(mistake("sha384-abc") == "sha384 has 64 characters of base64, this has 3");
  CHECK(mistake("sha384") == "sha384 has 64 characters of base64, this has 0");
  CHECK(check("md5-x") == Lines{"index.html:2:28 security/integrity integrity"});
}

TEST_CASE("style sheets and modules are held to it too, preloads and other sites are not") {
  const auto codes = [](const std::string& body) {
    return CheckedSite({{"index.html", page(body)}, {"a.js", "abc"}, {"a.css", "abc"}})
        .findings()
        .size();
  };
  const std::string wrong = " integrity=" + k_wrong_256 + ">";
  CHECK(codes("<link rel=stylesheet href=a.css" + wrong) == 1);
  CHECK(codes("<link rel=modulepreload href=a.js" + wrong) == 1);
  CHECK(codes("<link rel=preload as=script href=a.js" + wrong) == 0);
  CHECK(codes("<script src=https://cdn.example/a.js crossorigin" + wrong + "</script>") == 0);
  CHECK(codes("<script" + wrong + "</script>") == 0);
  CHECK(codes("<template><script src='{{ a }}'" + wrong + "</script></template>") == 0);
}

TEST_CASE(
    "a file of another site is held to it only with crossorigin: browsers refuse it without") {
  const auto found = [](const std::string& body, const std::string& address) {
    Settings settings;
    if (!address.empty()) {
      settings.address = parse_site_address(address).value();
    }
    return CheckedSite({{"index.html", page(body)}}, settings).findings();
  };
  const std::string of_cdn =
      "<script src=https://cdn.example/a.js integrity=" + k_wrong_256 + "></script>";
  const std::string told =
      "index.html:2:48 security/integrity integrity of another site's file "
      "without crossorigin: browsers refuse it";
  CHECK(found(of_cdn, "") == Lines{told});
  CHECK(found(of_cdn, "https://www.example/") == Lines{told});
  CHECK(found("<link rel=stylesheet href=//cdn.example/a.css integrity=" + k_wrong_256 + ">", "")
            .size() == 1);
  CHECK(found("<link rel=preload as=style href=//cdn.example/a.css integrity=" + k_wrong_256 + ">",
              "")
            .empty());
  // Modules are always fetched so, and data is not fetched.
  CHECK(found("<script type=module src=https://cdn.example/a.js integrity=" + k_wrong_256 +
                  "></script>",
              "")
            .empty());
  CHECK(found("<script type=text/template src=https://cdn.example/a integrity=" + k_wrong_256 +
                  "></script>",
              "")
            .empty());
  CHECK(found("<link rel=modulepreload href=//cdn.example/a.js integrity=" + k_wrong_256 + ">", "")
            .empty());
  // Another part of the same host needs nobody's leave.
  CHECK(found(of_cdn, "https://cdn.example/docs/").empty());
}

TEST_CASE("a page that does not want to hear of it does not") {
  CHECK(CheckedSite(
            {{"index.html",
              page("<!-- deployflow-ignore security/integrity --><script src=a.js integrity=" +
                   k_wrong_256 + "></script>")},
             {"a.js", "abc"}})
            .findings()
            .empty());
}

TEST_CASE("pages that say the same of one file are told in one finding") {
  const std::string script = "<script src=/a.js integrity=" + k_wrong_256 + "></script>";
  std::map<std::string, std::string> files{{"a.js", "abc"}};
  for (int i = 0; i < 9; ++i) {
    files["p" + std::to_string(i) + ".html"] = page(script);
  }
  CHECK(
      CheckedSite(files).findings() ==
      Lines{"p0.html:2:29 security/integrity a.js is not what integrity says: browsers refuse it; "
            "also in p1.html:2:29, p2.html:2:29, p3.html:2:29 and 5 more files"});
}

TEST_CASE("a planted change of a file is found, wherever the script stands") {
  std::minstd_rand random(20261128);
  for (int round = 0; round < 50; ++round) {
    std::string script(1 + random() % 200, 'x');
    for (char& c : script) {
      c = static_cast<char>(' ' + random() % 90);
    }
    const auto algorithm = static_cast<HashAlgorithm>(random() % 3);
    const std::string integrity = value(name_of(algorithm), digest_of(algorithm, script));
    std::string before;
    for (std::size_t i = random() % 5; i > 0; --i) {
      before += random() % 2 == 0 ? "<p>x</p>\n" : "<b>\xC3\xA4</b> ";
    }
    const std::string tag = "<script src=a.js integrity=";
    const std::string good = page(before.append(tag).append(integrity).append("></script>"));
    CHECK(CheckedSite({{"index.html", good}, {"a.js", script}}).findings().empty());
    script[random() % script.size()] = '~';
    const Position at = advanced({}, good.substr(0, good.find(tag) + tag.size()));
    const Lines found = CheckedSite({{"index.html", good}, {"a.js", script}}).findings();
    REQUIRE(found.size() == 1);
    CHECK(found[0].starts_with("index.html:" + std::to_string(at.line) + ":" +
                               std::to_string(at.column) + " security/integrity a.js is not"));
  }
}

}  // namespace
}  // namespace deployflow::validate
