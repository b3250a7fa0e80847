// The cases that every ObjectStore passes. A case that a store cannot pass is a defect of that
// store. A server that says that it has no such operation is believed: the case tells "skipped: "
// with the server's words and ends. One that says yes and does something else fails.

#include "plugins/host/store/part_size.hpp"
#include "tests/contract/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace deployflow;
using namespace deployflow::store;
using namespace deployflow::store::contract;

namespace {

const std::vector<std::string>& hostile_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> out{"a b",
                                 "plus+plus",
                                 "100%",
                                 "literal%2Fslash",
                                 "a&b=c?d#e",
                                 "it's(1)*!",
                                 "tilde~at@",
                                 "colon:semi;comma,",
                                 "caf\xC3\xA9",   // NFC
                                 "cafe\xCC\x81",  // NFD
                                 "\xF0\x9F\x9A\x80/rocket",
                                 "quote\"<tag>&amp;",
                                 "back\\slash",
                                 "[brackets]{braces}|^`",
                                 ".hidden"};
    // As long as S3 allows, in pieces that a file system takes.
    out.push_back(std::string(200, 'd') + "/" + std::string(200, 'e') + "/" +
                  std::string(200, 'f') + "/" + std::string(200, 'g') + "/" +
                  std::string(220, 'h'));
    return out;
  }();
  return keys;
}

// No file has such a name, so a site has none of them but by --name; stores that keep each object
// in a file refuse them.
const std::vector<std::string>& keys_that_no_file_has() {
  static const std::vector<std::string> keys{
      "double//slash", "dot/./segment", "dots/../segment", "trailing/"};
  return keys;
}

void check_round_trip(World& world, std::vector<std::string> keys) {
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(world.put(key, "content of " + key).ok());
  }
  for (const std::string& key : keys) {
    CAPTURE(key);
    const Outcome got = world.get(key);
    CHECK(got.ok());
    if (got.ok()) {
      CHECK(got.value().body == "content of " + key);
    }
  }
  std::sort(keys.begin(), keys.end());
  CHECK(world.keys() == keys);
  const Outcome gone = world.submit(DeleteMany{keys});
  REQUIRE(gone.ok());
  CHECK(gone.value().failures.empty());
  CHECK(world.keys().empty());
}

}  // namespace

TEST_CASE_TEMPLATE("what is put comes back, with its description", T, EVERY_STORE) {
  WORLD(world);
  Put put;
  put.key = "css/app.css";
  put.payload = make_payload("body{}");
  put.media_type = "text/css; charset=utf-8";
  put.headers = {{"cache-control", "max-age=60"}, {"x-amz-meta-origin", "test"}};
  const Outcome stored = world.submit(put);
  REQUIRE(stored.ok());
  CHECK(stored.value().object.key == "css/app.css");
  CHECK(stored.value().object.etag == to_hex(md5("body{}")));

  const Outcome head = world.submit(Head{"css/app.css"});
  REQUIRE(head.ok());
  CHECK(head.value().object.key == "css/app.css");
  CHECK(head.value().object.size == 6);
  CHECK(head.value().object.etag == to_hex(md5("body{}")));
  CHECK(head.value().object.media_type == "text/css; charset=utf-8");
  const auto& headers = head.value().object.headers;
  CHECK(std::count(headers.begin(), headers.end(), Header{"cache-control", "max-age=60"}) == 1);
  CHECK(std::count(headers.begin(), headers.end(), Header{"x-amz-meta-origin", "test"}) == 1);
  CHECK(world.body("css/app.css") == "body{}");
}

TEST_CASE_TEMPLATE("an empty object is an object", T, EVERY_STORE) {
  WORLD(world);
  REQUIRE(world.put("empty", "").ok());
  CHECK(world.must(Head{"empty"}).object.size == 0);
  CHECK(world.body("empty").empty());
  CHECK(world.keys() == std::vector<std::string>{"empty"});
}

TEST_CASE_TEMPLATE("hostile keys come back as they are", T, EVERY_STORE) {
  WORLD(world);
  check_round_trip(world, hostile_keys());
}

TEST_CASE_TEMPLATE("keys that no file has come back as they are", T, EVERY_STORE) {
  WORLD(world);
  check_round_trip(world, keys_that_no_file_has());
}

