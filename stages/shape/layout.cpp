#include "stages/shape/layout.hpp"

#include "stages/shape/line_file.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace deployflow::shape {

void Layout::add_file(std::uint64_t id, std::string_view name) {
  LaidFile file{id, std::string(name), page_key(name, options_.pages, options_.not_found), {}};
  if (options_.strip_index) {
    file.copies = folder_keys(file.key);
  }
  files_.push_back(std::move(file));
}

void Layout::add_made(std::string key) {
  files_.erase(
      std::remove_if(
          files_.begin(), files_.end(), [&](const LaidFile& file) { return file.key == key; }),
      files_.end());
  made_.push_back(std::move(key));
}

void Layout::add_redirects(std::vector<RedirectAt> redirects) {
  redirects_ = std::move(redirects);
  for (std::size_t i = 0; i < redirects_.size(); ++i) {
    laid_.push_back({i, redirects_[i].key});
    if (options_.strip_index) {
      for (std::string& key : folder_keys(redirects_[i].key)) {
        laid_.push_back({i, std::move(key)});
      }
    }
  }
}

std::vector<Layout::Object> Layout::objects() const {
  std::vector<Object> all;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    all.push_back({files_[i].key, Kind::file, i});
    for (const std::string& copy : files_[i].copies) {
      all.push_back({copy, Kind::copy, i});
    }
  }
  for (const std::string& key : made_) {
    all.push_back({key, Kind::made, 0});
  }
  for (const LaidRedirect& laid : laid_) {
    const bool is_copy = laid.key != redirects_[laid.redirect].key;
    all.push_back({laid.key, is_copy ? Kind::redirect_copy : Kind::redirect, laid.redirect});
  }
  std::stable_sort(
      all.begin(), all.end(), [](const Object& a, const Object& b) { return a.key < b.key; });
  return all;
}

bool Layout::check() {
  const std::vector<Object> all = objects();
  bool is_good = true;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i - 1].key == all[i].key) {
      is_good = check_same(all[i - 1], all[i]) && is_good;
    }
  }
  if (is_good) {
    check_folders(all);
    check_destinations();
  }
  return is_good;
}

/// Files come before redirects (objects()).
bool Layout::check_same(const Object& a, const Object& b) const {
  constexpr std::string_view k_code = "shape/clash";
  if (!is_redirect(b)) {
    const LaidFile& file = files_[a.index];
    const std::string other = b.kind == Kind::made ? "a file that is made" : files_[b.index].name;
    ctx_.error(k_code, file.name + " and " + other + " would both be stored as " + b.key)
        .on(file.id)
        .hint("rename one of them");
    return false;
  }
  const RedirectAt& redirect = redirects_[b.index];
  if (is_redirect(a)) {
    Finding finding =
        ctx_.error(k_code,
                   in_quotes(redirect.from) + " and " + in_quotes(redirects_[a.index].from) +
                       " are redirects of one object, " + b.key);
    redirect.place.mark(finding.hint("remove one of them"));
    return false;
  }
  if (redirect.is_forced && a.kind != Kind::made) {
    return true;
  }
  Finding finding = ctx_.error(k_code,
                               in_quotes(redirect.from) + " is a file of the site, " +
                                   (a.kind == Kind::made ? b.key : files_[a.index].name) +
                                   ", and cannot be redirected");
  redirect.place.mark(finding.hint(
      a.kind == Kind::made ? "remove the redirect"
                           : "remove one of them, or put ! behind the status to hide the file"));
  return false;
}

/// A bucket holds "about" and "about/team.html"; a disk does not. What strip_index adds is left
/// out: it is asked for, and is this very thing for each folder.
void Layout::check_folders(const std::vector<Object>& all) const {
  constexpr std::size_t k_most = 20;
  std::size_t found = 0;
  const Object* last = nullptr;
  for (const Object& object : all) {
    if (object.kind == Kind::copy || object.kind == Kind::redirect_copy ||
        (last != nullptr && last->key == object.key)) {
      continue;
    }
    last = &object;
    const std::string folder = object.key + "/";
    auto below = std::lower_bound(
        all.begin(), all.end(), folder, [](const Object& o, const std::string& key) {
          return o.key < key;
        });
    while (below != all.end() &&
           (below->kind == Kind::copy || below->kind == Kind::redirect_copy)) {
      ++below;
    }
    if (below == all.end() || below->key.compare(0, folder.size(), folder) != 0 ||
        ++found > k_most) {
      continue;
    }
    Finding finding =
        ctx_.warning("shape/file-and-folder",
                     object.key + " is an object, and " + below->key + " lies below that name");
    finding.hint("buckets hold both; a server or store on a file system does not");
    if (is_redirect(object)) {
      redirects_[object.index].place.mark(finding);
    } else if (object.kind == Kind::file) {
      finding.on(files_[object.index].id);
    }
  }
  if (found > k_most) {
    ctx_.warning("shape/file-and-folder",
                 "and " + std::to_string(found - k_most) + " more objects with others below");
  }
}

/// A redirect to a page's old name leads nowhere once the page has another, unless a redirect takes
/// its visitors on.
void Layout::check_destinations() const {
  std::unordered_map<std::string_view, const LaidFile*> moved;
  for (const LaidFile& file : files_) {
    if (file.key != file.name) {
      moved.emplace(file.name, &file);
    }
  }
  for (const LaidFile& file : files_) {
    moved.erase(file.key);
  }
  for (const RedirectAt& redirect : redirects_) {
    moved.erase(redirect.key);
  }
  for (const RedirectAt& redirect : redirects_) {
    const std::string_view to = redirect.to;
    const auto key = to.front() == '/' ? key_of_path(to.substr(0, to.find_first_of("?#")))
                                       : std::optional<std::string>();
    const auto found = key ? moved.find(*key) : moved.end();
    if (found != moved.end()) {
      Finding finding = ctx_.warning("shape/moved",
                                     in_quotes(to) + " is where " + in_quotes(redirect.from) +
                                         " leads, and is stored as " + found->second->key);
      redirect.place.mark(finding.hint("redirect to its new address"));
    }
  }
}

}  // namespace deployflow::shape
