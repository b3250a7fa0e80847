#include "stages/release/group_order.hpp"

#include "stages/release/lane.hpp"
#include "stages/release/schema_text.hpp"
#include "tests/unit/stages/release/real_host.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace deployflow::release {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view k_head = R"({"type": "object", "properties": {"order": )";
constexpr std::string_view k_tail = "}}";
constexpr const char* k_schema = k_joined<k_head, k_order_schema, k_tail>;

/// `order`: the value of the option, in line 8 from column 14 on.
GroupOrder order_of(test::RealHost& host, const std::string& order) {
  pipeline::Value options;
  REQUIRE(pipeline::check("order: " + order + "\n", k_schema, &options) == Lines{});
  return GroupOrder::read(host.ctx(), "upload", run::to_c(*options.find("order")));
}

/// A site of a role each, and what an order makes of it.
struct Site {
  test::RealHost host;
  Inventory inventory;

  explicit Site(const Lines& keys) {
    Inventory made;
    for (const std::string& key : keys) {
      const std::uint64_t id = host.add(key, key.ends_with(".html") ? "text/html" : "text/plain");
      made.add(key, 1, role_by_key(key), id);
    }
    made.seal();
    inventory = std::move(made);
  }

  /// The keys in the order in which they are sent, " | " for a barrier. `old`: what is there.
  std::string sent(const std::string& order, const Lines& old = {}) {
    const GroupOrder groups = order_of(host, order);
    groups.assign(host.ctx(), inventory);
    Phases phases;
    for (std::size_t i = 0; i < inventory.count(); ++i) {
      const bool is_old = std::find(old.begin(), old.end(), inventory.key(i)) != old.end();
      phases.push_back(groups.phase_of(inventory, i, is_old ? Novelty::changed : Novelty::fresh));
    }
    groups.warn(host.ctx(), "upload", "primary", inventory, phases);
    Lane lane(phases);
    std::string out;
    std::size_t flying = 0;
    while (!lane.is_complete()) {
      if (const auto i = lane.take()) {
        out += (out.empty() || out.ends_with("| ") ? "" : " ") + std::string(inventory.key(*i));
        ++flying;
        continue;
      }
      for (; flying > 0; --flying) {
        lane.settle(DF_OK);
      }
      out += lane.is_complete() ? "" : " | ";
    }
    return out;
  }
};

TEST_CASE("what is written decides, and a barrier stands between groups") {
  Site site({"a.css", "b.html", "data/x.json", "feed.xml", "index.html", "sw.js"});
  CHECK(site.sent("[{match: data/**}, files, pages, [home, announcements]]", {"feed.xml"}) ==
        "data/x.json | a.css | b.html | index.html sw.js | feed.xml");
  CHECK(site.host.findings() == Lines{});
}

TEST_CASE("a name that is not written stands before the first written one that comes after it") {
  const Lines old{"feed.xml", "sw.js"};
  const auto sent = [&](const std::string& order) {
    Site site({"a.css", "b.html", "data/x.json", "feed.xml", "index.html", "sw.js"});
    return site.sent(order, old);
  };
  CHECK(sent("[{match: data/**}]") == "data/x.json | a.css | b.html | index.html | feed.xml sw.js");
  CHECK(sent("[home, {match: data/**}]") ==
        "a.css | b.html | index.html | data/x.json | feed.xml sw.js");
  CHECK(sent("[announcements]") == "a.css data/x.json | b.html | index.html | feed.xml sw.js");
  CHECK(sent("[pages, files]") == "b.html | a.css data/x.json | index.html | feed.xml sw.js");
}

TEST_CASE("the first group that means an object has it") {
  const Lines keys{"b.html", "data/big/z.json", "data/x.html", "data/x.json"};
  const auto sent = [&](const std::string& order) { return Site(keys).sent(order); };
  CHECK(sent("[files, {match: data/**}, pages]") ==
        "data/big/z.json data/x.json | data/x.html | b.html");
  CHECK(sent("[{match: [data/**, '!data/big/**']}, files, pages]") ==
        "data/x.json | data/x.html | data/big/z.json | b.html");
  CHECK(sent("[{match: '**/x.{json,html}'}, {match: data/**}]") ==
        "data/x.json | data/x.html | data/big/z.json | b.html");
  CHECK(sent("[{match: '!data/**'}, files]") ==
        "b.html | data/big/z.json data/x.json | data/x.html");
}

