// Text as XML 1.0 takes it.
//
// No library: what is written is five kinds of elements, as a stream, and pugixml would hold all of
// a report in memory.

#pragma once

#include <string>
#include <string_view>

namespace deployflow::cli {

/// For an attribute in double quotes, and between tags. Characters that XML does not have, bytes
/// that are not UTF-8 and what reorders text are spelled out, as printable() does.
std::string xml_text(std::string_view text);

}  // namespace deployflow::cli