TEST_CASE_TEMPLATE("a listing goes through all pages, in the order of bytes, under its prefix",
                   T,
                   EVERY_STORE) {
  WORLD(world);
  std::vector<std::string> expected;
  for (const char* key : {"a/1", "a/2", "a/A", "a/\xC3\xA9", "a/z", "a0", "b"}) {
    REQUIRE(world.put(key, "x").ok());
    if (std::string_view(key).substr(0, 2) == "a/") {
      expected.emplace_back(key);
    }
  }
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> found;
  ListPage page;
  page.prefix = "a/";
  page.max_keys = 2;
  for (int pages = 0; pages < 10; ++pages) {
    Outcome listed = world.submit(page);
    REQUIRE(listed.ok());
    for (const ObjectInfo& object : listed.value().objects) {
      found.push_back(object.key);
      CHECK(object.size == 1);
      CHECK(object.etag == to_hex(md5("x")));
      CHECK(object.modified > 0);
    }
    if (!listed.value().truncated) {
      break;
    }
    page.token = listed.value().next_token;
    page.start_after = found.back();
  }
  CHECK(found == expected);
}

TEST_CASE_TEMPLATE("a listing can start behind a key", T, EVERY_STORE) {
  WORLD(world);
  for (const char* key : {"a", "b", "c"}) {
    REQUIRE(world.put(key, "x").ok());
  }
  ListPage page;
  page.start_after = "a";
  const Outcome listed = world.submit(page);
  REQUIRE(listed.ok());
  REQUIRE(listed.value().objects.size() == 2);
  CHECK(listed.value().objects.front().key == "b");
}

TEST_CASE_TEMPLATE("a put replaces what was there", T, EVERY_STORE) {
  WORLD(world);
  REQUIRE(world.put("page", "old and longer").ok());
  REQUIRE(world.put("page", "new").ok());
  CHECK(world.body("page") == "new");
  CHECK(world.keys().size() == 1);
}

TEST_CASE_TEMPLATE("a put that wants no object there meets one: conflict, and nothing changes",
                   T,
                   EVERY_STORE) {
  WORLD(world);
  Put put;
  put.key = "lock";
  put.payload = make_payload("first");
  put.if_absent = true;
  const Outcome first = world.submit(put);
  if (world.lacks(first)) {
    return;
  }
  REQUIRE(first.ok());
  put.payload = make_payload("second");
  const Outcome second = world.submit(put);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == Errc::conflict);
  CHECK(world.body("lock") == "first");
}

TEST_CASE_TEMPLATE("a put that wants one ETag there meets another: conflict, and nothing changes",
                   T,
                   EVERY_STORE) {
  WORLD(world);
  REQUIRE(world.put("current", "one").ok());
  Put put;
  put.key = "current";
  put.payload = make_payload("two");
  put.if_match = to_hex(md5("other"));
  const Outcome refused = world.submit(put);
  if (world.lacks(refused)) {
    return;
  }
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::conflict);
  put.if_match = to_hex(md5("one"));
  REQUIRE(world.submit(put).ok());
  CHECK(world.body("current") == "two");
}

TEST_CASE_TEMPLATE("what is not there is not found", T, EVERY_STORE) {
  WORLD(world);
  const Outcome head = world.submit(Head{"nothing"});
  REQUIRE_FALSE(head.ok());
  CHECK(head.error().code == Errc::not_found);
  const Outcome get = world.get("nothing");
  REQUIRE_FALSE(get.ok());
  CHECK(get.error().code == Errc::not_found);
  CHECK(get.error().message.find("nothing") != std::string::npos);
}

TEST_CASE_TEMPLATE("deleting what is not there succeeds", T, EVERY_STORE) {
  WORLD(world);
  CHECK(world.submit(Delete{"nothing", {}}).ok());
  const Outcome many = world.submit(DeleteMany{{"nothing", "nothing either"}});
  REQUIRE(many.ok());
  CHECK(many.value().failures.empty());
}

TEST_CASE_TEMPLATE("delete removes one object and no other", T, EVERY_STORE) {
  WORLD(world);
  REQUIRE(world.put("a", "1").ok());
  REQUIRE(world.put("a.b", "2").ok());
  REQUIRE(world.submit(Delete{"a", {}}).ok());
  CHECK(world.keys() == std::vector<std::string>{"a.b"});
}

