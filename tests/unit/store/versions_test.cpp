// Old versions of objects: asked for, believed, and carried elsewhere.

#include "plugins/host/store/list_all.hpp"
#include "plugins/host/store/memory_store.hpp"
#include "plugins/host/store/s3_reply.hpp"
#include "plugins/host/store/s3_request.hpp"
#include "plugins/host/store/s3_xml.hpp"
#include "plugins/host/store/transfer.hpp"
#include "tests/unit/store/fake_loop.hpp"
#include "tests/unit/store/scripted_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace deployflow;
using namespace deployflow::store;

namespace {

constexpr std::size_t k_mib = 1U << 20;

S3Request request_for(const Operation& operation, WireSettings wire = {}) {
  auto made =
      make_s3_request(operation, {.bucket = "b", .location = {}, .wire = wire, .objects = nullptr});
  REQUIRE(made.ok());
  return std::move(*made);
}

std::string query_of(const S3Request& request) {
  return encode_query(request.query);
}

std::string header_of(const S3Request& request, std::string_view name) {
  for (const auto& [header, value] : request.signed_headers) {
    if (header == name) {
      return value;
    }
  }
  return "none";
}

std::string page(const std::string& inside) {
  return "<ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + inside +
         "</ListVersionsResult>";
}

std::string version(const std::string& key, const std::string& id) {
  return "<Version><Key>" + key + "</Key><VersionId>" + id +
         "</VersionId><ETag>&quot;e&quot;</ETag><Size>3</Size></Version>";
}

Outcome reply_to(const ListVersions& asked, const std::string& body) {
  HttpResponse response;
  response.status = 200;
  response.body = body;
  return to_reply(asked, std::move(response), "b", "http://s");
}

/// A bucket with versions; pages are of two.
struct World {
  FakeLoop loop;
  ByteBudget budget{32 * k_mib};
  MemoryStore source{loop, {.least_part = 5 * k_mib, .page = 2, .has_bucket = true}};
  MemoryStore memory{loop};
  ScriptedStore scripted{source, loop};
  ScriptedStore store{memory, loop};
  ThreadPool pool{2};
  std::vector<std::string> seen;  // "key id"

  World() {
    memory.add_neighbour("there", source);
    REQUIRE(run(loop, source, SetBucketConfig{VersioningConfig{Versioning::enabled}}).ok());
  }
  ~World() { loop.drain(); }

  ObjectInfo put(const std::string& key, const std::string& content) {
    PutRequest request;
    request.key = key;
    request.source = std::make_shared<const std::string>(content);
    request.media_type = "text/css";
    std::optional<StoredOutcome> out;
    put_object({source, loop, pool, budget, budget}, request, [&](StoredOutcome o) {
      out.emplace(std::move(o));
    });
    loop.run_until([&] { return out.has_value(); });
    REQUIRE(out->ok());
    return out->value().object;
  }
  Result<void, StoreError> list(std::size_t most_pages = 100) {
    std::optional<Result<void, StoreError>> out;
    std::size_t pages = 0;
    list_all_versions(
        scripted,
        "",
        [&](const std::vector<ObjectInfo>& objects) {
          for (const ObjectInfo& object : objects) {
            seen.push_back(object.key + " " + object.version_id);
          }
          return ++pages < most_pages;
        },
        [&](Result<void, StoreError> result) { out.emplace(std::move(result)); });
    loop.run_until([&] { return out.has_value(); });
    return std::move(*out);
  }
  /// The last version but one of a key, with what is live now.
  ObjectInfo older(const std::string& key) {
    Outcome listed = run(loop, source, ListVersions{key, {}, {}, 2});
    REQUIRE(listed.ok());
    REQUIRE(listed.value().objects.size() == 2);
    return listed.value().objects[1];
  }
  StoredOutcome carry(const ObjectInfo& object, bool by_the_server) {
    TransferRequest request;
    request.from_key = object.key;
    request.from_version = object.version_id;
    request.key = "to";
    request.size = object.size;
    request.etag = object.etag;
    if (by_the_server) {
      request.server_side =
          ServerSide{"there", object.key, std::make_shared<CopyHabits>(), object.version_id};
    }
    std::optional<StoredOutcome> out;
    transfer(scripted, {store, loop, pool, budget, budget}, request, [&](StoredOutcome o) {
      out.emplace(std::move(o));
    });
    loop.run_until([&] { return out.has_value(); });
    return std::move(*out);
  }
};

}  // namespace

