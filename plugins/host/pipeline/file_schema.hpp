// The shape of a pipeline file, in the same language as a stage's options.

#pragma once

#include "plugins/host/pipeline/schema.hpp"

#include <string_view>

namespace deployflow::pipeline {

/// JSON text of the schema; also what an editor can be given.
std::string_view file_schema_text();

/// The same, parsed once.
const Schema& file_schema();

}  // namespace deployflow::pipeline
