// A site in versions whose pages say what they need, and the promise that is checked at every
// write: each stored page finds what it needs, and each page that visitors were led to finds what
// it links to.

#pragma once

#include "tests/unit/stages/fake_host.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace fake {

/// "needs a b links c": what the bytes of a page say.
struct PageText {
  std::vector<std::string> needs, links;

  explicit PageText(const std::string& bytes) {
    std::istringstream words(bytes);
    std::vector<std::string>* into = nullptr;
    for (std::string word; words >> word;) {
      if (word == "needs" || word == "links") {
        into = word == "needs" ? &needs : &links;
      } else if (into != nullptr) {
        into->push_back(word);
      }
    }
  }
};

/// Version 1 has three pages; version 2 changes all of them, its new pages are linked from the old
/// ones, and styles come under new names.
inline std::vector<Artifact> site_version(int version) {
  World w;
  const std::string v = std::to_string(version);
  const std::string needs = "v" + v + " needs css/app." + v + ".css img/logo.png about/team." + v +
                            ".jpg js/" + v + ".js ";
  const std::string linked = version == 1 ? "" : "links new/a.html new/b.html";
  w.add("about/index.html", needs + linked);
  w.add("about/team." + v + ".jpg", "team" + v);
  w.add("css/app." + v + ".css", "css" + v);
  w.add("feed.xml", "feed" + v);
  w.add("img/logo.png", "logo" + v);
  w.add("index.html",
        needs + "links about/index.html p.html " + (version == 1 ? "" : "new/a.html"));
  w.add("js/" + v + ".js", "js" + v);
  if (version > 1) {
    w.add("new/a.html", needs);
    w.add("new/b.html", needs);
  }
  w.add("p.html", needs + linked);
  w.add("robots.txt", "the same");
  w.add("sw.js", "worker" + v);
  return w.site;
}

/// The page that is broken, or "".
inline std::string broken_page(const Bucket& bucket) {
  for (const auto& [key, object] : bucket.objects) {
    if (key.find(".html") == std::string::npos) {
      continue;
    }
    const PageText page(object.bytes);
    for (const auto* list : {&page.needs, &page.links}) {
      for (const std::string& other : *list) {
        if (bucket.objects.count(other) == 0) {
          return std::string(key).append(" lacks ").append(other);
        }
      }
    }
  }
  return "";
}

/// Does the bucket hold each file of the site with its bytes?
inline bool holds_site(const Bucket& bucket, const std::vector<Artifact>& site) {
  return std::all_of(site.begin(), site.end(), [&](const Artifact& a) {
    const auto found = bucket.objects.find(a.key);
    return found != bucket.objects.end() && found->second.bytes == a.bytes;
  });
}

}  // namespace fake
