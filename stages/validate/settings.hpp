// What the options of the stage come to.

#pragma once

#include "stages/validate/external_settings.hpp"
#include "stages/validate/page.hpp"
#include "stages/validate/url.hpp"

#include <cstdint>

namespace deployflow::validate {

enum class Scope : std::uint8_t {
  site,
  part  // one file that a person named: what it refers to may well be where it is put
};

struct Settings {
  std::uint64_t max_file_bytes = std::uint64_t{100} << 20U;
  std::uint64_t max_html_bytes = std::uint64_t{4} << 20U;
  PageSettings page;
  SiteAddress address;
  ExternalSettings external;  // of it, facts depend on is_on alone
  Scope scope = Scope::site;  // the facts of a file do not depend on it
};

}  // namespace deployflow::validate
