// Previews: what a mark says, who may make one, and that a removal takes all that is its own,
// however often it is cut off.

#include "stages/release/preview.hpp"

#include "stages/upload/preview_commands.hpp"
#include "stages/upload/upload.hpp"
#include "tests/unit/stages/fake_host.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using fake::World;

namespace {

constexpr char k_mark[] = "previews/a/.deployflow/preview.json";
constexpr char k_lock[] = "previews/a/.deployflow/lock.json";

df_status push(World& w, fake::Options options = {{"expires", fake::number(60'000)}}) {
  options.emplace("to", fake::text("primary/previews/a/"));
  return w.run(deployflow::Bind<deployflow::stages::Upload>::table, options);
}

df_status push_site(World& w) {
  return w.run(deployflow::Bind<deployflow::stages::Upload>::table,
               {{"to", fake::text("primary")}});
}

df_status list(World& w) {
  return w.run(deployflow::Bind<deployflow::stages::Previews>::table,
               {{"in", fake::text("primary")}});
}

df_status remove(World& w, fake::Options options = {{"names", fake::list({"a"})}}) {
  options.emplace("in", fake::text("primary"));
  return w.run(deployflow::Bind<deployflow::stages::RemovePreviews>::table, options);
}

df_status remove_expired(World& w, const std::string& spare = "") {
  fake::Options options = {{"expired", fake::number(1)}};
  if (!spare.empty()) {
    options.emplace("spare", fake::text(spare));
  }
  return remove(w, std::move(options));
}

std::map<std::string, fake::Object>& held(World& w) {
  return w.buckets["primary"].objects;
}

std::vector<std::string> below(World& w, const std::string& folder) {
  std::vector<std::string> keys;
  for (const auto& [key, object] : held(w)) {
    if (key.rfind(folder, 0) == 0) {
      keys.push_back(key);
    }
  }
  return keys;
}

bool has_finding(const World& w, const std::string& code) {
  return std::any_of(
      w.findings.begin(), w.findings.end(), [&](const auto& one) { return one.code == code; });
}

/// Two files and two pages, and a preview of them.
World preview_world() {
  World w;
  w.add("a.css", "a style");
  w.add("b.js", "a script");
  w.add("c.html", "a page");
  w.add("index.html", "the first page");
  w.buckets["primary"];
  REQUIRE(push(w) == DF_OK);
  w.now_s += 10;
  w.reset();
  return w;
}

}  // namespace

TEST_CASE("a mark is read as it was written, and what is none is not guessed at") {
  using namespace deployflow::release;
  PreviewMark mark;
  mark.by.user = "ada";
  mark.by.commit = "0123";
  mark.expires_s = 1'800'000'000;
  const auto read = read_preview_mark(write_preview_mark(mark));
  REQUIRE(read.value);
  CHECK(read.value->by.user == "ada");
  CHECK(read.value->by.commit == "0123");
  CHECK(read.value->expires_s == 1'800'000'000);
  CHECK(read_preview_mark(write_preview_mark({})).value->expires_s == 0);
  CHECK(read_preview_mark(R"({"format": 2, "expires_s": 1})").why == Unreadable::newer);
  for (const char* text : {"",
                           "[]",
                           "{",
                           R"({"expires_s": 1})",
                           R"({"format": 1})",
                           R"({"format": 1, "expires_s": -1})",
                           R"({"format": 1, "expires_s": "1"})",
                           R"({"format": 1, "expires_s": 18446744073709551615})"}) {
    CAPTURE(text);
    const auto wrong = read_preview_mark(text);
    CHECK_FALSE(wrong.value);
    CHECK(wrong.why == Unreadable::corrupt);
  }
}

TEST_CASE("a key lies in a preview only below its folder") {
  deployflow::release::PreviewFolders folders;
  folders.note(".deployflow/preview.json");  // the target's own
  folders.note("x.deployflow/preview.json");
  CHECK(folders.empty());
  folders.note("previews/a/.deployflow/preview.json");
  CHECK(folders.folder_of("previews/a/b/c") == "previews/a/");
  CHECK(folders.folder_of("previews/a/") == "previews/a/");
  for (const char* key : {"previews/a", "previews/ab/c", "a/previews/a/b", "index.html", ""}) {
    CAPTURE(key);
    CHECK(folders.folder_of(key).empty());
  }
}

TEST_CASE("the mark is there before the first object of a preview, and is renewed by each push") {
  World w;
  w.add("index.html", "a page");
  w.buckets["primary"];
  std::size_t marks_at_first = 0;
  w.on_write = [&](const fake::Record&) { marks_at_first = held(w).count(k_mark); };
  REQUIRE(push(w) == DF_OK);
  CHECK(marks_at_first == 1);
  CHECK(held(w).at(k_mark).bytes.find("\"expires_s\": 1000060") != std::string::npos);
  w.now_s += 10;
  w.reset();
  REQUIRE(push(w) == DF_OK);
  CHECK(w.writes() == 0);
  CHECK(held(w).at(k_mark).bytes.find("\"expires_s\": 1000070") != std::string::npos);
  REQUIRE(push(w, {{"expires", fake::text("never")}}) == DF_OK);
  CHECK(held(w).at(k_mark).bytes.find("\"expires_s\": 0") != std::string::npos);
}

TEST_CASE("a folder with objects that is no preview does not become one") {
  for (const char* key : {"previews/a/notes.txt", "previews/a/.deployflow/current.json"}) {
    for (const bool dry : {false, true}) {
      World w;
      w.add("index.html", "a page");
      w.hold("primary", key, "of somebody else");
      w.dry_run = dry;
      CHECK(push(w) == DF_CONFLICT);
      CHECK(has_finding(w, "upload/no-preview"));
      CHECK(below(w, "previews/") == std::vector<std::string>{key});
    }
  }
}

TEST_CASE("a dry run marks nothing") {
  World w;
  w.add("index.html", "a page");
  w.buckets["primary"];
  w.dry_run = true;
  REQUIRE(push(w) == DF_OK);
  CHECK(held(w).empty());
}

TEST_CASE("the site cannot be deployed into a preview") {
  World w = preview_world();
  w.add("previews/a/more.html", "a page");
  CHECK(push_site(w) == DF_CONFLICT);
  CHECK(has_finding(w, "upload/in-preview"));
  CHECK(w.writes() == 0);
}

TEST_CASE("previews are listed with what is known of them") {
  World w = preview_world();
  w.hold("primary", "previews/b/.deployflow/preview.json", "damaged");
  w.hold("primary", "previews/c/index.html", "of a folder that is no preview");
  w.hold("primary", "previews/index.html", "of the site");
  REQUIRE(list(w) == DF_OK);
  REQUIRE(w.answers.size() == 2);
  CHECK(w.answers[0].find("  a  http://store/primary/previews/a/index.html  until ") == 0);
  CHECK(w.answers[0].find("4 files, ") != std::string::npos);
  CHECK(w.answers[1].find("  b  ") == 0);
  CHECK(w.answers[1].find("  damaged  ") != std::string::npos);
  CHECK(w.answers[1].find("unfinished") != std::string::npos);
  w.now_s += 60;
  w.reset();
  REQUIRE(list(w) == DF_OK);
  CHECK(w.answers[0].find("x a  ") == 0);
  CHECK(w.outputs.at("previews").find("\"expired\":true") != std::string::npos);
}

TEST_CASE("a removal deletes pages first, and nothing that is not its own") {
  World w = preview_world();
  w.hold("primary", "previews/a/notes.txt", "of somebody else");
  w.hold("primary", "previews/a/b.js", "replaced by somebody else");
  w.hold("primary", "previews/ab/index.html", "a neighbour");
  w.hold("primary", "index.html", "the live site");
  std::vector<std::string> order;
  w.on_write = [&](const fake::Record& record) { order.push_back(record.key); };
  REQUIRE(remove(w) == DF_OK);
  std::sort(order.begin(), order.begin() + 2);
  CHECK(order ==
        std::vector<std::string>{"previews/a/c.html", "previews/a/index.html", "previews/a/a.css"});
  CHECK(has_finding(w, "remove-previews/left"));
  CHECK(below(w, "") ==
        std::vector<std::string>{
            "index.html", "previews/a/b.js", "previews/a/notes.txt", "previews/ab/index.html"});
}

TEST_CASE("the mark goes after everything but the lock") {
  World w = preview_world();
  REQUIRE(remove(w) == DF_OK);
  std::vector<std::string> deleted;
  for (const fake::Record& record : w.reserved) {
    if (record.kind == DF_OP_DELETE) {
      deleted.push_back(record.key);
    }
  }
  REQUIRE(deleted.size() == 4);  // a manifest and current.json before them
  CHECK(deleted[2] == k_mark);
  CHECK(deleted[3] == k_lock);
  CHECK(held(w).empty());
}

TEST_CASE("a removal that fails or is cut off at any write is finished by the next") {
  World whole = preview_world();
  REQUIRE(remove(whole) == DF_OK);
  const std::size_t writes = whole.writes_given;
  REQUIRE(writes == 7);
  for (std::size_t at = 1; at <= writes; ++at) {
    for (const bool cut_off : {false, true}) {
      CAPTURE(at);
      CAPTURE(cut_off);
      World w = preview_world();
      w.seed = static_cast<std::uint32_t>(at);
      (cut_off ? w.cancel_at : w.fail_at) = at;
      CHECK(remove(w) != DF_OK);
      const bool has_pages = below(w, "previews/a/c.html").size() == 1;
      CHECK((!has_pages || below(w, "previews/a/a.css").size() == 1));
      REQUIRE_FALSE(below(w, "previews/a/").empty());
      w.cancel_at = w.fail_at = 0;
      w.now_s += 100;
      CHECK(remove(w) == DF_OK);
      CHECK(held(w).empty());
    }
  }
}

TEST_CASE(
    "the lock that a removal left at its very end is removed by name, and listed as nothing") {
  World w;
  w.hold("primary", k_lock, R"({"format": 1, "run": "20260101T000000Z-aaaaaa", "ttl_s": 30})");
  w.now_s += 100;
  REQUIRE(list(w) == DF_OK);
  CHECK(w.answers == std::vector<std::string>{"no preview"});
  REQUIRE(remove_expired(w) == DF_OK);
  CHECK(held(w).size() == 1);
  REQUIRE(remove(w) == DF_OK);
  CHECK(held(w).empty());
}

TEST_CASE("a push that was cut off at any write leaves nothing that a removal does not know") {
  World whole = preview_world();
  for (std::size_t at = 1; at <= 8; ++at) {
    CAPTURE(at);
    World w;
    w.add("a.css", "a style");
    w.add("b.js", "a script");
    w.add("index.html", "the first page");
    w.buckets["primary"];
    w.cancel_at = at;
    w.seed = static_cast<std::uint32_t>(at);
    push(w);
    w.cancel_at = 0;
    w.now_s += 100;
    if (!below(w, "previews/a/").empty()) {
      CHECK(remove_expired(w) == DF_OK);
    }
    CHECK(held(w).empty());
  }
}

TEST_CASE("only what has expired is removed as such, and not the one that is spared") {
  World w = preview_world();
  REQUIRE(remove_expired(w) == DF_OK);
  CHECK(below(w, "previews/a/").size() == 7);
  w.now_s += 60;
  REQUIRE(remove_expired(w, "a") == DF_OK);
  CHECK(below(w, "previews/a/").size() == 7);
  w.dry_run = true;
  w.reset();
  REQUIRE(remove_expired(w) == DF_OK);
  CHECK(w.plan.size() == 4);
  CHECK(below(w, "previews/a/").size() == 7);
  w.dry_run = false;
  REQUIRE(remove_expired(w) == DF_OK);
  CHECK(held(w).empty());
}

TEST_CASE("a preview that another run has the lock of is not removed") {
  World w = preview_world();
  w.hold("primary", k_lock, R"({"format": 1, "run": "20260101T000000Z-aaaaaa", "ttl_s": 30})");
  CHECK(remove(w) == DF_CONFLICT);
  CHECK(has_finding(w, "remove-previews/locked"));
  CHECK(below(w, "previews/a/").size() == 8);
}

TEST_CASE("one wrong name, and nothing is removed") {
  World w = preview_world();
  CHECK(remove(w, {{"names", fake::list({"a", "b"})}}) == DF_NOT_FOUND);
  CHECK(below(w, "previews/a/").size() == 7);
  CHECK(remove(w, {}) == DF_BAD_OPTIONS);
}

TEST_CASE("a damaged mark: never expired, removed by name, repaired by a push") {
  World w = preview_world();
  w.hold("primary", k_mark, "damaged");
  w.now_s += 1000;
  REQUIRE(remove_expired(w) == DF_OK);
  CHECK(below(w, "previews/a/").size() == 7);
  REQUIRE(push(w) == DF_OK);
  CHECK(held(w).at(k_mark).bytes.find("expires_s") != std::string::npos);
  w.hold("primary", k_mark, "damaged");
  REQUIRE(remove(w) == DF_OK);
  CHECK(held(w).empty());
  w.hold("primary", k_mark, R"({"format": 2})");
  CHECK(push(w) == DF_FAILED);
  CHECK(has_finding(w, "upload/newer"));
}
