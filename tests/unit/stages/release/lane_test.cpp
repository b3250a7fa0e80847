#include "stages/release/lane.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace deployflow::release;

namespace {

Inventory make_inventory(const std::vector<Role>& roles) {
  Inventory site;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const std::string digits = std::to_string(i);
    site.add(std::string(6 - digits.size(), '0') + digits, 1, roles[i], i + 1);
  }
  site.seal();
  return site;
}

Phase phase_in(const Inventory& site, const Verdicts& verdicts, std::size_t i) {
  return phase_of(site.role(i), verdicts[i] == Verdict::absent ? Novelty::fresh : Novelty::changed);
}

struct Scenario {
  Inventory site;
  Verdicts verdicts;
};

Scenario random_scenario(std::mt19937& random) {
  std::vector<Role> roles(random() % 40);
  Verdicts verdicts;
  for (Role& role : roles) {
    role = static_cast<Role>(random() % 6);
    verdicts.push_back(static_cast<Verdict>(random() % 4));
  }
  return {make_inventory(roles), verdicts};
}

}  // namespace

TEST_CASE("nothing to send is complete at once") {
  const Inventory site = make_inventory({Role::file, Role::page});
  Lane lane(phases_of(site, {Verdict::same, Verdict::same}));
  CHECK(lane.total() == 0);
  CHECK(lane.is_complete());
  CHECK_FALSE(lane.take().has_value());
}

TEST_CASE("a phase waits until all results of the one before it are in") {
  const Inventory site = make_inventory({Role::page, Role::file, Role::file});
  Lane lane(phases_of(site, {Verdict::absent, Verdict::absent, Verdict::absent}));
  CHECK(lane.take() == 1);
  CHECK(lane.take() == 2);
  CHECK_FALSE(lane.take().has_value());
  lane.settle(DF_OK);
  CHECK_FALSE(lane.take().has_value());
  lane.settle(DF_OK);
  CHECK(lane.take() == 0);
  CHECK(static_cast<Phase>(lane.phase()) == Phase::new_pages);
  CHECK_FALSE(lane.is_complete());
  lane.settle(DF_OK);
  CHECK(lane.is_complete());
  CHECK_FALSE(lane.take().has_value());
}

TEST_CASE("after a failure the phase is carried to its end and no later one begins") {
  const Inventory site = make_inventory({Role::page, Role::file, Role::file, Role::file});
  Lane lane(phases_of(site, Verdicts(4, Verdict::absent)));
  CHECK(lane.take() == 1);
  lane.settle(DF_IO);
  CHECK(lane.take() == 2);
  lane.settle(DF_OK);
  CHECK(lane.take() == 3);
  lane.settle(DF_OK);
  CHECK_FALSE(lane.take().has_value());
  CHECK(lane.failed() == 1);
  CHECK(lane.stored() == 2);
  CHECK(lane.status() == DF_IO);
}

TEST_CASE("one refused credential, or ten failures, end the lane") {
  const Inventory site = make_inventory(std::vector<Role>(50, Role::file));
  Lane refused(phases_of(site, Verdicts(50, Verdict::absent)));
  refused.take();
  refused.take();
  refused.settle(DF_DENIED);
  CHECK_FALSE(refused.take().has_value());
  refused.settle(DF_OK);
  CHECK_FALSE(refused.take().has_value());

  Lane down(phases_of(site, Verdicts(50, Verdict::absent)));
  std::uint64_t given = 0;
  while (down.take()) {
    ++given;
    down.settle(DF_IO);
  }
  CHECK(given == k_max_failures);
}

TEST_CASE("the gravest status is the one that tells the user most") {
  const std::vector<df_status> rising = {
      DF_OK, DF_CANCELLED, DF_FAILED, DF_TIMEOUT, DF_IO, DF_CONFLICT, DF_DENIED};
  for (std::size_t i = 0; i < rising.size(); ++i) {
    for (std::size_t j = 0; j < rising.size(); ++j) {
      CHECK(graver(rising[i], rising[j]) == rising[std::max(i, j)]);
    }
  }
  CHECK(graver(DF_INTERNAL, DF_IO) == DF_IO);
  CHECK(graver(DF_OK, 99) == 99);
}

TEST_CASE("for random sites, everything is taken once and nothing before its phase") {
  std::mt19937 random(20261120);
  for (int round = 0; round < 3000; ++round) {
    CAPTURE(round);
    const Scenario s = random_scenario(random);
    Lane lane(phases_of(s.site, s.verdicts));
    std::vector<std::size_t> flying;
    std::vector<int> times(s.site.count(), 0);
    std::vector<bool> stored(s.site.count(), false);
    for (;;) {
      const std::optional<std::size_t> taken =
          random() % 3 != 0 || flying.empty() ? lane.take() : std::nullopt;
      if (taken) {
        ++times[*taken];
        flying.push_back(*taken);
        for (std::size_t i = 0; i < s.site.count(); ++i) {
          if (s.verdicts[i] != Verdict::same &&
              phase_in(s.site, s.verdicts, i) < phase_in(s.site, s.verdicts, *taken)) {
            REQUIRE(stored[i]);
          }
        }
        REQUIRE(static_cast<Phase>(lane.phase()) == phase_in(s.site, s.verdicts, *taken));
      } else if (!flying.empty()) {
        const std::size_t pick = random() % flying.size();
        stored[flying[pick]] = true;
        flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(pick));
        lane.settle(DF_OK);
      } else {
        break;
      }
    }
    REQUIRE(lane.is_complete());
    for (std::size_t i = 0; i < s.site.count(); ++i) {
      REQUIRE(times[i] == (s.verdicts[i] == Verdict::same ? 0 : 1));
    }
  }
}

TEST_CASE("for random sites and failures, nothing of a later phase is taken after one") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    CAPTURE(round);
    const Scenario s = random_scenario(random);
    Lane lane(phases_of(s.site, s.verdicts));
    std::optional<Phase> failed_in;
    while (const auto taken = lane.take()) {
      const Phase phase = phase_in(s.site, s.verdicts, *taken);
      REQUIRE((!failed_in || phase == *failed_in));
      const bool fails = random() % 8 == 0;
      lane.settle(fails ? DF_IO : DF_OK);
      if (fails) {
        failed_in = phase;
      }
    }
    REQUIRE(lane.is_complete() == !failed_in.has_value());
    REQUIRE(lane.in_flight() == 0);
  }
}