TEST_CASE("a version is named in the query, and in the source of a copy") {
  CHECK(query_of(request_for(Head{"k", "a+/="})) == "versionId=a%2B%2F%3D");
  Get get;
  get.key = "k";
  get.version = "v";
  CHECK(query_of(request_for(get)) == "versionId=v");
  get.version.clear();
  CHECK(query_of(request_for(get)).empty());
  Copy copy;
  copy.key = "to";
  copy.from_key = "a ?b";
  copy.from_version = "v&w";
  CHECK(header_of(request_for(copy), "x-amz-copy-source") == "b/a%20%3Fb?versionId=v%26w");
  CopyPart part;
  part.key = "to";
  part.upload_id = "u";
  part.from_bucket = "other";
  part.from_key = "k";
  part.from_version = "v";
  CHECK(header_of(request_for(part), "x-amz-copy-source") == "other/k?versionId=v");
}

TEST_CASE("a listing of versions goes on behind key and version, encoded where the store can") {
  ListVersions list;
  list.prefix = "a b/";
  CHECK(query_of(request_for(list)) == "encoding-type=url&max-keys=1000&prefix=a%20b%2F&versions=");
  list.after_key = "a b/+";
  list.after_version = "v";
  const std::string query = query_of(request_for(list, {.list_keys = ListKeys::plain}));
  CHECK(query ==
        "key-marker=a%20b%2F%2B&max-keys=1000&prefix=a%20b%2F&version-id-marker=v"
        "&versions=");
}

TEST_CASE("versions are read, delete markers are not, and the marker leads behind both") {
  const auto read = parse_list_versions_xml(
      page("<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>" +
           version("a%20b", "v2") + version("a%20b", "null") +
           "<DeleteMarker><Key>c%2B</Key><VersionId>m</VersionId></DeleteMarker>"));
  REQUIRE(read.ok());
  REQUIRE(read.value().objects.size() == 2);
  CHECK(read.value().objects[0].key == "a b");
  CHECK(read.value().objects[0].version_id == "v2");
  CHECK(read.value().objects[0].etag == "e");
  CHECK(read.value().objects[0].size == 3);
  CHECK(read.value().objects[1].version_id == "null");
  CHECK(read.value().next_key == "c+");
  CHECK(read.value().next_id == "m");
}

TEST_CASE("a marker is decoded like the keys, unless it is the last key as it is") {
  for (const char* marker : {"100%25+", "100%"}) {
    const auto read = parse_list_versions_xml(
        page("<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>" +
             std::string(marker) + "</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>" +
             version("100%25", "w")));
    REQUIRE(read.ok());
    CHECK(read.value().next_key == (marker == std::string("100%") ? "100%" : "100% "));
    CHECK(read.value().next_id == "v");
  }
}

TEST_CASE("hostile listings of versions are errors") {
  const std::vector<std::string> bodies{
      "",
      "<ListVersionsResult>",
      page(version("", "v")),
      page(version("a", "")),
      page("<Version><Key>a</Key><VersionId>v</VersionId><Size>-1</Size></Version>"),
      page("<EncodingType>url</EncodingType>" + version("%zz", "v")),
      page(version(std::string("a\0b", 3), "v"))};
  for (const std::string& body : bodies) {
    CAPTURE(body);
    CHECK_FALSE(parse_list_versions_xml(body).ok());
  }
  const auto unexpanded =
      parse_list_versions_xml("<!DOCTYPE x [<!ENTITY e \"long\">]>" + page(version("&e;", "v")));
  REQUIRE(unexpanded.ok());
  CHECK(unexpanded.value().objects.at(0).key == "&e;");
}

