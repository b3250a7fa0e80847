// What an upload knows of the releases before it, and what it does about what others did.

#include "stages/upload/release_commands.hpp"
#include "stages/upload/rollback.hpp"
#include "stages/upload/upload.hpp"
#include "tests/unit/stages/fake_host.hpp"
#include "tests/unit/stages/site_model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using fake::World;

namespace {

constexpr char k_current[] = ".deployflow/current.json";
constexpr char k_lock[] = ".deployflow/lock.json";

df_status upload(World& w, fake::Options options = {}) {
  options.emplace("to", fake::text("primary"));
  return w.run(deployflow::Bind<deployflow::stages::Upload>::table, options);
}

template <class Stage>
df_status command(World& w, fake::Options options = {}) {
  options.emplace("in", fake::text("primary"));
  return w.run(deployflow::Bind<Stage>::table, options);
}

/// Pages, a style and a script, live.
World live_world() {
  World w;
  w.add("a.css", "a style");
  w.add("b.js", "a script");
  w.add("index.html", "a page");
  w.buckets["primary"];
  REQUIRE(upload(w) == DF_OK);
  w.now_s += 10;
  w.reset();
  return w;
}

std::string plan_of(const World& w, const std::string& key) {
  const auto found = std::find_if(
      w.plan.begin(), w.plan.end(), [&](const auto& entry) { return entry.key == key; });
  return found == w.plan.end() ? "nothing" : std::to_string(found->action) + " " + found->reason;
}

bool has_finding(const World& w, const std::string& code) {
  return std::any_of(
      w.findings.begin(), w.findings.end(), [&](const auto& one) { return one.code == code; });
}

fake::Bucket& bucket(World& w) {
  return w.buckets["primary"];
}

std::string live_id(World& w) {
  const std::string text = bucket(w).objects.at(k_current).bytes;
  const std::string name = "\"release\": \"";
  const auto at = text.find(name) + name.size();
  return text.substr(at, text.find('"', at) - at);
}

void drop(World& w, const std::string& key) {
  w.site.erase(std::find_if(
      w.site.begin(), w.site.end(), [&](const auto& file) { return file.key == key; }));
}

}  // namespace

TEST_CASE("another header of the same content is copied in place, and the plan names it") {
  World w = live_world();
  w.site[0].media_type = "text/x-other";
  REQUIRE(upload(w) == DF_OK);
  CHECK(plan_of(w, "a.css") == "3 headers differ: content-type");
  REQUIRE(w.operations.size() == 1);
  CHECK(w.operations[0].kind == DF_OP_COPY);
  CHECK(w.operations[0].from_key == "a.css");
  CHECK(bucket(w).objects["a.css"].media_type == "text/x-other");
  w.now_s += 10;
  w.reset();
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.writes() == 0);
}

TEST_CASE("a release that was left where the state was before is told of, not adopted in silence") {
  World w = live_world();
  const auto has_warned = [&] {
    const bool has = has_finding(w, "upload/state-elsewhere");
    w.now_s += 10;
    w.reset();
    return has;
  };
  bucket(w).state = "s3://private/.deployflow/";
  bucket(w).beside = std::exchange(bucket(w).objects, {});
  for (const auto& file : w.site) {
    bucket(w).objects[file.key] = bucket(w).beside.at(file.key);
  }
  const std::string others_release = bucket(w).beside.at(k_current).bytes;
  REQUIRE(command<deployflow::stages::Releases>(w) == DF_OK);
  CHECK(has_finding(w, "releases/state-elsewhere"));
  w.reset();
  REQUIRE(upload(w) == DF_OK);
  REQUIRE(w.findings.size() == 1);
  CHECK(w.findings[0].severity == DF_WARN);
  CHECK(w.findings[0].message ==
        "primary: there is no release in s3://private/.deployflow/, but one in "
        "s3://site/.deployflow/, where it was before");
  CHECK(has_warned());
  CHECK(bucket(w).beside.at(k_current).bytes == others_release);
  REQUIRE(upload(w) == DF_OK);
  CHECK_FALSE(has_warned());  // the new place has a release
  bucket(w).objects.erase(k_current);
  bucket(w).beside.clear();
  REQUIRE(upload(w) == DF_OK);
  CHECK_FALSE(has_warned());  // nothing was left
  bucket(w).objects.erase(k_current);
  bucket(w).state.clear();
  bucket(w).beside[k_current];
  REQUIRE(upload(w) == DF_OK);
  CHECK_FALSE(has_warned());  // no other place
  CHECK(w.violations.empty());
}

