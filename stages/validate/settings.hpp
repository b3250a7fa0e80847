// What the options of the stage come to.

#pragma once

#include "stages/validate/page.hpp"
#include "stages/validate/url.hpp"

#include <cstdint>

namespace deployflow::validate {

struct Settings {
  std::uint64_t max_file_bytes = std::uint64_t{100} << 20U;
  std::uint64_t max_html_bytes = std::uint64_t{4} << 20U;
  PageSettings page;
  SiteAddress address;
};

}  // namespace deployflow::validate