TEST_CASE_TEMPLATE("a key and what looks like a file in it live beside each other",
                   T,
                   EVERY_STORE) {
  WORLD(world);
  REQUIRE(world.put("a", "1").ok());
  REQUIRE(world.put("a/b", "2").ok());
  REQUIRE(world.submit(Delete{"a", {}}).ok());
  CHECK(world.keys() == std::vector<std::string>{"a/b"});
}

TEST_CASE_TEMPLATE("a range is that range", T, EVERY_STORE) {
  WORLD(world);
  REQUIRE(world.put("digits", "0123456789").ok());
  Get get;
  get.key = "digits";
  get.offset = 3;
  get.count = 4;
  CHECK(world.must(get).body == "3456");
  CHECK(world.must(get).object.size == 10);
  get.count.reset();
  CHECK(world.must(get).body == "3456789");
  get.offset = 0;
  get.count = 1;
  CHECK(world.must(get).body == "0");
  get.offset = 8;
  get.count = 100;
  CHECK(world.must(get).body == "89");
}

TEST_CASE_TEMPLATE("a sink gets the bytes in order and the reply has none", T, EVERY_STORE) {
  WORLD(world);
  std::string content;
  for (int i = 0; i < 100'000; ++i) {
    content += static_cast<char>('a' + i % 26);
  }
  REQUIRE(world.put("long", content).ok());
  std::string received;
  Get get;
  get.key = "long";
  get.sink = [&](std::string_view bytes) -> Result<void> {
    received += bytes;
    return {};
  };
  const Outcome got = world.submit(get);
  REQUIRE(got.ok());
  CHECK(received == content);
  CHECK(got.value().body.empty());
}

TEST_CASE_TEMPLATE("a sink that fails ends the get with its error", T, EVERY_STORE) {
  WORLD(world);
  REQUIRE(world.put("page", "content").ok());
  Get get;
  get.key = "page";
  get.sink = [](std::string_view) -> Result<void> { return Error{Errc::input, "disk full"}; };
  const Outcome got = world.submit(get);
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().code == Errc::input);
  CHECK(got.error().message.find("disk full") != std::string::npos);
}

TEST_CASE_TEMPLATE("a get of another version than was asked for is a conflict", T, EVERY_STORE) {
  WORLD(world);
  REQUIRE(world.put("page", "content").ok());
  Get get;
  get.key = "page";
  get.if_match = to_hex(md5("content"));
  CHECK(world.submit(get).ok());
  get.if_match = to_hex(md5("another"));
  const Outcome got = world.submit(get);
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().code == Errc::conflict);
}

TEST_CASE_TEMPLATE("a copy has the content and, unless replaced, the description", T, EVERY_STORE) {
  WORLD(world);
  REQUIRE(world.put("from + here", "content").ok());
  Copy copy;
  copy.from_key = "from + here";
  copy.key = "to";
  REQUIRE(world.submit(copy).ok());
  CHECK(world.body("to") == "content");
  CHECK(world.must(Head{"to"}).object.media_type == "text/plain; charset=utf-8");
  copy.replace = {"text/html", {{"cache-control", "no-store"}}};
  REQUIRE(world.submit(copy).ok());
  const Outcome head = world.submit(Head{"to"});
  CHECK(head.value().object.media_type == "text/html");
  copy.if_match = to_hex(md5("another"));
  const Outcome refused = world.submit(copy);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::conflict);
}