TEST_CASE("a manifest that another client copied in parts is still the one that was written") {
  World w = live_world();
  const std::string key = ".deployflow/releases/" + live_id(w) + ".json";
  fake::Object& manifest = bucket(w).objects.at(key);
  const std::string md5 = std::exchange(manifest.etag, "0123456789abcdef0123456789abcdef-2");
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.findings.empty());
  w.reset();
  manifest.etag = "0123456789abcdef0123456789abcdef";  // of one make, so of other bytes
  REQUIRE(md5 != manifest.etag);
  REQUIRE(upload(w) == DF_OK);
  CHECK(has_finding(w, "upload/state"));
}

TEST_CASE("headers that somebody else changed are noticed and put right") {
  World w = live_world();
  bucket(w).objects["b.js"].headers["cache-control"] = "max-age=99";
  bucket(w).objects["b.js"].modified_s = w.now_s;
  REQUIRE(upload(w) == DF_OK);
  CHECK(plan_of(w, "b.js") == "3 drifted: its headers differ");
  CHECK(bucket(w).objects["b.js"].headers["cache-control"] == "no-cache");
  CHECK(w.writes() == 1);
}

TEST_CASE("content that somebody else changed or deleted is put right") {
  World w = live_world();
  w.hold("primary", "a.css", "A STYLE");
  bucket(w).objects.erase("b.js");
  REQUIRE(upload(w) == DF_OK);
  CHECK(plan_of(w, "a.css") == "2 drifted: somebody replaced it");
  CHECK(plan_of(w, "b.js") == "1 drifted: somebody deleted it");
  CHECK(fake::holds_site(bucket(w), w.site));
}

TEST_CASE("objects of others are never touched, not even when everything else is deleted") {
  World w = live_world();
  w.hold("primary", "backup.tar", "precious");
  w.site.erase(w.site.begin(), w.site.begin() + 2);
  REQUIRE(upload(w, {{"delete", fake::number(1)}}) == DF_OK);
  CHECK(bucket(w).objects.count("backup.tar") == 1);
  CHECK(bucket(w).objects.count("a.css") == 0);
  CHECK(plan_of(w, "a.css") == "5 no longer in the site");
}

TEST_CASE("without delete nothing is, and a later run that deletes still knows what was ours") {
  World w = live_world();
  drop(w, "a.css");
  REQUIRE(upload(w) == DF_OK);
  CHECK(bucket(w).objects.count("a.css") == 1);
  w.reset();
  w.now_s += 10;
  w.site[0].bytes = "another script";
  REQUIRE(upload(w) == DF_OK);
  CHECK(bucket(w).objects.count("a.css") == 1);
  w.now_s += 10;
  REQUIRE(upload(w, {{"delete", fake::number(1)}}) == DF_OK);
  CHECK(bucket(w).objects.count("a.css") == 0);
}

TEST_CASE("what was ours and is somebody else's now is not deleted") {
  World w = live_world();
  drop(w, "a.css");
  w.hold("primary", "a.css", "not ours any more");
  REQUIRE(upload(w, {{"delete", fake::number(1)}}) == DF_OK);
  CHECK(bucket(w).objects.count("a.css") == 1);
}

