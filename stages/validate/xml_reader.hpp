// What sitemaps and feeds refer to: https://www.sitemaps.org/protocol.html with Google's images and
// languages, RSS 2.0 and 1.0, Atom (RFC 4287). Other XML refers to nothing that is known.

#pragma once

#include "stages/validate/file_readers.hpp"

#include <string_view>

namespace deployflow::validate {

/// See FileReader. XML that is not well-formed is a finding, and refers to nothing.
void read_xml(std::string_view text, const FileSink& sink);

}  // namespace deployflow::validate
