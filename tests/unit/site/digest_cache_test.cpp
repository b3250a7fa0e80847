#include "plugins/host/site/digest_cache.hpp"

#include "tests/unit/site/cache_world.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>

using deployflow::FileStamp;
using deployflow::RawDigests;
using deployflow::site::DigestCache;
using deployflow::test::CacheWorld;
using deployflow::test::digests_of;
using deployflow::test::only;

namespace fs = std::filesystem;

namespace {

constexpr FileStamp k_stamp{.size = 5, .mtime_ns = 7, .ctime_ns = 9, .inode = 11, .device = 13};

FileStamp stamp(std::uint64_t device, std::uint64_t inode) {
  return {.size = 5, .mtime_ns = 7, .ctime_ns = 9, .inode = inode, .device = device};
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

}  // namespace

TEST_CASE("what one run has read another knows, and nobody else can look at it") {
  const CacheWorld world;
  world.remember({k_stamp}, digests_of("a"));
  CHECK(world.find(k_stamp) == digests_of("a"));
  CHECK(mode_of(world.folder) == 0700);
  CHECK(mode_of(world.file) == 0600);
}

TEST_CASE("a file of which anything differs is not known, and takes the place of what it was") {
  const CacheWorld world;
  world.remember({k_stamp}, digests_of("a"));
  for (auto field : {&FileStamp::size, &FileStamp::inode, &FileStamp::device}) {
    FileStamp other = k_stamp;
    ++(other.*field);
    CHECK_FALSE(world.find(other));
  }
  for (auto field : {&FileStamp::mtime_ns, &FileStamp::ctime_ns}) {
    FileStamp other = k_stamp;
    ++(other.*field);
    CHECK_FALSE(world.find(other));
  }
  FileStamp changed = k_stamp;
  changed.size = 6;
  world.remember({changed}, digests_of("b"));
  CHECK(world.find(changed) == digests_of("b"));
  CHECK_FALSE(world.find(k_stamp));
}

TEST_CASE("what changed less than two seconds before it was read is not remembered") {
  const CacheWorld world;
  const auto ns = [&](std::chrono::milliseconds ago) {
    return std::chrono::nanoseconds((world.clock.now() - ago).time_since_epoch()).count();
  };
  FileStamp mtime = stamp(1, 1);
  FileStamp ctime = stamp(1, 2);
  FileStamp future = stamp(1, 3);
  FileStamp old = stamp(1, 4);
  mtime.mtime_ns = ns(std::chrono::milliseconds(1'999));
  ctime.ctime_ns = ns(std::chrono::milliseconds(1'999));
  future.mtime_ns = ns(-std::chrono::hours(1));
  old.mtime_ns = old.ctime_ns = ns(std::chrono::milliseconds(2'000));
  world.remember({mtime, ctime, future, old}, digests_of("a"));
  CHECK_FALSE(world.find(mtime));
  CHECK_FALSE(world.find(ctime));
  CHECK_FALSE(world.find(future));
  CHECK(world.find(old));
}

TEST_CASE("many files are found at once, wherever their neighbours lie, and no others") {
  const CacheWorld world;
  std::vector<FileStamp> stamps;
  for (std::uint64_t device = 1; device <= 3; ++device) {
    for (std::uint64_t i = 0; i < 3'000; ++i) {
      // Dense, then with gaps of all lengths; numbers past 2^63 are negative in the database.
      stamps.push_back(stamp(device, i < 1'000 ? i : i * i));
    }
  }
  stamps.push_back(stamp(~0ULL, ~0ULL));
  stamps.push_back(stamp(~0ULL, 1));
  const auto cache = world.open();
  for (const FileStamp& one : stamps) {
    cache->add(one, digests_of(std::to_string(one.inode)), world.clock.now());
  }
  cache->save();
  std::vector<DigestCache::Wanted> wanted;
  std::set<std::uint64_t> expected;
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    if (i % 7 == 0 || i % 1'000 < 50) {
      wanted.push_back({stamps[i], i});
      expected.insert(i);
    }
    wanted.push_back({stamp(stamps[i].device, (1ULL << 40U) + i), 1'000'000});  // never stored
  }
  wanted.push_back({stamp(2, 5), 1'000'001});  // twice: a hard link
  expected.insert(1'000'001);
  wanted.push_back({stamp(9, 5), 1'000'000});
  std::set<std::uint64_t> found;
  std::size_t count = 0;
  cache->find(wanted, [&](std::uint64_t id, const RawDigests& digests) {
    found.insert(id);
    ++count;
    if (id < stamps.size()) {
      CHECK(digests == digests_of(std::to_string(stamps[id].inode)));
    }
  });
  CHECK(found == expected);
  CHECK(count == expected.size());
}

TEST_CASE("nothing is made on disk when nobody asks for a digest") {
  const CacheWorld world;
  { const auto cache = world.open(); }
  CHECK_FALSE(fs::exists(world.folder));
}

TEST_CASE("the folder is the one that the environment names, XDG's, or the home's") {
  const deployflow::test::Scratch home;
  const deployflow::test::SetClock clock;
  const auto remember = [&](const deployflow::Environment& environment) {
    DigestCache(environment, clock).add(k_stamp, digests_of("a"), clock.now());
  };
  remember(only("HOME", home.path()));
  CHECK(fs::exists(home / ".cache/deployflow/digests.sqlite"));
  CHECK(mode_of(home / ".cache") == 0700);
  remember(only("XDG_CACHE_HOME", home / "xdg"));
  CHECK(fs::exists(home / "xdg/deployflow/digests.sqlite"));
}

TEST_CASE("without a home, or with one that is none, there is no cache and no harm") {
  const deployflow::test::SetClock clock;
  const deployflow::test::Scratch scratch;
  const std::string plain_file = scratch.write("plain", "x");
  for (const auto& environment : {deployflow::Environment(),
                                  only("nothing", ""),
                                  only("HOME", ""),
                                  only("HOME", "relative"),
                                  only("XDG_CACHE_HOME", "relative"),
                                  only("DEPLOYFLOW_CACHE_DIR", plain_file),
                                  only("DEPLOYFLOW_CACHE_DIR", plain_file + "/below"),
                                  only("DEPLOYFLOW_CACHE_DIR", "/proc/none")}) {
    DigestCache cache(environment, clock);
    cache.add(k_stamp, digests_of("a"), clock.now());
    cache.save();
    std::vector<DigestCache::Wanted> wanted{{k_stamp, 1}};
    cache.find(wanted, [](std::uint64_t, const RawDigests&) { FAIL("found"); });
  }
  CHECK_FALSE(fs::exists("relative"));
}

TEST_CASE("several processes fill one new cache at once, and nothing of theirs is lost") {
  CacheWorld world;
  world.limits.busy = std::chrono::minutes(2);  // whatever else this machine does
  constexpr std::uint64_t k_processes = 4, k_rows = 2'000;
  std::vector<pid_t> children;
  for (std::uint64_t p = 0; p < k_processes; ++p) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      for (std::uint64_t round = 0; round < 10; ++round) {
        std::vector<FileStamp> stamps;
        for (std::uint64_t i = 0; i < k_rows / 10; ++i) {
          stamps.push_back(stamp(p, round * k_rows + i));
        }
        world.remember(stamps, digests_of("a"));
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  std::vector<DigestCache::Wanted> wanted;
  for (std::uint64_t p = 0; p < k_processes; ++p) {
    for (std::uint64_t round = 0; round < 10; ++round) {
      for (std::uint64_t i = 0; i < k_rows / 10; ++i) {
        wanted.push_back({stamp(p, round * k_rows + i), 1});
      }
    }
  }
  std::uint64_t found = 0;
  world.open()->find(wanted, [&](std::uint64_t, const RawDigests&) { ++found; });
  CHECK(found == k_processes * k_rows);
}

TEST_CASE("a cache that several processes make at the same moment is one") {
  for (int round = 0; round < 20; ++round) {
    CacheWorld world;
    world.limits.busy = std::chrono::minutes(2);
    int gate[2];
    REQUIRE(::pipe(gate) == 0);
    constexpr std::uint64_t k_processes = 6;
    std::vector<pid_t> children;
    for (std::uint64_t p = 0; p < k_processes; ++p) {
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        ::close(gate[1]);
        char byte = 0;
        (void)!::read(gate[0], &byte, 1);  // until the parent closes its end
        world.remember({stamp(p, 1)}, digests_of("a"));
        ::_exit(0);
      }
      children.push_back(child);
    }
    ::close(gate[0]);
    ::close(gate[1]);
    for (const pid_t child : children) {
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      CHECK(status == 0);
    }
    for (std::uint64_t p = 0; p < k_processes; ++p) {
      CHECK(world.find(stamp(p, 1)));
    }
  }
}

TEST_CASE("what was not used for 60 days is forgotten, what is used stays") {
  CacheWorld world;
  world.remember({stamp(1, 1), stamp(1, 2)}, digests_of("a"));
  world.clock.time += std::chrono::days(40);
  CHECK(world.find(stamp(1, 1)));
  world.clock.time += std::chrono::days(40);
  world.remember({stamp(1, 3)}, digests_of("a"));
  CHECK(world.find(stamp(1, 1)));
  CHECK_FALSE(world.find(stamp(1, 2)));
}

TEST_CASE("there are never more rows than allowed for longer than a week; the oldest go") {
  CacheWorld world;
  world.limits.most_rows = 100;
  for (std::uint64_t day = 0; day < 3; ++day) {
    std::vector<FileStamp> stamps;
    for (std::uint64_t i = 0; i < 60; ++i) {
      stamps.push_back(stamp(day, i));
    }
    world.remember(stamps, digests_of("a"));
    world.clock.time += std::chrono::days(1);
  }
  world.clock.time += std::chrono::days(7);
  world.remember({stamp(9, 9)}, digests_of("a"));
  std::uint64_t found = 0;
  for (std::uint64_t day = 0; day < 3; ++day) {
    for (std::uint64_t i = 0; i < 60; ++i) {
      found += world.find(stamp(day, i)) ? 1U : 0U;
    }
    CHECK(found == std::vector<std::uint64_t>{0, 39, 99}[day]);
  }
}
