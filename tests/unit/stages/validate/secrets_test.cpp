// Keys and tokens: each kind is found where it was planted and not shown, and what only looks like
// one is left alone. Whatever looks real here is made at run time, so that nobody's search for
// secrets finds this file.

#include "stages/validate/secrets.hpp"

#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {
namespace {

using Lines = std::vector<std::string>;

const std::string k_digits = "0123456789";
const std::string k_upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const std::string k_lower = "abcdefghijklmnopqrstuvwxyz";
const std::string k_alnum = k_digits + k_upper + k_lower;

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t end) { return random_() % end; }

  /// As a generator of keys makes it; one in fifty that it makes looks as if a person did.
  std::string text(std::size_t size, const std::string& members) {
    for (;;) {
      std::string out;
      for (std::size_t i = 0; i < size; ++i) {
        out += members[below(members.size())];
      }
      if (is_random(out) &&
          (members == k_upper || out.find_first_of(k_digits) != std::string::npos)) {
        return out;
      }
    }
  }

  /// With GitHub's checksum.
  std::string with_checksum(const std::string& prefix) {
    const std::string body = text(30, k_alnum);
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : body) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) {
        crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0xEDB88320U : crc >> 1U;
      }
    }
    crc ^= 0xFFFFFFFFU;
    std::string sum;
    for (int i = 0; i < 6; ++i, crc /= 62) {
      sum.insert(0, 1, k_alnum[crc % 62]);
    }
    return prefix + body + sum;
  }

  std::string aws_id() {
    return "AK"
           "IA" +
           text(16, k_upper + "234567");
  }
  std::string aws_secret() {
    return text(20, k_lower + k_upper + k_digits) + "/a1B" + text(16, k_alnum);
  }

 private:
  std::minstd_rand random_;
};

struct Kind {
  std::string_view what;
  std::string (*make)(Maker&);
  std::size_t at = 0;  // of the place in what is made
};

std::string pem_of(Maker& make, const std::string& kind, const std::string& between) {
  std::string out = "-----BEGIN " + kind +
                    "PRIVATE"
                    " KEY-----" +
                    between + "MII" + make.text(61, k_alnum + "+/");
  for (int i = 0; i < 5; ++i) {
    out.append(between).append(make.text(64, k_alnum + "+/"));
  }
  return out + between + "-----END " + kind +
         "PRIVATE"
         " KEY-----";
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> k_all{
      {"a GitHub token",
       [](Maker& m) {
         return m.with_checksum(
             "gh"
             "p_");
       }},
      {"a GitHub token",
       [](Maker& m) {
         return m.with_checksum(
             "gh"
             "o_");
       }},
      {"a GitHub token",
       [](Maker& m) {
         return m.with_checksum(
             "gh"
             "s_");
       }},
      {"a GitHub token",
       [](Maker& m) {
         return "github"
                "_pat_" +
                m.text(22, k_alnum) + "_" + m.text(59, k_alnum);
       }},
      {"a GitLab token",
       [](Maker& m) {
         return "gl"
                "pat-" +
                m.text(20, k_alnum);
       }},
      {"a Slack token",
       [](Maker& m) {
         return "xo"
                "xb-" +
                m.text(12, k_digits) + "-" + m.text(12, k_digits) + "-" + m.text(24, k_alnum);
       }},
      {"the address of a Slack webhook",
       [](Maker& m) {
         return "https://"
                "hooks.slack"
                ".com/services/T" +
                m.text(9, k_upper + k_digits) + "/B" + m.text(9, k_upper + k_digits) + "/" +
                m.text(24, k_alnum);
       },
       8},
      {"a live key of Stripe",
       [](Maker& m) {
         return "sk"
                "_live_" +
                m.text(24, k_alnum);
       }},
      {"a live key of Stripe",
       [](Maker& m) {
         return "rk"
                "_live_" +
                m.text(99, k_alnum);
       }},
      {"the secret of a Google client",
       [](Maker& m) {
         return "GOC"
                "SPX-" +
                m.text(28, k_alnum + "_-");
       }},
      {"an npm token",
       [](Maker& m) {
         return "np"
                "m_" +
                m.text(36, k_alnum);
       }},
      {"a PyPI token",
       [](Maker& m) {
         return "py"
                "pi-AgEIcHlwaS5vcmc" +
                m.text(150, k_alnum + "_-");
       }},
      {"a SendGrid key",
       [](Maker& m) {
         return "S"
                "G." +
                m.text(22, k_alnum + "_-") + "." + m.text(43, k_alnum + "_-");
       }},
      {"a Twilio account with its token beside it",
       [](Maker& m) {
         return "A"
                "C" +
                m.text(32, k_digits + "abcdef") + "\", \"" + m.text(32, k_digits + "abcdef");
       }},
      {"a Twilio key with its secret beside it",
       [](Maker& m) {
         return "S"
                "K" +
                m.text(32, k_digits + "abcdef") + "', secret: '" + m.text(32, k_alnum);
       }},
      {"a key of an AI service",
       [](Maker& m) {
         return "s"
                "k-proj-" +
                m.text(30, k_alnum) +
                "T3Blbk"
                "FJ" +
                m.text(30, k_alnum);
       }},
      {"a Shopify token",
       [](Maker& m) {
         return "sh"
                "pat_" +
                m.text(32, k_digits + "abcdef");
       }},
      {"a DigitalOcean token",
       [](Maker& m) {
         return "do"
                "p_v1_" +
                m.text(64, k_digits + "abcdef");
       }},
      {"a Docker token",
       [](Maker& m) {
         return "dc"
                "kr_pat_" +
                m.text(27, k_alnum);
       }},
      {"a Hugging Face token",
       [](Maker& m) {
         return "h"
                "f_" +
                m.text(34, k_alnum);
       }},
      {"a private key of age",
       [](Maker& m) {
         return "AGE-"
                "SECRET-KEY-1" +
                m.text(58, k_upper + k_digits);
       }},
      {"an AWS access key with its secret beside it",
       [](Maker& m) { return m.aws_id() + "\"\nsecret = \"" + m.aws_secret(); }},
      {"an AWS access key with its secret beside it",
       [](Maker& m) { return m.aws_secret() + ", \"id\": \"" + m.aws_id(); },
       49},
      {"a private key", [](Maker& m) { return pem_of(m, "", "\n"); }},
      {"a private key", [](Maker& m) { return pem_of(m, "RSA ", "\r\n"); }},
      {"a private key", [](Maker& m) { return pem_of(m, "ENCRYPTED ", "\\n"); }},
      {"a private key", [](Maker& m) { return pem_of(m, "EC ", "\\n\",\n  \""); }},
      {"a private key", [](Maker& m) { return pem_of(m, "", "</span>\n<span class=\"s2\">"); }},
  };
  return k_all;
}

