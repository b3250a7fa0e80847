// Going back where the bucket keeps versions: contents that no blob has are taken from them.

#include "stages/upload/rollback.hpp"
#include "stages/upload/upload.hpp"
#include "tests/unit/stages/fake_host.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

using fake::World;

namespace {

constexpr char k_blobs[] = ".deployflow/blobs/";

const fake::Options k_relying{
    {"to", fake::text("primary")}, {"delete", fake::number(1)}, {"keep_contents", fake::number(0)}};

df_status upload(World& w, const fake::Options& options = k_relying) {
  w.now_s += 10;
  return w.run(deployflow::Bind<deployflow::stages::Upload>::table, options);
}

df_status go_back(World& w, const std::string& release = "") {
  w.now_s += 10;
  fake::Options options{{"in", fake::text("primary")}, {"keep_contents", fake::number(0)}};
  if (!release.empty()) {
    options.emplace("release", fake::text(release));
  }
  return w.run(deployflow::Bind<deployflow::stages::Rollback>::table, options);
}

fake::Bucket& bucket(World& w) {
  return w.buckets["primary"];
}

std::size_t blobs(World& w) {
  return static_cast<std::size_t>(
      std::count_if(bucket(w).objects.begin(), bucket(w).objects.end(), [](const auto& one) {
        return one.first.rfind(k_blobs, 0) == 0;
      }));
}

std::size_t findings(const World& w, const std::string& code) {
  return static_cast<std::size_t>(std::count_if(
      w.findings.begin(), w.findings.end(), [&](const auto& one) { return one.code == code; }));
}

/// What visitors see: keys, bytes and media types.
std::map<std::string, std::pair<std::string, std::string>> look(World& w) {
  std::map<std::string, std::pair<std::string, std::string>> out;
  for (const auto& [key, object] : bucket(w).objects) {
    if (key.rfind(".deployflow/", 0) != 0) {
      out[key] = {object.bytes, object.media_type};
    }
  }
  return out;
}

/// The id of the release that a run made live.
std::string live_id(const World& w) {
  const std::string& text = w.outputs.at("release");
  return text.substr(1, text.size() - 2);
}

/// A versioned bucket with two releases, of which the first has no blob. "a" is the beginning of
/// another key; two files are alike.
World two_releases() {
  World w;
  w.buckets["primary"].keep_versions();
  w.add("a", "one");
  w.add("a.css", "a style");
  w.add("copy.css", "a style");
  w.add("index.html", "a page");
  w.add("same.txt", "the same");
  REQUIRE(upload(w) == DF_OK);
  w.site[0].bytes = "two";
  w.site[1].bytes = w.site[2].bytes = "another style";
  w.site[3].bytes = "another page";
  REQUIRE(upload(w) == DF_OK);
  REQUIRE(blobs(w) == 0);
  w.reset();
  return w;
}

}  // namespace

TEST_CASE("one goes back and forward over versions alone, and no blob is made") {
  World w;
  bucket(w).keep_versions();
  w.add("a.css", "style 1");
  w.add("index.html", "page 1");
  w.add("only-1.html", "only here");
  std::vector<std::string> ids;
  std::vector<decltype(look(w))> looks;
  for (int release = 1; release <= 3; ++release) {
    REQUIRE(upload(w) == DF_OK);
    ids.push_back(live_id(w));
    looks.push_back(look(w));
    w.site[0].bytes += "!";
    w.site[1].bytes += "?";
    w.site[2].key = "only-" + std::to_string(release + 1) + ".html";
    w.site[2].bytes += ".";
  }
  for (const std::size_t to : {1U, 0U, 2U, 0U, 1U, 2U}) {
    CAPTURE(to);
    REQUIRE(go_back(w, ids[to]) == DF_OK);
    CHECK(look(w) == looks[to]);
  }
  CHECK(blobs(w) == 0);
  CHECK(w.findings.empty());
  CHECK(w.violations.empty());
}

TEST_CASE("asked is for the versions of missing contents alone, once for each") {
  World w = two_releases();
  bucket(w).versions_listed = 0;
  REQUIRE(go_back(w) == DF_OK);
  CHECK(bucket(w).objects["copy.css"].bytes == "a style");
  CHECK(bucket(w).objects["a"].bytes == "one");
  CHECK(bucket(w).versions_listed == 3);  // a, a.css or copy.css, index.html
  for (const auto& one : w.operations) {
    CHECK(one.kind == DF_OP_COPY);
    CHECK_FALSE(one.from_version.empty());
  }
  CHECK(w.operations.size() == 4);
}

