// The part of df_host that reads options.

#pragma once

#include "plugins/host/pipeline/value.hpp"

#include <deployflow/stage.h>

namespace deployflow::run {

inline const df_value* to_c(const pipeline::Value& value) {
  return reinterpret_cast<const df_value*>(&value);
}

/// Set the value_* members of `table`.
void add_value_functions(df_host& table);

}  // namespace deployflow::run
