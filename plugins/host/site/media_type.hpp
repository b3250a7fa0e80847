// The media type of a file from its name, the same on every machine.
//
// A table of our own, not the system's mime.types or registry: what a visitor gets must not depend
// on the machine that deployed (aws-cli#3367: JavaScript as text/plain). Text types carry their
// charset.

#pragma once

#include <string_view>

namespace deployflow::site {

/// "text/html; charset=utf-8" for "a/index.HTML"; "application/octet-stream" when the extension is
/// unknown or missing. The view lives for ever.
std::string_view media_type_of(std::string_view key);

}  // namespace deployflow::site
