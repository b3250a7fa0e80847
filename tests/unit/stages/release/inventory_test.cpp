#include "stages/release/inventory.hpp"

#include "stages/release/holdings.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace deployflow::release;

TEST_CASE("an inventory is numbered in the byte order of keys, in whatever order it was filled") {
  Inventory site;
  for (const char* key : {"b", "a/b", "\xC3\xA9", "a", "Z", "a-b"}) {
    site.add(key, 1, Role::file, 0);
  }
  site.seal();
  std::string order;
  for (std::size_t i = 0; i < site.count(); ++i) {
    order += std::string(site.key(i)) + " ";
    CHECK(site.find(site.key(i)) == i);
  }
  CHECK(order == "Z a a-b a/b b \xC3\xA9 ");
  CHECK_FALSE(site.find("").has_value());
  CHECK_FALSE(site.find("a/").has_value());
  CHECK_FALSE(site.find("zz").has_value());
}

TEST_CASE("of two objects with one key the later one counts") {
  Inventory site;
  site.add("b", 1, Role::file, 1, "old");
  site.add("a", 2, Role::file, 2);
  site.add("b", 3, Role::page, 3, "new");
  site.seal();
  REQUIRE(site.count() == 2);
  CHECK(site.key(1) == "b");
  CHECK(site.size(1) == 3);
  CHECK(site.id(1) == 3);
  CHECK(site.etag(1) == "new");
  CHECK(site.role(1) == Role::page);
}

TEST_CASE("holdings keep what is in the inventory and forget the rest") {
  Inventory site;
  site.add("a", 1, Role::file, 1);
  site.add("b", 1, Role::file, 2);
  site.seal();
  Holdings held(site);
  held.note("foreign", 9, "x");
  held.note("b", 5, "e1");
  held.note("b", 6, "e2");
  CHECK_FALSE(held.holds(0));
  REQUIRE(held.holds(1));
  CHECK(held.size(1) == 6);
  CHECK(held.etag(1) == "e2");
}

TEST_CASE("an empty inventory has nothing") {
  Inventory site;
  site.seal();
  CHECK(site.count() == 0);
  CHECK_FALSE(site.find("a").has_value());
}