Lines findings(std::string_view text, RuleSet set = RuleSet::strict) {
  PageSettings settings;
  settings.rules = set;
  Lines out;
  for (const Finding& f : find_secrets(text, settings)) {
    out.push_back(std::to_string(f.line) + ":" + std::to_string(f.column) + " " +
                  std::string(f.code) + " " + f.message);
  }
  return out;
}

std::string joined(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) {
    out += line + '\n';
  }
  return out;
}

// "3:7 security/secret a GitHub token": without what is shown of it.
std::string place_and_kind(const std::string& line) {
  return line.substr(0, line.find(": "));
}

TEST_CASE("each kind of key is found where it was planted, and none of its secret is shown") {
  Maker make(20261128);
  const std::vector<std::string> around{
      "text, ", "<p>\xC3\xA4</p>\n", "\n\n", "var a = 1;\n", "gh p_ AKI A\n"};
  const std::vector<std::string> before{"\"", "'", " ", "=", ">", "(", ":"};
  for (int round = 0; round < 20; ++round) {
    for (const Kind& kind : kinds()) {
      std::string text;
      for (std::size_t i = make.below(6); i > 0; --i) {
        text += around[make.below(around.size())];
      }
      text += before[make.below(before.size())];
      const std::string planted = kind.make(make);
      const Position at = advanced({}, text + planted.substr(0, kind.at));
      text += planted + "\"\n" + around[make.below(around.size())];
      CAPTURE(text);
      const Lines found = findings(text, RuleSet::essential);
      REQUIRE(found.size() == 1);
      CHECK(place_and_kind(found[0]) == std::to_string(at.line) + ":" + std::to_string(at.column) +
                                            " security/secret " + std::string(kind.what));
      for (std::size_t i = 0; i + 5 <= planted.size(); ++i) {
        const std::string piece = planted.substr(i, 5);
        CHECK((kind.what.find(piece) != std::string_view::npos ||
               found[0].find(piece) == std::string::npos));
      }
    }
  }
}

