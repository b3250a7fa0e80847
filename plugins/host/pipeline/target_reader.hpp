// From one entry of `targets:` to a target.

#pragma once

#include "plugins/host/pipeline/diagnostic.hpp"
#include "plugins/host/pipeline/value.hpp"
#include "plugins/host/store/target.hpp"

#include <string>

namespace deployflow::pipeline {

/// `value` has been checked against the file's schema. What is wrong beyond that goes into `out`;
/// the setting then keeps its default.
store::TargetConfig read_target(const std::string& name, const Value& value, Diagnostics& out);

}  // namespace deployflow::pipeline
