// What is wrong with a file of the site.

#pragma once

#include <cstdint>
#include <string>

namespace deployflow::site {

struct Problem {
  enum class Severity : std::uint8_t { error, warning };

  std::string path;  // as on disk
  std::string code;  // "site/dead-symlink", ...
  std::string message;
  std::string hint;
  Severity severity = Severity::error;  // with an error the site must not be deployed
};

}  // namespace deployflow::site
