#include "stages/release/manifest.hpp"

#include "stages/release/handover.hpp"
#include "stages/release/in_order.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace deployflow::release {
namespace {

Sha256 sha_of(std::uint8_t byte) {
  Sha256 out{};
  out.fill(byte);
  return out;
}
Md5 md5_of(std::uint8_t byte) {
  Md5 out{};
  out.fill(byte);
  return out;
}

ReleaseLine line_of(const std::string& id) {
  ReleaseLine line;
  line.id = id;
  line.files = 3;
  return line;
}

/// Two catalogs that have one set of headers in common, under other numbers.
struct Two {
  Catalog site, before;

  Two() {
    site.add("a.css", 1, sha_of(1), md5_of(1), {}, site.intern({{"content-type", "text/css"}}));
    site.add("b.html",
             2,
             sha_of(2),
             md5_of(2),
             "own-etag",
             site.intern({{"content-type", "text/html"}}));
    site.seal();
    before.intern({{"content-type", "text/plain"}});
    before.add("aa.css",
               3,
               sha_of(3),
               md5_of(3),
               {},
               before.intern({{"content-type", "text/css"}}),
               "20260101T000000Z-000000");
    before.seal();
  }
  void each(const EachObject& object) const {
    object(site, 0, {});
    object(before, 0, before.last(0));
    object(site, 1, {});
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    write_manifest(
        line_of("20260102T000000Z-000000"),
        [this](const EachObject& object) { each(object); },
        [&](std::string_view piece) { out += piece; });
    return out;
  }
};

/// Read it `size` bytes at a time.
Read<Manifest> read_in_pieces(std::string_view text,
                              std::size_t size,
                              const Inventory* known = nullptr) {
  return read_manifest(
      [&] {
        const std::string_view piece = text.substr(0, size);
        text.remove_prefix(piece.size());
        return piece;
      },
      known);
}

TEST_CASE("a manifest of objects of two catalogs is read back the same, in pieces of any size") {
  const std::string text = Two().text();
  for (std::size_t size = 1; size <= text.size(); size += size < 40 ? 1 : 97) {
    CAPTURE(size);
    const Read<Manifest> read = read_in_pieces(text, size);
    REQUIRE(read.value.has_value());
    const Catalog& objects = read.value->objects;
    REQUIRE(objects.count() == 3);
    CHECK(objects.key(0) == "a.css");
    CHECK(objects.key(1) == "aa.css");
    CHECK(objects.key(2) == "b.html");
    CHECK(objects.size(1) == 3);
    CHECK(objects.sha256(2) == sha_of(2));
    CHECK(objects.md5(2) == md5_of(2));
    CHECK(objects.own_etag(0).empty());
    CHECK(objects.own_etag(2) == "own-etag");
    CHECK_FALSE(objects.is_leftover(0));
    CHECK(objects.last(1) == "20260101T000000Z-000000");
    CHECK(objects.headers(1) == objects.headers(0));
    CHECK(header_of(objects.headers(2), "content-type") == "text/html");
    CHECK(objects.header_sets().size() == 2);  // what no object has is not written
  }
}

TEST_CASE("a manifest that is cut off anywhere is none") {
  const std::string text = Two().text();
  const std::size_t whole = text.find_last_of('}') + 1;
  for (std::size_t length = 0; length < whole; ++length) {
    CAPTURE(length);
    const Read<Manifest> read = read_in_pieces(std::string_view(text).substr(0, length), 16);
    CHECK_FALSE(read.value.has_value());
    CHECK(read.why == Unreadable::corrupt);
  }
  CHECK(read_in_pieces(std::string_view(text).substr(0, whole), 16).value.has_value());
}

/// The manifest's text with the first `from` made `to`.
std::string changed(std::string_view from, std::string_view to) {
  std::string text = Two().text();
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a manifest that somebody has damaged is none, and nothing of it is believed") {
  using namespace std::string_view_literals;
  const std::vector<std::pair<std::string_view, std::string_view>> damages{
      {"\"a.css\",1,"sv, "\"a.css\",-1,"sv},
      {"\"a.css\",1,"sv, "\"a.css\",1.5,"sv},
      {"\"a.css\",1,"sv, "\"a.css\",\"1\","sv},
      {"\"a.css\",1,"sv, "\"a.css\",99999999999999999999,"sv},
      {"\"a.css\",1,"sv, "\"a.css\",1,1,"sv},
      {"\"a.css\",1,"sv, "\"a.css\",[1],"sv},
      {"\"a.css\",1,"sv, "\"a.css\",null,"sv},
      {"\"a.css\",1,"sv, "{\"a.css\":1},"sv},
      {"\"a.css\""sv, "\"b.html\""sv},
      {"\"a.css\""sv, "\"\""sv},
      {"\"a.css\""sv, "\"/a.css\""sv},
      {"\"a.css\""sv, "\"x/../a.css\""sv},
      {"\"a.css\""sv, "\".deployflow/lock.json\""sv},
      {"\"a.css\""sv, "\"a\\u0000.css\""sv},
      {"\"a.css\""sv, "\"a\xC3.css\""sv},
      {"\"a.css\""sv, "\"a\xED\xA0\x80.css\""sv},
      {"\"a.css\""sv, "\"a\0.css\""sv},
      {"0101"sv, "01"sv},
      {"0101"sv, "01z1"sv},
      {"\"own-etag\",1"sv, "\"own-etag\",2"sv},
      {"\"own-etag\",1"sv, "\"own-etag\",4294967296"sv},
      {"\"content-type\""sv, "\"Content Type\""sv},
      {"text/css"sv, "text/\\ncss"sv},
      {"\"format\":1"sv, "\"format\":\"1\""sv},
      {"\"format\":1"sv, "\"format\":0"sv},
      {"\"objects\""sv, "\"subjects\""sv},
      {"\n]}"sv, "\n]}}"sv},
      {"\n]}"sv, "\n]}\0"sv},
      {"\n]}"sv, ",\n]}"sv},
  };
  for (const auto& damage : damages) {
    const std::string_view from = damage.first, to = damage.second;
    CAPTURE(from);
    CAPTURE(to);
    const Read<Manifest> read = read_in_pieces(changed(from, to), 16);
    CHECK_FALSE(read.value.has_value());
    CHECK(read.why == Unreadable::corrupt);
    CHECK_FALSE(read.detail.empty());
  }
  const std::string deep = "{\"more\":" + std::string(1'000'000, '[');
  CHECK_FALSE(read_in_pieces(deep, 4096).value.has_value());
  CHECK(read_in_pieces(changed("\"format\":1", "\"format\":2"), 16).why == Unreadable::newer);
}

TEST_CASE("a manifest that was only written another way, or has more to say, is read") {
  const std::vector<std::pair<std::string_view, std::string_view>> ways{
      {"\"a.css\",1,", " \"\\u0061\\u002Ecss\" ,\t1 ,\r\n"},
      {"\"format\":1", "\"format\":1,\"of a later version\":{\"a\":[1,-2,3.5,{\"b\":null},true]}"},
      {"\n]}", "\n]\n}\n\n"},
  };
  for (const auto& way : ways) {
    const std::string_view from = way.first, to = way.second;
    CAPTURE(to);
    const Read<Manifest> read = read_in_pieces(changed(from, to), 16);
    CAPTURE(read.detail);
    REQUIRE(read.value.has_value());
    CHECK(read.value->objects.key(0) == "a.css");
    CHECK(read.value->objects.size(0) == 1);
  }
}

TEST_CASE("keys are found in the order of the list, in any other, and when they are not there") {
  Inventory known;
  for (const std::string_view key : {"a", "b", "c", "d", "e"}) {
    known.add(key, 1, Role::file, 1);
  }
  known.seal();
  InOrder by_key(known);
  for (const std::string_view key : {"a", "b", "bb", "c", "e", "a", "f", "d", "e", "e", ""}) {
    CAPTURE(key);
    CHECK(by_key.find(key) == known.find(key));
  }
}

TEST_CASE("keys that are known already are not kept again") {
  Inventory known;
  known.add("b.html", 9, Role::page, 1);
  known.seal();
  const Read<Manifest> read = read_in_pieces(Two().text(), 16, &known);
  REQUIRE(read.value.has_value());
  const Catalog& objects = read.value->objects;
  CHECK(objects.key(2).data() == known.key(0).data());
  CHECK(objects.key(0) == "a.css");
}

TEST_CASE("an object has an ETag of its own only while that is not its MD5") {
  Catalog site;
  site.add("a", 1, sha_of(1), md5_of(0xAB), {}, 0);
  site.add("b", 1, sha_of(2), md5_of(0xCD), "of parts-2", 0, "last");
  site.seal();
  CHECK(site.etag(0) == to_hex(md5_of(0xAB)));
  CHECK(site.own_etag(1) == "of parts-2");
  site.set_etag(0, "another");
  site.set_etag(1, to_hex(md5_of(0xCD)));
  CHECK(site.own_etag(0) == "another");
  CHECK(site.has_etag(0, "another"));
  CHECK(site.own_etag(1).empty());
  CHECK(site.has_etag(1, to_hex(md5_of(0xCD))));
  CHECK(site.last(1) == "last");
  CHECK(site.last(0).empty());
}

TEST_CASE("what one thread hands over the other gets, whole and in order") {
  const std::string text(100'000, 'x');
  Handover bytes;
  std::string got;
  std::thread reader([&] {
    for (std::string_view piece = bytes.take(); !piece.empty(); piece = bytes.take()) {
      got += piece;
    }
    bytes.stop();
  });
  for (std::size_t at = 0; at < text.size(); at += 999) {
    std::string piece = text.substr(at, 999);
    bytes.give(piece);
    piece.assign(piece.size(), '!');  // it was used up
  }
  bytes.give({});
  bytes.end();
  reader.join();
  CHECK(got == text);
}

TEST_CASE("who wants no more holds nobody up") {
  Handover bytes;
  std::thread reader([&] {
    bytes.take();
    bytes.stop();
  });
  for (int i = 0; i < 100; ++i) {
    bytes.give("piece");
  }
  bytes.end();
  reader.join();
}

}  // namespace
}  // namespace deployflow::release