TEST_CASE("too many deletes are a conflict, and nothing is done") {
  for (const bool share : {false, true}) {
    World w = live_world();
    w.site.erase(w.site.begin(), w.site.begin() + 2);
    w.site[0].bytes = "another page";
    const fake::Option most = share ? fake::text("50%") : fake::number(1);
    CHECK(upload(w, {{"delete", fake::number(1)}, {"max_delete", most}}) == DF_CONFLICT);
    CHECK(has_finding(w, "upload/max-delete"));
    CHECK(w.findings[0].message.find("\n  a.css\n  b.js") != std::string::npos);
    CHECK(w.writes() == 0);
    CHECK(w.plan.empty());
    CHECK(bucket(w).objects.count(k_lock) == 0);
    const fake::Option enough = share ? fake::text("67%") : fake::number(2);
    CHECK(upload(w, {{"delete", fake::number(1)}, {"max_delete", enough}}) == DF_OK);
    CHECK(bucket(w).objects.count("b.js") == 0);
  }
}

TEST_CASE("keep_assets keeps the files, not the pages, that the last releases needed") {
  World w = live_world();
  w.add("old.html", "an old page");
  const fake::Options options{{"delete", fake::number(1)}, {"keep_assets", fake::number(2)}};
  REQUIRE(upload(w, options) == DF_OK);
  w.now_s += 10;
  drop(w, "a.css");
  drop(w, "old.html");
  REQUIRE(upload(w, options) == DF_OK);
  CHECK(bucket(w).objects.count("a.css") == 1);
  CHECK(bucket(w).objects.count("old.html") == 0);
  for (int release = 0; release < 2; ++release) {
    CHECK(bucket(w).objects.count("a.css") == 1);
    w.now_s += 10;
    w.site[0].bytes += "!";
    REQUIRE(upload(w, options) == DF_OK);
  }
  CHECK(bucket(w).objects.count("a.css") == 0);
}

TEST_CASE("one file that is pushed alone becomes a part of the site, of which the rest stays") {
  World w = live_world();
  const std::string first = live_id(w);
  World part = w;
  part.site.clear();
  part.add("news.html", "news");
  part.site_is_file = true;
  REQUIRE(upload(part, {{"delete", fake::number(1)}}) == DF_OK);
  CHECK(bucket(part).objects.count("a.css") == 1);
  const std::string second = live_id(part);
  part.site_is_file = false;
  part.now_s += 10;
  // It is a release of four files: one can go back to three, and forward again.
  REQUIRE(command<deployflow::stages::Rollback>(part, {{"release", fake::text(first)}}) == DF_OK);
  CHECK(bucket(part).objects.count("news.html") == 0);
  CHECK(bucket(part).objects.count("a.css") == 1);
  part.now_s += 10;
  REQUIRE(command<deployflow::stages::Rollback>(part, {{"release", fake::text(second)}}) == DF_OK);
  CHECK(bucket(part).objects["news.html"].bytes == "news");
  // The whole site does not have it.
  part.now_s += 10;
  part.site = w.site;
  REQUIRE(upload(part, {{"delete", fake::number(1)}}) == DF_OK);
  CHECK(bucket(part).objects.count("news.html") == 0);
}

TEST_CASE("a file that moved is copied inside the store") {
  World w = live_world();
  w.site[0].key = "styles/a.css";
  REQUIRE(upload(w, {{"delete", fake::number(1)}}) == DF_OK);
  CHECK(plan_of(w, "styles/a.css") == "4 moved from a.css");
  CHECK(std::none_of(w.operations.begin(), w.operations.end(), [](const auto& one) {
    return one.kind == DF_OP_PUT;
  }));
  CHECK(fake::holds_site(bucket(w), w.site));
  CHECK(bucket(w).objects.count("a.css") == 0);
}

TEST_CASE("a copy that the store cannot do is an upload") {
  World w = live_world();
  w.add("copy.css", "a style");
  // The source is gone between the listing and the copy.
  w.on_write = [&](const fake::Record&) {};
  bucket(w).invents_etags = true;
  REQUIRE(upload(w) == DF_OK);
  CHECK(bucket(w).objects["copy.css"].bytes == "a style");
}