TEST_CASE("the finding says how long the token is, and no more") {
  Maker make(7);
  const std::string token = make.with_checksum(
      "gh"
      "p_");
  CHECK(findings("a " + token) == Lines{"1:3 security/secret a GitHub token: gh"
                                        "p_..., 40 characters"});
  CHECK(findings("\xEF\xBB\xBF" + token) == Lines{"1:1 security/secret a GitHub token: gh"
                                                  "p_..., 40 characters"});
}

TEST_CASE("a token with a checksum that is wrong is none") {
  Maker make(8);
  for (int round = 0; round < 50; ++round) {
    std::string token = make.with_checksum(
        "gh"
        "p_");
    REQUIRE(findings(token).size() == 1);
    char& c = token[4 + make.below(36)];
    c = c == 'x' ? 'y' : 'x';
    CAPTURE(token);
    CHECK(findings(token).empty());
  }
}

TEST_CASE("what stands for a key in instructions is none") {
  Maker make(9);
  const std::string aws_secret = make.aws_secret();
  const std::string body = make.text(64, k_alnum);
  const std::vector<std::string> harmless{
      "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      "AKIAI44QH8DHBEXAMPLE " + aws_secret,
      "AKIAXXXXXXXXXXXXXXXX " + aws_secret,
      "AKIA" + make.text(15, k_upper) + " " + aws_secret,   // too short
      "AKIA" + make.text(17, k_upper) + " " + aws_secret,   // too long
      "xAKIA" + make.text(16, k_upper) + " " + aws_secret,  // part of a word
      "sk_live_your_key_here_1234567890",
      "sk_"
      "live_" +
          std::string(24, 'x'),
      std::string("sk_") + "live_4242424242yourkeygoeshere42",
      "sk_test_" + make.text(24, k_alnum),
      "pk_live_" + make.text(24, k_alnum),
      "glpat-xxxxxxxxxxxxxxxxxxxx",
      "glpat-abcdefghijklmnopqrst",
      "npm_config_registry_and_other_variables",
      "npm_" + std::string(36, 'a'),
      "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
      "xoxb-not-a-real-token-at-all-really",
      "SG.yourkey.yoursecret",
      "task-list-item-that-is-longer-than-forty-characters-1",
      "risk-" + make.text(50, k_alnum),
      "AC" + make.text(32, k_digits + "abcdef"),  // an account alone is public
      "SKILLS and AC/DC and ASIAN and PRIVATE KEYS",
      "AIza is how they begin",
      "-----BEGIN PRIVATE"
      " KEY-----\n...\n-----END PRIVATE"
      " KEY-----",
      "-----BEGIN RSA PRIVATE"
      " KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE"
      " KEY-----",
      "-----BEGIN RSA PRIVATE"
      " KEY-----\n(in base64)\n-----END RSA PRIVATE"
      " KEY-----",
      "-----BEGIN PUBLIC KEY-----\nMII" + body + "\n-----END PUBLIC KEY-----",
      "-----BEGIN CERTIFICATE-----\nMII" + body + body + "\n-----END CERTIFICATE-----",
      "PRIVATE"
      " KEY-----\nMII" +
          body + body,
      "github_pat_" + std::string(82, 'A'),
  };
  for (const std::string& text : harmless) {
    CAPTURE(text);
    CHECK(joined(findings(text)) == "");
    CHECK(joined(findings("<p>" + text + "</p>")) == "");
  }
}

TEST_CASE("rows, repetitions, few characters and words are a person's") {
  CHECK(is_random("k3v8xRmY9Qw2Zr5Tb7nL"));
  CHECK_FALSE(is_random("k3v8xxxxxQw2Zr5Tb7nL"));
  CHECK_FALSE(is_random("k3v812345Qw2Zr5Tb7nL"));
  CHECK_FALSE(is_random("k3k3k3k3k3k3k3k3k3k3"));
  CHECK_FALSE(is_random("k3v8YourQw2Zr5Tb7nLk"));
}

TEST_CASE("an escape before a token is no part of it") {
  Maker make(10);
  const std::string token = make.with_checksum(
      "gh"
      "p_");
  CHECK(findings("{\"a\": \"x\\n" + token + "\"}").size() == 1);
  CHECK(findings("\\t" + token).size() == 1);
  CHECK(findings("?t%3D" + token + "&").size() == 1);
  CHECK(findings("n" + token).empty());
  CHECK(findings(token + "_").empty());
  CHECK(findings(token + "x").empty());
  CHECK(findings(std::string(3, ' ') + token).size() == 1);  // at odd and even places alike
  CHECK(findings(std::string(4, ' ') + token).size() == 1);
}