TEST_CASE("with blobs nobody asks for versions") {
  World w;
  bucket(w).keep_versions();
  w.add("index.html", "a page");
  const fake::Options keeping{{"to", fake::text("primary")}};
  REQUIRE(upload(w, keeping) == DF_OK);
  w.site[0].bytes = "another page";
  REQUIRE(upload(w, keeping) == DF_OK);
  CHECK(blobs(w) == 1);
  REQUIRE(go_back(w) == DF_OK);
  CHECK(bucket(w).versions_listed == 0);
  CHECK(bucket(w).objects["index.html"].bytes == "a page");
}

TEST_CASE("a content is found under another key of the release that has it") {
  for (const char* gone : {"a.css", "copy.css"}) {
    World w = two_releases();
    bucket(w).old[gone].clear();  // as a lifecycle rule does
    REQUIRE(go_back(w) == DF_OK);
    CHECK(bucket(w).objects["a.css"].bytes == "a style");
    CHECK(bucket(w).objects["copy.css"].bytes == "a style");
  }
}

TEST_CASE("a version of another ETag or size is none, and nothing is done") {
  for (const bool size : {false, true}) {
    World w = two_releases();
    for (auto& version : bucket(w).old["index.html"]) {
      (size ? version.bytes : version.etag) += "0";
    }
    const auto before = look(w);
    CHECK(go_back(w) == DF_NOT_FOUND);
    REQUIRE(findings(w, "rollback/missing") == 1);
    CHECK(w.findings[0].message.find("the contents of 1 objects") != std::string::npos);
    CHECK(w.findings[0].message.find("\n  index.html") != std::string::npos);
    CHECK(w.writes() == 0);
    CHECK(w.plan.empty());
    CHECK(look(w) == before);
  }
}

TEST_CASE("a store that lists no versions has none: refused as ever, with all that is missing") {
  for (const df_status status : {DF_UNSUPPORTED, DF_DENIED, DF_IO}) {
    CAPTURE(status);
    World w = two_releases();
    bucket(w).versions_status = status;
    CHECK(go_back(w) == DF_NOT_FOUND);
    CHECK(findings(w, "rollback/missing") == 1);
    CHECK(w.errors() == 1);
    CHECK(w.findings[0].message.find("the contents of 4 objects") != std::string::npos);
    CHECK(w.writes() == 0);
    const bool is_told = std::any_of(w.log.begin(), w.log.end(), [](const std::string& line) {
      return line.find("versions") != std::string::npos;
    });
    CHECK(is_told);
  }
}

TEST_CASE("a dry run finds the versions, tells the plan and writes nothing") {
  World w = two_releases();
  const auto before = look(w);
  w.dry_run = true;
  REQUIRE(go_back(w) == DF_OK);
  CHECK(look(w) == before);
  CHECK(std::count_if(w.plan.begin(), w.plan.end(), [](const auto& entry) {
          return entry.action == DF_UPDATE;
        }) == 4);
}

TEST_CASE("a copy of a version that the store cannot make is carried over") {
  World w = two_releases();
  w.fail_at = 1;
  REQUIRE(go_back(w) == DF_OK);
  const auto carried = std::find_if(w.operations.begin(), w.operations.end(), [](const auto& one) {
    return one.kind == DF_OP_TRANSFER;
  });
  REQUIRE(carried != w.operations.end());
  CHECK_FALSE(carried->from_version.empty());
  CHECK(bucket(w).objects["index.html"].bytes == "a page");
}

TEST_CASE("who relies on versions that are not there is warned in every run") {
  for (const df_status status : {DF_OK, DF_UNSUPPORTED, DF_DENIED}) {
    CAPTURE(status);
    World w;
    w.add("index.html", "a page");
    w.buckets["primary"].versions_status = status;
    REQUIRE(upload(w) == DF_OK);
    CHECK(findings(w, "upload/no-versions") == 1);
    w.site[0].bytes = "another page";
    REQUIRE(upload(w) == DF_OK);
    CHECK(findings(w, "upload/no-versions") == 2);
    CHECK(blobs(w) == 0);
    CHECK(go_back(w) == DF_NOT_FOUND);
    CHECK(bucket(w).objects["index.html"].bytes == "another page");
  }
  World w;
  w.add("index.html", "a page");
  w.buckets["primary"];
  REQUIRE(upload(w, {{"to", fake::text("primary")}}) == DF_OK);
  CHECK(w.findings.empty());
}
