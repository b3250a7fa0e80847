#include "stages/shape/noindex.hpp"

#include "tests/unit/stages/release/real_host.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::test {
namespace {

const std::string k_tag = R"(<meta name="robots" content="noindex"/>)";
const std::string k_html = "text/html; charset=utf-8";

struct Case {
  Case() {
    host.type.table = &Bind<stages::Noindex>::table;
    host.run.environment = [](std::string_view) { return std::nullopt; };
  }
  void run() { stages::Noindex{}.run(host.ctx(), {}); }

  /// As a later stage would read it.
  std::string bytes(const std::string& key) {
    const auto found = host.artifacts.find(key);
    REQUIRE(found);
    if (found->bytes) {
      return *found->bytes;
    }
    std::ifstream file(found->path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  RealHost host;
};

}  // namespace

TEST_CASE("every page gets the tag, and keeps its media type and headers") {
  Case site;
  site.host.add("about", k_html, {{"cache-control", "x"}}, "<head>a");
  site.host.add("a.html", "text/html", {}, "b");
  site.host.add("c.js", "text/javascript", {}, "<head>");
  site.host.add("d.html", k_html, {}, "<meta name=robots content=noindex>");
  site.host.add("moved", k_html, {{"x-amz-website-redirect-location", "/a"}}, "");
  site.run();
  CHECK(site.bytes("about") == "<head>" + k_tag + "a");
  CHECK(site.bytes("a.html") == k_tag + "b");
  CHECK(site.bytes("c.js") == "<head>");
  CHECK(site.bytes("d.html") == "<meta name=robots content=noindex>");
  CHECK(site.bytes("moved").empty());
  const auto about = site.host.artifacts.find("about");
  CHECK(about->media_type == k_html);
  CHECK(about->headers == site::Headers{{"cache-control", "x"}});
  CHECK(site.host.artifacts.count() == 5);
  CHECK(site.host.findings().empty());
  REQUIRE(site.host.events.outputs().size() == 1);
  CHECK(site.host.events.outputs()[0].second == "2");
}

TEST_CASE("a page that cannot be told is left as it is, and that is said") {
  Case site;
  const std::string large = "<head>" + std::string((std::size_t{16} << 20U) + 1, 'x');
  site.host.add("a.html", k_html, {{"content-encoding", "gzip"}}, "zipped");
  site.host.add("b.html", k_html, {}, large);
  site.host.add("c.html", k_html, {}, "\xFF\xFE<");
  site.host.add("d.xhtml", "application/xhtml+xml", {}, "<html xmlns=''><head/></html>");
  site.run();
  CHECK(site.bytes("a.html") == "zipped");
  CHECK(site.bytes("b.html").size() == large.size());
  CHECK(site.bytes("d.xhtml") == "<html xmlns=''><head/></html>");
  std::vector<std::string> codes;
  for (const run::Finding& one : site.host.recorder.all<run::Finding>()) {
    codes.push_back(one.key + " " + one.code);
    CHECK(one.severity == run::Severity::warning);
  }
  CHECK(codes == std::vector<std::string>{"a.html noindex/encoded",
                                          "b.html noindex/too-large",
                                          "c.html noindex/encoding",
                                          "d.xhtml noindex/xhtml"});
}

}  // namespace deployflow::test
