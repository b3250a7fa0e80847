// The part of df_objectstore that is about buckets as a whole: website and versions.

#pragma once

#include <deployflow/stage.h>

namespace deployflow::run {

void add_bucket_calls(df_objectstore& table);

}  // namespace deployflow::run