TEST_CASE("a bucket without a manifest is adopted: nothing is sent, headers are put right") {
  World w = live_world();
  bucket(w).objects.erase(k_current);
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.writes() == 0);
  CHECK(bucket(w).objects.count(k_current) == 1);
  // Of what was adopted nothing but the site is ours.
  w.hold("primary", "x.css", "x");
  bucket(w).objects.erase(k_current);
  REQUIRE(upload(w, {{"delete", fake::number(1)}}) == DF_OK);
  CHECK(bucket(w).objects.count("x.css") == 1);
}

TEST_CASE("where ETags do not tell, metadata of others does, and then the bytes") {
  World w;
  w.add("rclone.css", "one");
  w.add("read.css", "two");
  w.add("changed.css", "six");
  for (const auto& file : w.site) {
    w.hold("primary", file.key, file.bytes);
    bucket(w).objects[file.key].etag = "0123456789abcdef0123456789abcdef-2";
  }
  bucket(w).objects["changed.css"].bytes = "ten";
  bucket(w).objects["rclone.css"].headers["x-amz-meta-sha256"] =
      fake::etag_of("one") + fake::etag_of("one");
  REQUIRE(upload(w) == DF_OK);
  CHECK(plan_of(w, "rclone.css") == "3 headers differ");
  CHECK(plan_of(w, "read.css") == "3 headers differ");
  CHECK(plan_of(w, "changed.css") == "2 content differs");
  const auto reads = std::count_if(w.operations.begin(), w.operations.end(), [](const auto& one) {
    return one.kind == DF_OP_GET;
  });
  CHECK(reads == 2);
}

TEST_CASE("a manifest that is gone or damaged is warned of, and the bucket adopted") {
  for (const bool gone : {true, false}) {
    World w = live_world();
    const std::string key = ".deployflow/releases/" + live_id(w) + ".json";
    if (gone) {
      bucket(w).objects.erase(key);
    } else {
      w.hold("primary", key, bucket(w).objects[key].bytes + " ");
    }
    drop(w, "a.css");
    REQUIRE(upload(w, {{"delete", fake::number(1)}}) == DF_OK);
    CHECK(has_finding(w, "upload/state"));
    CHECK(bucket(w).objects.count("a.css") == 1);  // no manifest says that it is ours
    w.findings.clear();
    REQUIRE(upload(w) == DF_OK);
    CHECK(w.findings.empty());
  }
}

TEST_CASE("a document of a later version is left alone, and nothing is done") {
  for (const bool manifest : {true, false}) {
    World w = live_world();
    const std::string key = manifest ? ".deployflow/releases/" + live_id(w) + ".json" : k_current;
    w.hold("primary", key, R"({"format": 2, "release": "x"})");
    w.site[0].bytes = "changed";
    CHECK(upload(w) == DF_FAILED);
    CHECK(has_finding(w, "upload/newer"));
    CHECK(w.writes() == 0);
  }
}

TEST_CASE("a lock that is held is a conflict that names the holder, and nothing is done") {
  World w = live_world();
  w.hold("primary",
         k_lock,
         R"({"format":1,"run":"R-7","user":"ada","host":"build-7","job":"https://ci/7",)"
         R"("since_s":1795291860,"ttl_s":30})");
  w.site[0].bytes = "changed";
  CHECK(upload(w) == DF_CONFLICT);
  REQUIRE(has_finding(w, "upload/locked"));
  CHECK(w.findings[0].message.find("run R-7 by ada on build-7 (https://ci/7), since 2026-11-21T") !=
        std::string::npos);
  CHECK(w.writes() == 0);
  CHECK(bucket(w).objects.count(k_lock) == 1);
}

