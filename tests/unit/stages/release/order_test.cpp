#include "stages/release/order.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace deployflow::release;

TEST_CASE("a page is what has the media type of HTML or XHTML, whatever its name and case") {
  CHECK(role_by_media_type("a.html", "text/html") == Role::page);
  CHECK(role_by_media_type("about", "text/html; charset=utf-8") == Role::page);
  CHECK(role_by_media_type("a.xyz", " Text/HTML ;charset=x") == Role::page);
  CHECK(role_by_media_type("a", "application/xhtml+xml") == Role::page);
  CHECK(role_by_media_type("a.html", "text/plain") == Role::file);
  CHECK(role_by_media_type("a.html", "text/htmlx") == Role::file);
  CHECK(role_by_media_type("a.html", "") == Role::file);
  CHECK(role_by_media_type("a.html", " ; text/html") == Role::file);
}

TEST_CASE("the home page is the index page of the root and no other index page") {
  for (const char* key : {"index.html", "index.htm", "index.xhtml", "Index.HTML"}) {
    CAPTURE(key);
    CHECK(role_by_media_type(key, "text/html") == Role::home);
    CHECK(role_by_key(key) == Role::home);
  }
  CHECK(role_by_media_type("blog/index.html", "text/html") == Role::page);
  CHECK(role_by_key("blog/index.html") == Role::page);
  CHECK(role_by_media_type("index.html", "text/plain") == Role::file);
}

TEST_CASE("a service worker is known by its name in the root alone") {
  for (const char* key : {"sw.js", "SW.js", "service-worker.js", "ngsw-worker.js", "ngsw.json"}) {
    CAPTURE(key);
    CHECK(role_by_media_type(key, "text/javascript") == Role::worker);
    CHECK(role_by_key(key) == Role::worker);
  }
  CHECK(role_by_key("locale/sw.js") == Role::file);  // Swahili
  CHECK(role_by_media_type("locale/sw.js", "text/javascript") == Role::file);
  CHECK(role_by_key("messages-sw.js") == Role::file);
  CHECK(role_by_key("site.webmanifest") == Role::file);
}

TEST_CASE("a feed is known by its media type or its name") {
  CHECK(role_by_media_type("news", "application/rss+xml; charset=utf-8") == Role::feed);
  CHECK(role_by_media_type("news.x", "application/atom+xml") == Role::feed);
  for (const char* key : {"feed.xml",
                          "blog/index.xml",
                          "a/rss.xml",
                          "x.atom",
                          "x.rss",
                          "sitemap.xml",
                          "sitemap-1.xml.gz",
                          "SiteMap_index.xml",
                          "sitemap.txt"}) {
    CAPTURE(key);
    CHECK(role_by_key(key) == Role::feed);
    CHECK(role_by_media_type(key, "application/xml") == Role::feed);
  }
  CHECK(role_by_key("sitemap.js") == Role::file);
  CHECK(role_by_key("data.xml") == Role::file);
}

TEST_CASE("by its key alone an object is a page, a file, or of unknown kind") {
  for (const char* key : {"a.html", "a/b.HTM", "x.xhtml", "x.xht", "x.shtml", ".html"}) {
    CAPTURE(key);
    CHECK(role_by_key(key) == Role::page);
  }
  for (const char* key : {"about", "blog/", "v1.2/about", "", "a//", "index"}) {
    CAPTURE(key);
    CHECK(role_by_key(key) == Role::extensionless);
  }
  for (const char* key : {"a.css", "html", "a.html.gz", "a.", ".well-known", "x.htmlx"}) {
    CAPTURE(key);
    CHECK(role_by_key(key) == (std::string(key) == "html" ? Role::extensionless : Role::file));
  }
}

TEST_CASE("every role has its phase, new and changed") {
  const auto fresh = [](Role role) { return phase_of(role, Novelty::fresh); };
  const auto changed = [](Role role) { return phase_of(role, Novelty::changed); };
  CHECK(fresh(Role::file) == Phase::new_files);
  CHECK(fresh(Role::feed) == Phase::new_files);
  CHECK(fresh(Role::extensionless) == Phase::new_extensionless);
  CHECK(fresh(Role::page) == Phase::new_pages);
  CHECK(fresh(Role::home) == Phase::home);
  CHECK(fresh(Role::worker) == Phase::announcements);
  CHECK(changed(Role::file) == Phase::changed_files);
  CHECK(changed(Role::feed) == Phase::announcements);
  CHECK(changed(Role::extensionless) == Phase::changed_extensionless);
  CHECK(changed(Role::page) == Phase::changed_pages);
  CHECK(changed(Role::home) == Phase::home);
  CHECK(changed(Role::worker) == Phase::announcements);
}

TEST_CASE("whatever is new, no page comes before a file, and the home page after all other pages") {
  const std::vector<Novelty> both = {Novelty::fresh, Novelty::changed};
  for (const Novelty file : both) {
    for (const Novelty page : both) {
      const Phase page_phase = phase_of(Role::page, page);
      CHECK(phase_of(Role::file, file) < page_phase);
      CHECK(phase_of(Role::file, file) < phase_of(Role::extensionless, page));  // if it is a page
      CHECK(phase_of(Role::extensionless, Novelty::fresh) < page_phase);        // if it is a file
      CHECK(page_phase < phase_of(Role::home, file));
      CHECK(phase_of(Role::home, page) < phase_of(Role::worker, file));
    }
    CHECK(phase_of(Role::extensionless, file) < phase_of(Role::page, Novelty::changed));
  }
  CHECK(phase_of(Role::page, Novelty::fresh) < phase_of(Role::page, Novelty::changed));
  CHECK(phase_of(Role::page, Novelty::fresh) < phase_of(Role::extensionless, Novelty::changed));
  CHECK(phase_of(Role::home, Novelty::changed) < phase_of(Role::feed, Novelty::changed));
}

TEST_CASE("only new files are invisible to visitors") {
  for (std::size_t p = 0; p < k_phase_count; ++p) {
    CHECK(is_visible(static_cast<Phase>(p)) == (p != 0));
    CHECK_FALSE(phase_name(static_cast<Phase>(p)).empty());
  }
}
