// Which key everything gets, and what is in the way of what: the whole new set as names, before
// anything of the real one is touched.

#pragma once

#include "stages/shape/address.hpp"
#include "stages/shape/redirect_list.hpp"

#include <deployflow/stage.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::shape {

struct LayoutOptions {
  Pages pages = Pages::keep;
  bool strip_index = false;
  std::string not_found;
};

/// A file of the site, and the keys that it is stored under.
struct LaidFile {
  std::uint64_t id = 0;
  std::string name;                 // its key in the site
  std::string key;                  // its new one
  std::vector<std::string> copies;  // more of them
};

struct LaidRedirect {
  std::size_t redirect = 0;  // index
  std::string key;
};

class Layout {
 public:
  Layout(Ctx ctx, LayoutOptions options) : ctx_(ctx), options_(std::move(options)) {}

  /// In the order of keys, as the host gives them.
  void add_file(std::uint64_t id, std::string_view name);
  /// A file that is made: it takes the place of what has its key.
  void add_made(std::string key);
  /// Last.
  void add_redirects(std::vector<RedirectAt> redirects);

  /// Gives the findings. False: there is an ERROR among them.
  [[nodiscard]] bool check();

  [[nodiscard]] const std::vector<LaidFile>& files() const { return files_; }
  [[nodiscard]] const std::vector<RedirectAt>& redirects() const { return redirects_; }
  [[nodiscard]] const std::vector<LaidRedirect>& laid_redirects() const { return laid_; }

 private:
  enum class Kind : std::uint8_t { file, copy, made, redirect, redirect_copy };
  struct Object {
    std::string key;
    Kind kind = Kind::file;
    std::size_t index = 0;  // in files_, or in redirects_
  };

  [[nodiscard]] static bool is_redirect(const Object& object) {
    return object.kind == Kind::redirect || object.kind == Kind::redirect_copy;
  }
  [[nodiscard]] std::vector<Object> objects() const;
  bool check_same(const Object& a, const Object& b) const;
  void check_folders(const std::vector<Object>& all) const;
  void check_destinations() const;

  Ctx ctx_;
  LayoutOptions options_;
  std::vector<LaidFile> files_;
  std::vector<std::string> made_;
  std::vector<RedirectAt> redirects_;
  std::vector<LaidRedirect> laid_;
};

}  // namespace deployflow::shape