TEST_CASE("a key that was not asked for is refused; who lists objects instead has no versions") {
  ListVersions asked;
  asked.prefix = "a";
  CHECK(reply_to(asked, page(version("ab", "v"))).ok());
  const Outcome foreign = reply_to(asked, page(version("b", "v")));
  REQUIRE_FALSE(foreign.ok());
  CHECK_FALSE(foreign.error().transient);
  const Outcome other = reply_to(asked, "<ListBucketResult></ListBucketResult>");
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code_text == "NotImplemented");
  CHECK_FALSE(other.error().transient);
  const Outcome broken = reply_to(asked, "<ListVersionsRes");
  REQUIRE_FALSE(broken.ok());
  CHECK(broken.error().transient);
}

TEST_CASE("all pages of versions are listed, each once, and enough ends it") {
  World world;
  for (const char* content : {"1", "2", "3"}) {
    world.put("a", content);
    world.put("b", content);
  }
  REQUIRE(run(world.loop, world.source, Delete{"a", {}}).ok());
  REQUIRE(world.list().ok());
  CHECK(world.seen == std::vector<std::string>{"a version-000005",
                                               "a version-000003",
                                               "a version-000001",
                                               "b version-000006",
                                               "b version-000004",
                                               "b version-000002"});
  CHECK(world.scripted.count("ListObjectVersions") == 3);
  world.scripted.log.clear();
  REQUIRE(world.list(1).ok());
  CHECK(world.scripted.count("ListObjectVersions") == 1);
}

TEST_CASE("a store whose pages of versions stand still, or bring nothing for ever, is found out") {
  for (const bool still : {true, false}) {
    World world;
    int pages = 0;
    world.scripted.afterwards = [&](const Operation&, Outcome outcome) -> Outcome {
      outcome.value().truncated = true;
      outcome.value().next_key = "a";
      outcome.value().next_id = still ? "v" : std::to_string(++pages);
      return outcome;
    };
    const auto listed = world.list(5000);
    REQUIRE_FALSE(listed.ok());
    CHECK(listed.error().message.find("do not get any further") != std::string::npos);
    CHECK(world.scripted.log.size() < 1010);
  }
}

TEST_CASE("an old version arrives whole, of any size, carried by the server or by us") {
  for (const std::size_t size : {std::size_t{9}, 9 * k_mib, 40 * k_mib + 1}) {
    for (const bool by_the_server : {true, false}) {
      CAPTURE(size);
      CAPTURE(by_the_server);
      World world;
      std::string content(size, 'x');
      content[size / 2] = 'y';
      const ObjectInfo first = world.put("a.css", content);
      world.put("a.css", "another");
      const ObjectInfo old = world.older("a.css");
      CHECK(old.etag == first.etag);
      const StoredOutcome stored = world.carry(old, by_the_server);
      REQUIRE(stored.ok());
      CHECK(stored.value().confirmed);
      CHECK(stored.value().object.etag == first.etag);
      CHECK(*world.memory.objects().at("to").bytes == content);
      CHECK((world.scripted.count("GetObject") == 0) == by_the_server);
    }
  }
}

TEST_CASE("a version is gone only when it is replaced under its own id") {
  World world;
  const auto ids = [&] {
    world.seen.clear();
    REQUIRE(world.list().ok());
    return world.seen;
  };
  world.put("a", "1");
  REQUIRE(
      run(world.loop, world.source, SetBucketConfig{VersioningConfig{Versioning::suspended}}).ok());
  world.put("a", "2");
  CHECK(ids() == std::vector<std::string>{"a null", "a version-000001"});
  world.put("a", "3");
  CHECK(ids() == std::vector<std::string>{"a null", "a version-000001"});
  REQUIRE(run(world.loop, world.source, Delete{"a", {}}).ok());
  CHECK(ids() == std::vector<std::string>{"a version-000001"});
}