TEST_CASE("a lock whose holder stopped renewing it is taken over, by the store's clock") {
  World w = live_world();
  w.hold("primary", k_lock, R"({"format":1,"run":"R-7","since_s":1,"ttl_s":30})");
  w.site[0].bytes = "changed";
  w.now_s += 32;
  CHECK(upload(w) == DF_CONFLICT);
  w.now_s += 1;
  CHECK(upload(w) == DF_OK);
  CHECK(bucket(w).objects.count(k_lock) == 0);
}

TEST_CASE("a store that ignores conditions is found out, and that is said") {
  World w = live_world();
  bucket(w).ignores_conditions = true;
  w.site[0].bytes = "changed";
  REQUIRE(upload(w) == DF_OK);
  CHECK(has_finding(w, "upload/no-lock"));
  bucket(w).ignores_conditions = false;
  w.findings.clear();
  w.site[0].bytes = "changed again";
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.findings.empty());
}

TEST_CASE("releases older than keep are forgotten with what only they needed") {
  World w = live_world();
  for (int release = 0; release < 4; ++release) {
    w.now_s += 10;
    w.site[2].bytes += "!";
    REQUIRE(upload(w, {{"keep", fake::number(2)}}) == DF_OK);
  }
  const auto count = [&](const std::string& prefix) {
    return std::count_if(bucket(w).objects.begin(), bucket(w).objects.end(), [&](const auto& one) {
      return one.first.rfind(prefix, 0) == 0;
    });
  };
  CHECK(count(".deployflow/releases/") == 2);
  CHECK(count(".deployflow/blobs/") == 1);
  CHECK(command<deployflow::stages::Rollback>(w) == DF_OK);
  CHECK(bucket(w).objects["index.html"].bytes == "a page!!!");
  CHECK(command<deployflow::stages::Rollback>(w) == DF_NOT_FOUND);
}

TEST_CASE("with each release that is forgotten go just the contents that no kept one needs") {
  World w = live_world();
  std::vector<std::map<std::string, std::string>> sites;  // oldest first
  for (int release = 1; release <= 9; ++release) {
    w.now_s += 10;
    // The style changes each time, the script every third; the page is one of two.
    w.site[0].bytes = "a style " + std::to_string(release);
    w.site[1].bytes = "a script " + std::to_string(release / 3);
    w.site[2].bytes = release % 2 == 0 ? "a page" : "another page";
    REQUIRE(upload(w, {{"keep", fake::number(4)}}) == DF_OK);
    sites.emplace_back();
    for (const auto& file : w.site) {
      sites.back()[file.key] = file.bytes;
    }
    std::set<std::string> live, wanted, kept;
    const auto oldest = sites.size() > 4 ? sites.size() - 4 : 0;
    for (const auto& [key, bytes] : sites.back()) {
      live.insert(bytes);
    }
    for (std::size_t i = oldest; i < sites.size(); ++i) {
      for (const auto& [key, bytes] : sites[i]) {
        wanted.insert(bytes);
      }
    }
    for (const auto& [key, object] : bucket(w).objects) {
      if (key.starts_with(".deployflow/blobs/")) {
        kept.insert(object.bytes);
      }
    }
    CAPTURE(release);
    // What is live again may have been kept before.
    for (const std::string& bytes : wanted) {
      CHECK((live.count(bytes) == 1 || kept.count(bytes) == 1));
    }
    if (sites.size() > 4) {
      for (const std::string& bytes : kept) {
        CHECK(wanted.count(bytes) == 1);
      }
    }
  }
}

TEST_CASE("a return whose contents are gone is refused before it starts") {
  World w = live_world();
  w.site[2].bytes = "another page";
  REQUIRE(upload(w) == DF_OK);
  std::erase_if(bucket(w).objects,
                [](const auto& one) { return one.first.rfind(".deployflow/blobs/", 0) == 0; });
  w.reset();
  CHECK(command<deployflow::stages::Rollback>(w) == DF_NOT_FOUND);
  CHECK(has_finding(w, "rollback/missing"));
  CHECK(w.writes() == 0);
  CHECK(bucket(w).objects["index.html"].bytes == "another page");
}

