// How commands about releases and previews say things.

#pragma once

#include "stages/release/manifest.hpp"

#include <string>
#include <vector>

namespace deployflow::stages {

/// "ada on build-7, commit 0123456789ab (https://ci/1)": what is known.
std::string by_whom(const release::Provenance& by);

/// "primary: " before a line, if the command is about several targets.
std::string heading(const std::vector<std::string>& in, const std::string& target);

}  // namespace deployflow::stages
