#include "stages/release/order.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace deployflow::release {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(), [text](std::string_view suffix) {
    return text.ends_with(suffix);
  });
}

bool is_any(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

std::string_view last_segment(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? key : key.substr(slash + 1);
}

/// "text/html" of " Text/HTML ; charset=utf-8".
std::string essence(std::string_view media_type) {
  media_type = media_type.substr(0, media_type.find(';'));
  const std::size_t first = media_type.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return lower(media_type.substr(first, media_type.find_last_not_of(" \t") - first + 1));
}

bool is_worker(std::string_view lower_key) {
  return is_any(lower_key,
                {"sw.js",
                 "sw.mjs",
                 "service-worker.js",
                 "service-worker.mjs",
                 "serviceworker.js",
                 "firebase-messaging-sw.js",
                 "ngsw-worker.js",
                 "ngsw.json"});  // Angular's worker reads from it that there is a new version
}

bool is_feed_name(std::string_view name) {
  return is_any(name, {"feed.xml", "rss.xml", "atom.xml", "index.xml"}) ||
         ends_with_any(name, {".rss", ".atom"}) ||
         (name.starts_with("sitemap") && ends_with_any(name, {".xml", ".xml.gz", ".txt"}));
}

bool is_home_name(std::string_view lower_key) {
  return is_any(lower_key, {"index.html", "index.htm", "index.xhtml"});
}

/// The role of something that is certainly no page.
Role file_role(std::string_view lower_key) {
  if (is_worker(lower_key)) {
    return Role::worker;
  }
  return is_feed_name(last_segment(lower_key)) ? Role::feed : Role::file;
}

}  // namespace

Role role_by_media_type(std::string_view key, std::string_view media_type) {
  const std::string type = essence(media_type);
  const std::string lower_key = lower(key);
  if (type == "text/html" || type == "application/xhtml+xml") {
    return is_home_name(lower_key) ? Role::home : Role::page;
  }
  if (type == "application/rss+xml" || type == "application/atom+xml") {
    return Role::feed;
  }
  return file_role(lower_key);
}

Role role_by_key(std::string_view key) {
  const std::string lower_key = lower(key);
  if (is_home_name(lower_key)) {
    return Role::home;
  }
  if (ends_with_any(lower_key, {".html", ".htm", ".xhtml", ".xht", ".shtml"})) {
    return Role::page;
  }
  if (last_segment(lower_key).find('.') == std::string_view::npos) {
    return Role::extensionless;
  }
  return file_role(lower_key);
}

Phase phase_of(Role role, Novelty novelty) {
  const bool fresh = novelty == Novelty::fresh;
  switch (role) {
    case Role::file:
      return fresh ? Phase::new_files : Phase::changed_files;
    case Role::feed:
      return fresh ? Phase::new_files : Phase::announcements;
    case Role::extensionless:
      return fresh ? Phase::new_extensionless : Phase::changed_extensionless;
    case Role::page:
      return fresh ? Phase::new_pages : Phase::changed_pages;
    case Role::home:
      return Phase::home;
    case Role::worker:
      return Phase::announcements;
  }
  return Phase::announcements;
}

std::string_view phase_name(Phase phase) {
  static constexpr std::array<std::string_view, k_phase_count> k_names = {
      "new files",
      "changed files",
      "new objects without suffix",
      "new pages",
      "changed objects without suffix",
      "changed pages",
      "home page",
      "feeds, site maps and service worker"};
  return k_names[static_cast<std::size_t>(phase)];
}

bool is_visible(Phase phase) {
  return phase != Phase::new_files;
}

}  // namespace deployflow::release
