// What the options of the stage come to.

#pragma once

#include "stages/validate/external_settings.hpp"
#include "stages/validate/page.hpp"
#include "stages/validate/url.hpp"

#include <cstdint>
#include <optional>

namespace deployflow::validate {

enum class Scope : std::uint8_t {
  site,
  part  // one file that a person named: what it refers to may well be where it is put
};

struct Settings {
  std::uint64_t max_file_bytes = std::uint64_t{100} << 20U;
  std::uint64_t max_html_bytes = std::uint64_t{4} << 20U;
  std::uint64_t max_page_bytes = std::uint64_t{10} << 20U;  // with what the page loads
  std::optional<std::uint64_t> max_total_bytes, max_files;  // of the site; nothing = no limit
  PageSettings page;
  SiteAddress address;
  ExternalSettings external;  // of it, facts depend on is_on alone
  bool is_strict = false;  // warnings are told as errors; the facts of a file do not depend on it
  Scope scope = Scope::site;  // the facts of a file do not depend on it
};

}  // namespace deployflow::validate
