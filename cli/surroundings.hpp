// What a command has around it, as parameters: nothing below run.cpp asks the process itself.

#pragma once

#include "cli/ui/output.hpp"
#include "plugins/host/base/environment.hpp"

#include <string>

namespace deployflow::cli {

struct Surroundings {
  Environment environment;
  std::string folder;      // working folder, absolute
  std::string executable;  // absolute path of the running program
  FdOutput& out;           // standard output
  FdOutput& err;           // standard error
};

}  // namespace deployflow::cli
