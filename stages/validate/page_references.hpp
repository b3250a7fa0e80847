// What a page refers to, and what others can refer to in it.
//
// Of every element that HTML and SVG let refer to a file; the table is in the source. Not among
// them: what only a script reads (data-src), `cite`, which browsers do not follow, and forms that
// are sent by POST, which no static site answers. The content of <template> and <noscript> counts;
// an address in a <template> that is still to be filled in ("{{ url }}") does not.

#pragma once

#include "stages/validate/facts_builder.hpp"

#include <gumbo.h>

namespace deployflow::validate {

void read_page_references(const GumboOutput& output, FactsBuilder& facts);

}  // namespace deployflow::validate
