// The option `website`: the bucket is served as the pipeline says, and no more is written than that
// takes.

#include "stages/upload/upload.hpp"
#include "tests/unit/stages/fake_host.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>

using fake::World;

namespace {

df_status upload(World& w, const std::string& error = "404.html") {
  fake::Options members{{"index", fake::text("index.html")}};
  if (!error.empty()) {
    members.emplace("error", fake::text(error));
  }
  w.now_s += 10;
  return w.run(deployflow::Bind<deployflow::stages::Upload>::table,
               {{"to", fake::text("primary")}, {"website", fake::map(std::move(members))}});
}

World site() {
  World w;
  w.add("404.html", "not here");
  w.add("index.html", "a page");
  w.buckets["primary"];
  return w;
}

fake::Bucket& bucket(World& w) {
  return w.buckets["primary"];
}

std::string planned(const World& w) {
  const auto found = std::find_if(
      w.plan.begin(), w.plan.end(), [](const auto& entry) { return entry.action == DF_SETTING; });
  return found == w.plan.end() ? "nothing" : found->key + ": " + found->reason;
}

bool has_finding(const World& w, const std::string& code, std::int32_t severity) {
  return std::any_of(w.findings.begin(), w.findings.end(), [&](const auto& one) {
    return one.code == code && one.severity == severity;
  });
}

bool is_recorded(World& w) {
  return bucket(w).objects.count(".deployflow/current.json") == 1;
}

}  // namespace

TEST_CASE("the website is set after the site is stored, told in the plan, and not set again") {
  World w = site();
  REQUIRE(upload(w) == DF_OK);
  REQUIRE(bucket(w).website);
  CHECK(bucket(w).website->index == "index.html");
  CHECK(bucket(w).website->error == "404.html");
  CHECK(planned(w) == "website: index index.html, error 404.html; the bucket is no website yet");
  CHECK_FALSE(w.planned_late);
  REQUIRE(w.websites_set.size() == 1);
  CHECK(w.websites_set[0].second == 2);  // writes to the site before it
  w.reset();
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.websites_set.size() == 1);
  CHECK(planned(w) == "nothing");
  CHECK(w.writes() == 0);
  CHECK(w.findings.empty());
}

TEST_CASE("another website is replaced, and the plan says what it was") {
  World w = site();
  bucket(w).website = fake::Website{"main.htm", "gone.htm", false};
  REQUIRE(upload(w, "") == DF_OK);
  CHECK(planned(w) == "website: index index.html; was index main.htm, error gone.htm");
  CHECK(bucket(w).website->index == "index.html");
  CHECK(bucket(w).website->error.empty());
}

TEST_CASE("the page for what is not there gets the prefix of the target, the index does not") {
  World w = site();
  w.prefix = "docs/";
  REQUIRE(upload(w) == DF_OK);
  CHECK(bucket(w).website->index == "index.html");
  CHECK(bucket(w).website->error == "docs/404.html");
  w.reset();
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.websites_set.size() == 1);
}

TEST_CASE("what more the website says is not overwritten, and that is said") {
  World w = site();
  bucket(w).website = fake::Website{"main.htm", "", true};
  REQUIRE(upload(w) == DF_OK);
  CHECK(has_finding(w, "upload/website-kept", DF_WARN));
  CHECK(bucket(w).website->index == "main.htm");
  CHECK(w.websites_set.empty());
  CHECK(is_recorded(w));
  // Where it says what is wanted there is nothing to warn of.
  bucket(w).website = fake::Website{"index.html", "404.html", true};
  w.findings.clear();
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.findings.empty());
}

TEST_CASE("a store without websites is warned of, and the site is stored") {
  World w = site();
  bucket(w).website_status = DF_UNSUPPORTED;
  REQUIRE(upload(w) == DF_OK);
  CHECK(has_finding(w, "upload/no-website", DF_WARN));
  CHECK(planned(w) == "nothing");
  CHECK(is_recorded(w));
}

TEST_CASE("a website that may not be read is an error before anything is written") {
  World w = site();
  bucket(w).website_status = DF_DENIED;
  CHECK(upload(w) == DF_DENIED);
  CHECK(w.writes() == 0);
  CHECK_FALSE(is_recorded(w));
}

TEST_CASE("a dry run plans the website and sets none") {
  World w = site();
  w.dry_run = true;
  REQUIRE(upload(w) == DF_OK);
  CHECK(planned(w) != "nothing");
  CHECK_FALSE(bucket(w).website);
}

TEST_CASE("a page that the site does not have is an error, and nothing is asked or written") {
  World w = site();
  CHECK(upload(w, "errors/404.html") == DF_FAILED);
  REQUIRE(has_finding(w, "upload/website", DF_ERROR));
  CHECK(w.findings[0].message.find("errors/404.html") != std::string::npos);
  CHECK(w.writes() == 0);
  CHECK(w.reserved.empty());
  CHECK_FALSE(bucket(w).website);
}

TEST_CASE("of a file that is pushed alone the pages may be in what is live") {
  World w = site();
  w.site_is_file = true;
  World alone = w;
  alone.site.erase(alone.site.begin());
  CHECK(upload(alone) == DF_FAILED);  // nothing is live
  w.site_is_file = false;
  REQUIRE(upload(w) == DF_OK);
  w.site_is_file = true;
  w.site.erase(w.site.begin());
  w.site[0].bytes = "another page";
  REQUIRE(upload(w) == DF_OK);
  CHECK(bucket(w).objects["index.html"].bytes == "another page");
}

TEST_CASE("where the site could not be stored the website stays as it was") {
  World w = site();
  w.fail_at = 1;
  CHECK(upload(w) == DF_IO);
  CHECK_FALSE(bucket(w).website);
  CHECK(w.websites_set.empty());
}
