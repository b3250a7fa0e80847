#include "stages/shape/shape.hpp"

#include "tests/unit/stages/release/real_host.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace deployflow::test {
namespace {

using Lines = std::vector<std::string>;

const std::string k_html = "text/html; charset=utf-8";

/// The stage under the real host, with options that the real schema checker has read from line 8
/// on, column 7.
struct Case {
  explicit Case(const Lines& keys = {}) {
    host.type.table = &Bind<stages::Shape>::table;
    for (const std::string& key : keys) {
      host.add(key, key.find(".html") != std::string::npos ? k_html : "a/b", {}, "of " + key);
    }
  }

  /// What the findings are.
  Lines run(const std::string& options = "{}") {
    pipeline::Value typed;
    REQUIRE(pipeline::check(options, stages::Shape::options, &typed) == Lines{});
    stages::Shape stage;
    try {
      stage.configure(host.ctx(), Options(host.ctx(), run::to_c(typed)));
      stage.run(host.ctx(), {});
    } catch (const Failure& failure) {
      failed = true;
      CHECK(std::string(failure.what()).empty());
    }
    return host.findings();
  }

  [[nodiscard]] Lines keys() const {
    Lines out;
    for (const auto id : host.artifacts.ids()) {
      out.push_back(host.artifacts.get(id)->key);
    }
    return out;
  }
  [[nodiscard]] std::string bytes(const std::string& key) const {
    const auto found = host.artifacts.find(key);
    return found && found->bytes ? *found->bytes : "-";
  }
  /// "media type | name: value"
  [[nodiscard]] std::string headers(const std::string& key) const {
    const auto found = host.artifacts.find(key);
    REQUIRE(found);
    std::string out = found->media_type;
    for (const auto& [name, value] : found->headers) {
      out.append(" | ").append(name).append(": ").append(value);
    }
    return out;
  }
  [[nodiscard]] Lines outputs() const {
    Lines out;
    for (const auto& [name, json] : host.events.outputs()) {
      out.push_back(name + " " + json);
    }
    return out;
  }