TEST_CASE("inside a group new comes before changed, and files before all else") {
  Site site({"a.css", "b.css", "c.html", "d.html", "index.html"});
  CHECK(site.sent("[[home, pages, files]]", {"a.css", "d.html", "index.html"}) ==
        "b.css | a.css | c.html | d.html index.html");
  CHECK(site.host.findings() == Lines{});
}

TEST_CASE("a new feed is a file, as nobody knows its address") {
  CHECK(Site({"b.html", "feed.xml"}).sent("[files, pages, announcements]") == "feed.xml | b.html");
  CHECK(Site({"b.html", "feed.xml"}).sent("[files, pages, announcements]", {"feed.xml"}) ==
        "b.html | feed.xml");
}

TEST_CASE("only new files of a group are not seen") {
  test::RealHost host;
  const GroupOrder order = order_of(host, "[pages, files]");
  Inventory site;
  site.add("a.css", 1, Role::file, 1);
  site.add("b.html", 1, Role::page, 2);
  site.seal();
  CHECK_FALSE(order.is_visible(order.phase_of(site, 0, Novelty::fresh)));
  CHECK(order.is_visible(order.phase_of(site, 0, Novelty::changed)));
  CHECK(order.is_visible(order.phase_of(site, 1, Novelty::fresh)));
}

TEST_CASE("without the option it is the safe order") {
  test::RealHost host;
  const GroupOrder order = GroupOrder::read(host.ctx(), "upload", nullptr);
  Inventory site;
  for (const Role role :
       {Role::file, Role::feed, Role::extensionless, Role::page, Role::home, Role::worker}) {
    site.add(std::to_string(static_cast<int>(role)), 1, role, 1);
  }
  site.seal();
  for (std::size_t i = 0; i < site.count(); ++i) {
    for (const Novelty novelty : {Novelty::fresh, Novelty::changed}) {
      const Phase phase = phase_of(site.role(i), novelty);
      CHECK(order.phase_of(site, i, novelty) == static_cast<std::uint8_t>(phase));
      CHECK(order.is_visible(static_cast<std::uint8_t>(phase)) == is_visible(phase));
    }
  }
}

TEST_CASE("pages that overtake files are warned of, once and with their number") {
  Site site({"a.css", "b.html", "c.html", "index.html"});
  CHECK(site.sent("[pages, files]") == "b.html c.html | a.css | index.html");
  CHECK(site.host.findings() ==
        Lines{"0:0 upload/order primary: `order` puts 2 pages before files that are stored in the "
              "same run (a visitor may meet a page without what it needs; put `files` before "
              "`pages`)"});
  Site without({"b.html", "index.html"});
  without.sent("[pages, files]");
  CHECK(without.host.findings() == Lines{});
}

TEST_CASE("mistakes have a place") {
  const auto mistakes = [](const std::string& order) {
    test::RealHost host;
    CHECK_THROWS_AS(order_of(host, order), Failure);
    return host.findings();
  };
  CHECK(mistakes("[files, [pages, files]]") ==
        Lines{"8:30 upload/order order[1]: files is in two groups"});
  CHECK(mistakes("[{match: ['a', '!']}]") ==
        Lines{"8:29 upload/order order[0]: expected a pattern of keys, which never start with "
              "\"/\" (such as !drafts/**)"});
}

TEST_CASE("what is no order is refused by its schema, with a place") {
  const auto refused = [](const std::string& order) {
    const Lines problems = pipeline::check("order: " + order + "\n", k_schema);
    return problems.size() == 1 ? problems.front() : std::to_string(problems.size());
  };
  CHECK(refused("[filse]") ==
        "p:8:15: stages[0].with.order[0]: must be one of files, pages, home, announcements; not "
        "\"filse\" (did you mean \"files\"?)");
  CHECK(refused("[]") == "p:8:14: stages[0].with.order: needs at least 1 entry");
  CHECK(refused("[{mach: a}]") ==
        "p:8:16: stages[0].with.order[0].mach: unknown option (did you mean \"match\"?)");
  CHECK(refused("[{match: /a}]") ==
        "p:8:23: stages[0].with.order[0].match: expected a pattern of keys, which never start with "
        "\"/\" (such as **/*.html)");
  CHECK(refused("files") ==
        "p:8:14: stages[0].with.order: expected a list, not \"files\" (put it in brackets: [...])");
}

}  // namespace
}  // namespace deployflow::release
