// The options about links that lead out of the site, read from what the pipeline says.

#pragma once

#include "stages/validate/external_settings.hpp"

#include <deployflow/stage.hpp>

namespace deployflow::validate {

/// Throws Failure once the findings about them are given.
ExternalSettings read_external(Ctx ctx, const Options& given);

}  // namespace deployflow::validate
