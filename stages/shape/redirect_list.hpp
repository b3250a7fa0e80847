// The redirects of a site with the keys that they stand under, from the pipeline or from the site's
// own file _redirects.

#pragma once

#include "stages/shape/place.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::shape {

struct RedirectAt {
  std::string key;  // "old.html"
  std::string from, to;
  bool is_forced = false;
  Place place;
};

struct RedirectList {
  std::vector<RedirectAt> redirects;
  bool is_good = true;  // false: there are findings of severity ERROR
};

/// The map of the option: `/old: /new`, or `/old: /new 301!`.
RedirectList read_redirect_map(Ctx ctx, const df_value* map);

/// The bytes of the artifact `file`.
RedirectList read_redirects_file(Ctx ctx, std::uint64_t file, std::string_view text);

}  // namespace deployflow::shape
