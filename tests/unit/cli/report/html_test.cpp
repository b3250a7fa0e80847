#include "cli/report/page.hpp"
#include "plugins/host/base/digest.hpp"
#include "tests/unit/cli/report/samples.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace deployflow::cli {
namespace {

using Json = nlohmann::json;

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find(from);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = text.find(to, begin + from.size());
  REQUIRE(end != std::string::npos);
  return text.substr(begin + from.size(), end - begin - from.size());
}

Json data_of(const std::string& page) {
  return Json::parse(between(page, "<script type=\"application/json\" id=\"data\">", "</script>"));
}

TEST_CASE("the policy of the page lets its own script and style through, by their digests") {
  const std::string page = written(write_html, sample_report());
  const std::string policy = between(page, "Content-Security-Policy\" content=\"", "\"");
  CHECK(policy.starts_with("default-src 'none'; "));
  const std::string script = between(page, "</script>\n<script>", "</script>");
  const std::string style = between(page, "<style>", "</style>");
  CHECK(script == k_page_js);
  CHECK(policy.find("script-src 'sha256-" + to_base64(sha256(script)) + "';") != std::string::npos);
  CHECK(policy.find("style-src 'sha256-" + to_base64(sha256(style)) + "';") != std::string::npos);
  CHECK(page.find(" src=") == std::string::npos);
  CHECK(page.find("style=\"") == std::string::npos);
  CHECK(k_page_js.find("</") == std::string_view::npos);
  CHECK(k_page_js.find("<!--") == std::string_view::npos);
  CHECK(k_page_js.find("innerHTML") == std::string_view::npos);
}

TEST_CASE("findings are numbers and places in tables of texts") {
  const Json data = data_of(written(write_html, sample_report()));
  REQUIRE(data["findings"].size() == 3);
  CHECK(data["findings"][0] == Json::array({0, 0, 0, 3, 7, 0, 1, -1}));
  CHECK(data["findings"][1][0] == 1);
  CHECK(data["findings"][1][6] == -1);
  CHECK(data["rules"] == Json::array({"link/missing", "html/quirks", "orphan"}));
  CHECK(data["files"] == Json::array({"site/a.html", "site/b.html"}));
  CHECK(data["texts"] == Json::array({"no <page>", "make it", "old", "unused"}));
}

TEST_CASE("no text ends the data or begins a comment") {
  Report report = sample_report();
  report.site = "</title><script>";
  report.entries[0].finding.message = "</script><!-- \xE2\x80\xAE \xFF";
  report.entries[0].path = "</SCRIPT>";
  const std::string page = written(write_html, report);
  CHECK(data_of(page)["texts"][0] == "</script><!-- \\u{202E} \\xff");
  CHECK(page.find("<!--") == std::string::npos);
  CHECK(page.find("</SCRIPT>") == std::string::npos);
  CHECK(page.find("<title>1 error, 1 warning, 1 note in &lt;/title&gt;&lt;script&gt;</title>") !=
        std::string::npos);
}

TEST_CASE("a run that failed says why") {
  CHECK(data_of(written(write_html, failed_report()))["failure"] == "no <answer>\nis it on?");
}

}  // namespace
}  // namespace deployflow::cli