TEST_CASE("an OpenSSH key and one with lines about itself are keys") {
  Maker make(11);
  const std::string body = make.text(64, k_alnum);
  CHECK(findings("-----BEGIN OPENSSH PRIVATE"
                 " KEY-----\n"
                 "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n")
            .size() == 1);
  CHECK(findings("-----BEGIN RSA PRIVATE"
                 " KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
                 "0123456789ABCDEF\n\nMII" +
                 body + "\n")
            .size() == 1);
  CHECK(findings("-----BEGIN PGP PRIVATE"
                 " KEY BLOCK-----\nVersion: GnuPG v2\n\nlQO" +
                 body + "\n")
            .size() == 1);
  CHECK(findings("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nlQO" + body + "\n").empty());
}

TEST_CASE("a key that is meant for browsers, or harmless alone, is told by the set strict") {
  Maker make(12);
  const std::string google =
      "AI"
      "za" +
      make.text(35, k_alnum + "_-");
  const std::string aws = make.aws_id();
  CHECK(findings(google) == Lines{"1:1 security/api-key a Google API key: AI"
                                  "za..., 39 characters"});
  CHECK(findings(aws) == Lines{"1:1 security/api-key the id of an AWS access key: AK"
                               "IA..., 20 characters"});
  CHECK(findings(google + " " + aws, RuleSet::recommended).empty());
  // A secret that is far away belongs to something else.
  CHECK(findings(aws + std::string(300, ' ') + make.aws_secret(), RuleSet::essential).empty());
  CHECK(findings("https://b.example/a?X-Amz-Credential=" + aws + "%2F20261128").empty());
  CHECK(findings("https://b.example/a?AWSAccessKeyId=" + aws + "&Signature=x").empty());
}

TEST_CASE("a secret is told once, of many the first few and how many there are more") {
  Maker make(13);
  const std::string token = make.with_checksum(
      "gh"
      "p_");
  CHECK(findings(token + " " + token).size() == 1);
  std::string text;
  for (int i = 0; i < 25; ++i) {
    text += make.with_checksum(
                "gh"
                "p_") +
            "\n";
  }
  const Lines found = findings(text);
  REQUIRE(found.size() == 21);
  CHECK(found.back() == "0:0 security/secret 5 more in this file");
}

TEST_CASE("text of every kind is searched, and what is not text is left alone") {
  const auto bytes = [](std::string_view type, std::uint64_t size) {
    return bytes_to_search({.size = size, .key = "a", .media_type = type});
  };
  for (const std::string_view type : {"text/html; charset=utf-8",
                                      "text/plain",
                                      "text/javascript; charset=utf-8",
                                      "application/json; charset=utf-8",
                                      "application/ld+json",
                                      "image/svg+xml; charset=utf-8",
                                      "application/yaml; charset=utf-8",
                                      "application/octet-stream"}) {
    CAPTURE(type);
    CHECK(bytes(type, 1000) == 1000);
  }
  CHECK(bytes("text/plain", 1U << 30U) == 16U << 20U);
  CHECK(bytes("application/octet-stream", (1U << 20U) + 1) == 0);
  CHECK(bytes("image/png", 1000) == 0);
  CHECK(bytes("application/zip", 1000) == 0);
}

TEST_CASE("a file says itself that what looks like a key in it is none") {
  Maker make(14);
  const std::string token = make.with_checksum(
      "gh"
      "p_");
  const CheckedSite site(
      {{"a.js", "/* deployflow-ignore security/secret: expired */ a = '" + token + "'"},
       {"b.js", "a = '" + token + "'"},
       {"c.html", page("<!-- deployflow-ignore security/secret -->" + token)},
       {".env", "TOKEN=" + token}});
  const auto is_told = [&](std::string_view key) {
    const FileFacts facts = site.facts_of(key);
    return std::ranges::any_of(facts.findings, [&](const Finding& f) {
      return f.code == "security/secret" && (facts.ignored & bit_of(f.code)).none();
    });
  };
  CHECK_FALSE(is_told("a.js"));
  CHECK(is_told("b.js"));
  CHECK_FALSE(is_told("c.html"));
  CHECK(is_told(".env"));
}

}  // namespace
}  // namespace deployflow::validate
