// One thing that is wrong in a pipeline file, with its place.

#pragma once

#include "plugins/host/pipeline/value.hpp"

#include <string>
#include <vector>

namespace deployflow::pipeline {

struct Diagnostic {
  Position at;
  std::string message;  // "stages[1].with.too: unknown option"
  std::string hint;     // "did you mean \"to\"?"; may be empty
};

using Diagnostics = std::vector<Diagnostic>;

/// In the order of the file, unknown places last, nothing twice.
void tidy(Diagnostics& diagnostics);

}  // namespace deployflow::pipeline