TEST_CASE("the commands about releases answer in lines") {
  World w = live_world();
  const std::string first = live_id(w);
  w.site[2].bytes = "another page";
  drop(w, "b.js");
  w.add("c.js", "c");
  REQUIRE(upload(w) == DF_OK);
  const std::string second = live_id(w);
  REQUIRE(command<deployflow::stages::Releases>(w) == DF_OK);
  REQUIRE(w.answers.size() == 2);
  CHECK(w.answers[0].rfind("* " + second, 0) == 0);
  CHECK(w.answers[1].rfind("  " + first, 0) == 0);
  w.reset();
  REQUIRE(command<deployflow::stages::Diff>(w, {{"from", fake::text(first)}}) == DF_OK);
  CHECK(w.answers == std::vector<std::string>{
                         "added c.js", "changed index.html (6 -> 12 bytes)", "removed b.js"});
  w.reset();
  REQUIRE(command<deployflow::stages::Unlock>(w) == DF_OK);
  CHECK(w.answers == std::vector<std::string>{"not locked"});
  w.hold("primary", k_lock, R"({"format":1,"run":"R-7","since_s":1,"ttl_s":30})");
  w.reset();
  REQUIRE(command<deployflow::stages::Unlock>(w) == DF_OK);
  CHECK(bucket(w).objects.count(k_lock) == 1);
  CHECK(command<deployflow::stages::Unlock>(w, {{"run", fake::text("R-8")}}) == DF_CONFLICT);
  CHECK(bucket(w).objects.count(k_lock) == 1);
  CHECK(command<deployflow::stages::Unlock>(w, {{"run", fake::text("R-7")}}) == DF_OK);
  CHECK(bucket(w).objects.count(k_lock) == 0);
}

TEST_CASE("several targets are filled in one pass, and one that fails stops alone") {
  World w;
  w.add("a.css", "a");
  w.add("index.html", "page");
  w.buckets["primary"];
  w.buckets["second"].list_status = DF_DENIED;
  w.buckets["third"];
  const fake::Options options{{"to", fake::list({"primary", "second", "third"})}};
  CHECK(upload(w, options) == DF_DENIED);
  CHECK(fake::holds_site(w.buckets["primary"], w.site));
  CHECK(fake::holds_site(w.buckets["third"], w.site));
  CHECK(w.buckets["second"].objects.empty());
  w.buckets["second"].list_status = DF_OK;
  REQUIRE(upload(w, options) == DF_OK);
  CHECK(fake::holds_site(w.buckets["second"], w.site));
}

TEST_CASE("the plan is whole before the first write, and says against which release it was made") {
  World w = live_world();
  w.site[2].bytes = "another page";
  REQUIRE(upload(w) == DF_OK);
  CHECK_FALSE(w.planned_late);
  REQUIRE(w.bases.size() == 1);
  CHECK(w.bases[0].first == "primary");
  CHECK(w.bases[0].second == "20260101T000000Z-000001");
}

TEST_CASE("a plan that is not the approved one leaves every target as it is, and unlocked") {
  for (const char* publish : {"direct", "staged"}) {
    World w = live_world();
    w.buckets["other"];
    w.site[2].bytes = "another page";
    const auto before = bucket(w).objects;
    w.plan_answer = DF_CONFLICT;
    fake::Options options{{"to", fake::list({"primary", "other"})},
                          {"publish", fake::text(publish)}};
    CHECK(w.run(deployflow::Bind<deployflow::stages::Upload>::table, options) == DF_CONFLICT);
    CHECK(w.errors() == 1);
    CHECK(w.states.empty());
    CHECK(w.buckets["other"].objects.empty());
    REQUIRE(bucket(w).objects.size() == before.size());
    for (const auto& [key, object] : before) {
      CHECK(bucket(w).objects.at(key).bytes == object.bytes);
      CHECK(bucket(w).objects.at(key).modified_s == object.modified_s);
    }
  }
}