TEST_CASE_TEMPLATE("an upload in parts becomes one object", T, EVERY_STORE) {
  WORLD(world);
  const std::string first(k_part, 'a');
  const std::string second = "the end";
  const std::string id = world.begin_upload("movie +1.mp4");
  const UploadedPart two = world.part("movie +1.mp4", id, 2, second);
  const UploadedPart one = world.part("movie +1.mp4", id, 1, first);
  CHECK(one.etag == to_hex(md5(first)));

  const Outcome parts = world.submit(ListParts{"movie +1.mp4", id, 0});
  if (!world.lacks(parts)) {
    REQUIRE(parts.ok());
    REQUIRE(parts.value().parts.size() == 2);
    CHECK(parts.value().parts[0].number == 1);
    CHECK(parts.value().parts[0].size == k_part);
    CHECK(parts.value().parts[0].etag == one.etag);
    const Outcome behind = world.submit(ListParts{"movie +1.mp4", id, 1});
    if (!world.lacks(behind)) {
      REQUIRE(behind.ok());
      CHECK(behind.value().parts.size() == 1);
    }
  }
  CHECK(world.keys().empty());

  CompleteUpload complete;
  complete.key = "movie +1.mp4";
  complete.upload_id = id;
  complete.parts = {one, two};
  const Outcome completed = world.submit(complete);
  REQUIRE(completed.ok());
  const Outcome head = world.submit(Head{"movie +1.mp4"});
  REQUIRE(head.ok());
  const std::string& etag = head.value().object.etag;
  if (!completed.value().object.etag.empty()) {  // Ceph 16 leaves it out
    CHECK(completed.value().object.etag == etag);
  }
  if (etag.find('-') != std::string::npos) {  // else of the store's own making, which is no S3 rule
    const std::array<Md5, 2> digests{md5(first), md5(second)};
    CHECK(etag == composite_etag(digests));
  }
  CHECK(head.value().object.size == k_part + second.size());
  CHECK(head.value().object.media_type == "video/mp4");
  CHECK(world.body("movie +1.mp4") == first + second);
  CHECK(world.uploads("").value_or(std::vector<UnfinishedUpload>{}).empty());
}

TEST_CASE_TEMPLATE("an upload that was begun is listed until it is aborted", T, EVERY_STORE) {
  WORLD(world);
  const std::string id = world.begin_upload("big/file 1");
  world.begin_upload("other");
  world.part("big/file 1", id, 1, "part");
  const auto uploads = world.uploads("big/file 1");
  if (!uploads) {
    return;
  }
  REQUIRE(uploads->size() == 1);
  CHECK(uploads->front().key == "big/file 1");
  CHECK(uploads->front().upload_id == id);
  CHECK(uploads->front().started > 0);
  REQUIRE(world.submit(AbortUpload{"big/file 1", id}).ok());
  CHECK(world.uploads("big/file 1")->empty());
  CHECK(world.submit(AbortUpload{"big/file 1", id}).ok());
  const Outcome parts = world.submit(ListParts{"big/file 1", id, 0});
  REQUIRE_FALSE(parts.ok());
  CHECK(parts.error().code == Errc::not_found);
}

TEST_CASE_TEMPLATE("uploads are listed under their prefix", T, EVERY_STORE) {
  WORLD(world);
  for (const char* key : {"big/file 2", "big/file 1", "other"}) {
    world.begin_upload(key);
  }
  const auto uploads = world.uploads("big/");
  if (!uploads) {
    return;
  }
  REQUIRE(uploads->size() == 2);
  CHECK(uploads->at(0).key == "big/file 1");
  CHECK(uploads->at(1).key == "big/file 2");
  CHECK(world.uploads("")->size() == 3);
}

TEST_CASE_TEMPLATE("completing an upload that is gone is not found", T, EVERY_STORE) {
  WORLD(world);
  const std::string id = world.begin_upload("file");
  const UploadedPart part = world.part("file", id, 1, "part");
  const Outcome aborted = world.submit(AbortUpload{"file", id});
  if (world.lacks(aborted)) {
    return;
  }
  REQUIRE(aborted.ok());
  CompleteUpload complete;
  complete.key = "file";
  complete.upload_id = id;
  complete.parts = {part};
  const Outcome completed = world.submit(complete);
  REQUIRE_FALSE(completed.ok());
  CHECK(completed.error().code == Errc::not_found);
  CHECK(completed.error().code_text == "NoSuchUpload");
}

TEST_CASE_TEMPLATE("the bucket exists", T, EVERY_STORE) {
  WORLD(world);
  CHECK(world.submit(BucketExists{}).ok());
  CHECK(world.submit(CreateBucket{}).ok());
}

TEST_CASE_TEMPLATE("many operations at once each complete once", T, EVERY_STORE) {
  WORLD(world);
  ThreadPool pool(8);
  std::vector<Outcome> outcomes(200, Outcome(Reply{}));
  pool.for_each(outcomes.size(), [&](std::size_t i) {
    outcomes[i] = world.put("many/" + std::to_string(i), std::to_string(i));
  });
  CHECK(std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.ok(); }));
  CHECK(world.keys("many/").size() == outcomes.size());
}
