// Who runs this, and from what: recorded with a release, so that a person can find the job and the
// commit behind it.

#pragma once

#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/time.hpp"

#include <cstdint>
#include <string>

namespace deployflow::run {

/// What is not known is empty. None of it is a secret: CI systems print all of it.
struct Origin {
  std::int64_t started_s = 0;  // since the epoch
  std::string user;
  std::string host;
  std::string job_url;  // of the CI job
  std::string commit;   // of the site's source
};

/// From the environment of CI systems (GitHub, GitLab, Jenkins, CircleCI, Buildkite, Travis, Drone,
/// Azure, Bitbucket), the machine, and the git folder at or above `site`. Asks no network, runs no
/// program.
Origin find_origin(const Environment& environment, const std::string& site, const Clock& clock);

}  // namespace deployflow::run
