// One file of the site, as the host lists it.

#pragma once

#include <cstdint>
#include <string_view>

namespace deployflow::validate {

struct SiteFile {
  std::uint64_t id = 0;    // the host's
  std::uint64_t size = 0;  // bytes
  std::string_view key;    // these live as long as the list that the file is from
  std::string_view media_type;
  std::string_view redirect = {};  // where an object without bytes sends visitors; mostly empty
};

}  // namespace deployflow::validate
