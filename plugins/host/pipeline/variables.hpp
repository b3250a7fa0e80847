// ${NAME} and ${NAME:-default} in the values of a pipeline file; $${ stands for a literal "${".
//
// As in a shell, the default also takes the place of an empty variable. What a variable holds is
// never parsed again, as YAML or for variables, and never part of a message: it may be a secret.

#pragma once

#include "plugins/host/pipeline/diagnostic.hpp"
#include "plugins/host/pipeline/pipeline.hpp"
#include "plugins/host/pipeline/source_text.hpp"
#include "plugins/host/pipeline/value.hpp"

namespace deployflow::pipeline {

/// Replace the variables in every string of `root`; keys stay as they are. A value whose variable
/// cannot be replaced is reported, at the place of its `${` where the text stands in `source` as it
/// is, and marked broken. Together the values hold at most 4 MiB afterwards.
void substitute_variables(Value& root,
                          const SourceText& source,
                          const Lookup& lookup,
                          Diagnostics& out);

}  // namespace deployflow::pipeline