  RealHost host;
  bool failed = false;
};

TEST_CASE("by default a site without control files is left as it is") {
  Case site({"404.html", "about.html", "blog/index.html", "index.html", "robots.txt"});
  const Lines before = site.keys();
  CHECK(site.run() == Lines{});
  CHECK(site.keys() == before);
  CHECK(site.outputs() == Lines{"s.renamed 0", "s.redirects 0"});
}

TEST_CASE("extensionless pages keep their media type, headers and bytes") {
  Case site({"404.html", "blog/post.html", "index.html", "a.css"});
  site.host.add("about.html", k_html, {{"cache-control", "x"}, {"x-amz-meta-a", "b"}}, "hello");
  CHECK(site.run("pages: extensionless") == Lines{});
  CHECK(site.keys() == Lines{"404.html", "a.css", "about", "blog/post", "index.html"});
  CHECK(site.headers("about") == k_html + " | cache-control: x | x-amz-meta-a: b");
  CHECK(site.bytes("about") == "hello");
  CHECK(site.outputs() == Lines{"s.renamed 2", "s.redirects 0"});
}

TEST_CASE("a page whose new key another page leaves gets that key") {
  Case site({"a.html", "a.html.html"});
  CHECK(site.run("pages: extensionless") == Lines{});
  CHECK(site.keys() == Lines{"a", "a.html"});
  CHECK(site.bytes("a") == "of a.html");
  CHECK(site.bytes("a.html") == "of a.html.html");
}

TEST_CASE("pages become folders, and what is named not_found stays") {
  Case site({"about.html", "oops.html", "blog/index.html"});
  CHECK(site.run("pages: folders\nnot_found: oops.html") == Lines{});
  CHECK(site.keys() == Lines{"about/index.html", "blog/index.html", "oops.html"});
}

TEST_CASE(
    "strip_index stores a folder's page under its two other names, whatever made the folder") {
  Case site({"about.html", "index.html"});
  site.host.add("blog/index.html", k_html, {{"cache-control", "x"}}, "blog");
  CHECK(site.run("{pages: folders, strip_index: true}") == Lines{});
  CHECK(
      site.keys() ==
      Lines{
          "about", "about/", "about/index.html", "blog", "blog/", "blog/index.html", "index.html"});
  for (const char* key : {"blog", "blog/", "blog/index.html"}) {
    CHECK(site.headers(key) == k_html + " | cache-control: x");
    CHECK(site.bytes(key) == "blog");
  }
  CHECK(site.bytes("about") == "of about.html");
}

TEST_CASE("two files for one key are an error, and nothing is changed") {
  Case site({"_redirects", "about", "about.html", "blog.html", "blog/index.html"});
  CHECK(site.run("{pages: extensionless, strip_index: true, redirects: {}}") ==
        Lines{"0:0 shape/clash about and about.html would both be stored as about (rename one of "
              "them)",
              "0:0 shape/clash blog.html and blog/index.html would both be stored as blog (rename "
              "one of them)"});
  CHECK(site.keys() == Lines{"_redirects", "about", "about.html", "blog.html", "blog/index.html"});
  CHECK(site.outputs() == Lines{});
}

TEST_CASE("a file that is a folder of others is a warning, once for each and at most 20 times") {
  Case site({"about-us.html", "about.html", "about/a.html", "about/team.html"});
  CHECK(site.run("pages: extensionless") ==
        Lines{"0:0 shape/file-and-folder about is an object, and about/a lies below that name "
              "(buckets hold both; a server or store on a file system does not)"});
  CHECK(site.keys() == Lines{"about", "about-us", "about/a", "about/team"});
  Case many;
  for (int i = 10; i < 33; ++i) {
    many.host.add(std::to_string(i) + ".html", k_html);
    many.host.add(std::to_string(i) + "/x.css", "text/css");
  }
  const Lines found = many.run("pages: extensionless");
  REQUIRE(found.size() == 21);
  CHECK(found.back() == "0:0 shape/file-and-folder and 3 more objects with others below");
}

TEST_CASE("_redirects becomes empty objects with the header, and is dropped") {
  Case site({"new.html"});
  site.host.add(
      "_redirects", "a/b", {}, "# old\n/old.html /new.html\n/a%20b/ https://x.org/?a#b\n");
  CHECK(site.run() == Lines{});
  CHECK(site.keys() == Lines{"a b/index.html", "new.html", "old.html"});
  CHECK(site.headers("old.html") == k_html + " | x-amz-website-redirect-location: /new.html");
  CHECK(site.headers("a b/index.html") ==
        k_html + " | x-amz-website-redirect-location: https://x.org/?a#b");
  CHECK(site.bytes("old.html").empty());
  CHECK(site.outputs() == Lines{"s.renamed 0", "s.redirects 2"});
}

TEST_CASE("redirects as pages, with the other names of a folder") {
  Case site;
  CHECK(site.run("as: page\nstrip_index: true\nredirects:\n  /old/: /new?a=1&b=2") == Lines{});
  CHECK(site.keys() == Lines{"old", "old/", "old/index.html"});
  for (const auto& key : site.keys()) {
    CHECK(site.headers(key) == k_html);
    CHECK(site.bytes(key) == shape::redirect_page("/new?a=1&b=2"));
  }
  CHECK(site.bytes("old").find("<link rel=\"canonical\" href=\"/new?a=1&amp;b=2\">") !=
        std::string::npos);
  CHECK(site.bytes("old").find("<meta name=\"robots\" content=\"noindex\">") != std::string::npos);
}

TEST_CASE("the map of the pipeline counts in place of the file, which is dropped all the same") {
  Case site({"a"});
  site.host.add("_redirects", "a/b", {}, "/x /y\n");
  CHECK(site.run("redirects:\n  /a: /b 301!\n  /c: https://x.org/") == Lines{});
  CHECK(site.keys() == Lines{"a", "c"});
  CHECK(site.headers("a") == k_html + " | x-amz-website-redirect-location: /b");
  CHECK(site.headers("c") == k_html + " | x-amz-website-redirect-location: https://x.org/");
}

TEST_CASE("what a bucket cannot redirect is an error at its line") {
  Case site({"about.html"});
  site.host.add("_redirects",
                "a/b",
                {},
                "/ok /about\n/blog/* /news/:splat\n/p/:id /q\n/c /d Country=de\n/e /f 302\n"
                "/..%2Fx /y\n/about /x\n");
  const Lines found = site.run("pages: extensionless");
  REQUIRE(found.size() == 6);
  CHECK(found[0].substr(0, 41) == "2:1 shape/redirect a plain bucket redirec");
  CHECK(found[1].substr(0, 41) == "3:1 shape/redirect a plain bucket redirec");
  CHECK(found[2].substr(0, 4) == "4:1 ");
  CHECK(found[3].substr(0, 4) == "5:1 ");
  CHECK(found[4] == "6:1 shape/redirect \"/..%2Fx\" names no object");
  CHECK(found[5] ==
        "7:1 shape/clash \"/about\" is a file of the site, about.html, and cannot be redirected "
        "(remove one of them, or put ! behind the status to hide the file)");
  CHECK(site.keys() == Lines{"_redirects", "about.html"});
}

TEST_CASE("what is wrong with an entry of the map stands at its value, before anything runs") {
  Case site;
  const Lines found = site.run(
      "redirects:\n  /a: nowhere\n  \"#b\": /c\n  /d: \"/e\\n/f /g\"\n  /x*: /y\n  /long: /" +
      std::string(2048, 'a'));
  CHECK(site.failed);
  REQUIRE(found.size() == 5);
  CHECK(found[0].substr(0, 4) == "10:1");
  CHECK(found[0].find("\"#b\" is no path (such as /old: /new)") != std::string::npos);
  CHECK(found[1].substr(0, 3) == "11:");
  CHECK(found[2].substr(0, 3) == "9:1");
  CHECK(found[2].find("\"nowhere\" is no path or URL") != std::string::npos);
  CHECK(found[3].substr(0, 3) == "12:");
  CHECK(found[4].find("is too long: stores take at most 2,048 characters") != std::string::npos);
}

TEST_CASE("a forced redirect hides a file, also one that was renamed to its key") {
  Case site({"a.html", "b.html"});
  CHECK(site.run("pages: extensionless\nredirects: {/a: /b 301!}") == Lines{});
  CHECK(site.keys() == Lines{"a", "b"});
  CHECK(site.headers("a") == k_html + " | x-amz-website-redirect-location: /b");
}

TEST_CASE("the old name of a page can be redirected, and a redirect to it is warned of") {
  Case site({"a.html", "b.html"});
  CHECK(
      site.run("pages: extensionless\nredirects: {/a.html: /a, /x: /a.html, /y: \"/b.html#z\"}") ==
      Lines{"9:49 shape/moved \"/b.html#z\" is where \"/y\" leads, and is stored as b (redirect "
            "to its new address)"});
  CHECK(site.keys() == Lines{"a", "a.html", "b", "x", "y"});
}

TEST_CASE("two redirects of one object are an error") {
  Case site;
  const Lines found = site.run("redirects: {/ab: /x, /%61b: /y}");
  CHECK(found == Lines{"8:35 shape/clash \"/%61b\" and \"/ab\" are redirects of one object, ab "
                       "(remove one of them)"});
}

TEST_CASE("_headers: what stores keep is set by the name in the site and by the address") {
  Case site({"about.html", "blog/post.html", "a.css", "blog/index.html"});
  site.host.add("_headers",
                "a/b",
                {},
                "/*\n  Cache-Control: one\n  X-Frame-Options: DENY\n"
                "/about\n  Content-Language: de\n"
                "/blog/*.html\n  Cache-Control: two\n  x-frame-options: DENY\n"
                "/blog/p*t\n  Expires: never\n"
                "/blog/\n  X-Amz-Meta-A: b\n  Content-Type: text/x\n");
  CHECK(site.run("pages: extensionless\nstrip_index: true\nredirects: {/r: /s}") ==
        Lines{"3:1 shape/header \"x-frame-options\": a bucket cannot send this header (let the CDN "
              "or server in front of it do so)"});
  CHECK(site.headers("about") == k_html + " | cache-control: one | content-language: de");
  CHECK(site.headers("blog/post") == k_html + " | cache-control: two | expires: never");
  for (const char* key : {"blog", "blog/", "blog/index.html"}) {
    CHECK(site.headers(key) == "text/x | cache-control: two | x-amz-meta-a: b");
  }
  CHECK(site.headers("a.css") == "a/b | cache-control: one");
  CHECK(site.headers("r") == k_html + " | x-amz-website-redirect-location: /s");
  CHECK(site.host.artifacts.find("_headers") == nullptr);
}

TEST_CASE("_headers: mistakes are errors at their lines, and headers_file: false lets it be") {
  Case site({"a"});
  site.host.add(
      "_headers", "a/b", {}, "Cache-Control: x\n/a\n  Expires: " + std::string(4097, 'x'));
  const Lines found = site.run();
  REQUIRE(found.size() == 2);
  CHECK(found[0].substr(0, 17) == "1:1 shape/header ");
  CHECK(found[1] == "3:1 shape/header \"expires\": the value has more than 4,096 characters");
  CHECK(site.keys() == Lines{"_headers", "a"});
  Case off({"_headers"});
  CHECK(off.run("headers_file: false") == Lines{});
  CHECK(off.keys() == Lines{"_headers"});
}

TEST_CASE("a page for what is not there must be there if it was named") {
  Case site({"index.html"});
  CHECK(site.run("not_found: 404.html") ==
        Lines{"8:18 shape/not-found 404.html is no file of the site (not_found names a file as the "
              "site has it: 404.html)"});
}

TEST_CASE("noindex adds robots.txt, or takes the place of the site's own") {
  for (const bool has_one : {false, true}) {
    Case site(has_one ? Lines{"robots.txt"} : Lines{});
    CHECK(site.run("noindex: true") == Lines{});
    CHECK(site.keys() == Lines{"robots.txt"});
    CHECK(site.bytes("robots.txt") == "User-agent: *\nDisallow: /\n");
    CHECK(site.headers("robots.txt") == "text/plain; charset=utf-8");
  }
  Case both;
  CHECK(both.run("noindex: true\nredirects: {/robots.txt: /x 301!}") ==
        Lines{"9:32 shape/clash \"/robots.txt\" is a file of the site, robots.txt, and cannot be "
              "redirected (remove the redirect)"});
}

TEST_CASE("an interrupted run changes nothing") {
  Case site({"a.html"});
  site.host.stop.request_stop();
  stages::Shape stage;
  CHECK_THROWS_AS(stage.run(site.host.ctx(), {}), Cancelled);
  CHECK(site.keys() == Lines{"a.html"});
}

/// A file on disk, listed as the walker does.
struct Disk {
  Disk() {
    std::filesystem::create_directories(folder);
    write("hello");
  }
  ~Disk() { std::filesystem::remove_all(folder); }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  void write(const std::string& text) const { std::ofstream(path) << text; }
  void list(RealHost& host) const {
    const auto file = open_regular(path);
    REQUIRE(file.ok());
    site::Artifact artifact;
    artifact.key = "a.html";
    artifact.path = path;
    artifact.stamp = file->stamp;
    artifact.media_type = k_html;
    host.artifacts.put(std::move(artifact));
  }

  std::string folder =
      std::filesystem::temp_directory_path() / ("shape-test-" + std::to_string(getpid()));
  std::string path = folder + "/a.html";
};

TEST_CASE("a file on disk is not read to be renamed, and its path stays") {
  Case site;
  const Disk disk;
  disk.list(site.host);
  CHECK(site.run("pages: folders\nstrip_index: true") == Lines{});
  CHECK(site.keys() == Lines{"a", "a/", "a/index.html"});
  for (const auto& key : site.keys()) {
    const auto found = site.host.artifacts.find(key);
    CHECK(found->path == disk.path);
    CHECK(found->bytes == nullptr);
    CHECK(found->size() == 5);
    CHECK(found->media_type == k_html);
  }
}

TEST_CASE("a file that changed after it was listed is not taken as it is now") {
  for (const char* now : {"something else", "olleh"}) {
    Case site;
    const Disk disk;
    disk.list(site.host);
    disk.write(now);
    std::filesystem::last_write_time(
        disk.path, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
    CHECK(site.run("pages: extensionless") ==
          Lines{"0:0 shape/changed the file changed after the site was listed"});
    CHECK(site.failed);
  }
}

}  // namespace
}  // namespace deployflow::test
