// One digest of a whole site, by which it is known again on another machine.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/site/artifact_set.hpp"

#include <string>

namespace deployflow::site {

/// SHA-256, in lower-case hex, of the key, content, media type and headers of every artifact; of
/// nothing that differs from machine to machine, such as paths and times.
/// Errors: those of ArtifactSet::digests() of the first file that cannot be read.
Result<std::string> site_digest(ArtifactSet& artifacts, ThreadPool& pool, const StopToken& stop);

}  // namespace deployflow::site
