#include "cli/watch/change_watch.hpp"

#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <filesystem>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace deployflow::cli {
namespace {

using namespace std::chrono_literals;
using test::Scratch;
namespace fs = std::filesystem;

constexpr Pace k_fast{20ms, 500ms, 20ms};
using Paths = std::vector<std::string>;

struct Site {
  Site() {
    folder.write("site/a.html", "1");
    folder.write("site/in/b.html", "1");
    folder.write("p.yaml", "1");
    folder.write("other.yaml", "1");
  }
  [[nodiscard]] Watched watched() const {
    return {folder / "site", {folder / "p.yaml"}, {folder / "site/report.html"}};
  }
  Scratch folder;
};

/// No descriptor is left, so inotify has none to give.
ChangeWatch polling(const Watched& watched) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = before;
  none.rlim_cur = 0;
  ::setrlimit(RLIMIT_NOFILE, &none);
  ChangeWatch watch(k_fast);
  watch.arm({});
  ::setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE(watch.is_polling());
  watch.arm(watched);
  return watch;
}

void check_changes(ChangeWatch& watch, const Site& site) {
  const std::stop_source stop;
  const auto next = [&] { return watch.wait(stop.get_token()); };
  site.folder.write("site/a.html", "two");
  CHECK(next() == Paths{site.folder / "site/a.html"});
  site.folder.write("site/in/b.html", "two");
  site.folder.write("p.yaml", "two");
  CHECK(next() == Paths{site.folder / "p.yaml", site.folder / "site/in/b.html"});
  fs::remove(site.folder / "site/a.html");
  CHECK(next() == Paths{site.folder / "site/a.html"});
  fs::rename(site.folder / "site/in/b.html", site.folder / "site/c.html");
  CHECK(next() == Paths{site.folder / "site/c.html", site.folder / "site/in/b.html"});
  fs::create_symlink("c.html", site.folder / "site/d.html");
  CHECK(next() == Paths{site.folder / "site/d.html"});
  site.folder.write("other.yaml", "two");
  site.folder.write("site/report.html", "two");
  site.folder.write("site/.deployflow-report-1-0", "two");
  site.folder.write("p.yaml", "three");
  CHECK(next() == Paths{site.folder / "p.yaml"});
}

TEST_CASE("inotify tells what changes") {
  const Site site;
  ChangeWatch watch(k_fast);
  watch.arm(site.watched());
  REQUIRE_FALSE(watch.is_polling());
  check_changes(watch, site);
}

TEST_CASE("looking again and again tells the same") {
  const Site site;
  ChangeWatch watch = polling(site.watched());
  check_changes(watch, site);
}

TEST_CASE("files in a new folder are watched, also when the site's own folder is made anew") {
  const Site site;
  const std::stop_source stop;
  ChangeWatch watch(k_fast);
  watch.arm(site.watched());
  site.folder.write("site/new/deep/x.html", "1");
  CHECK_FALSE(watch.wait(stop.get_token()).empty());
  site.folder.write("site/new/deep/x.html", "2");
  CHECK(watch.wait(stop.get_token()) == Paths{site.folder / "site/new/deep/x.html"});
  fs::remove_all(site.folder / "site");
  CHECK_FALSE(watch.wait(stop.get_token()).empty());
  site.folder.write("site/a.html", "1");
  CHECK_FALSE(watch.wait(stop.get_token()).empty());
  site.folder.write("site/a.html", "2");
  CHECK(watch.wait(stop.get_token()) == Paths{site.folder / "site/a.html"});
}

TEST_CASE("a site that is one file") {
  const Site site;
  const std::stop_source stop;
  for (const bool by_inotify : {true, false}) {
    const Watched watched{site.folder / "site/a.html", {}, {}};
    ChangeWatch watch = by_inotify ? ChangeWatch(k_fast) : polling(watched);
    watch.arm(watched);
    site.folder.write("site/in/b.html", by_inotify ? "4" : "55");
    site.folder.write("site/a.html", by_inotify ? "4" : "55");
    CHECK(watch.wait(stop.get_token()) == Paths{site.folder / "site/a.html"});
  }
}

TEST_CASE("a stop ends the wait with nothing") {
  const Site site;
  for (const bool by_inotify : {true, false}) {
    ChangeWatch watch = by_inotify ? ChangeWatch(k_fast) : polling(site.watched());
    watch.arm(site.watched());
    std::stop_source stop;
    std::jthread stopper([&] {
      std::this_thread::sleep_for(50ms);
      stop.request_stop();
    });
    CHECK(watch.wait(stop.get_token()).empty());
  }
}

}  // namespace
}  // namespace deployflow::cli
