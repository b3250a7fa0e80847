// What is asked of a page beyond being whole: that everybody can read it, search engines can show
// it, and it hands nobody to a third party.
//
// Sources: WCAG 2.2 (1.1.1, 1.3.1, 2.4.2, 3.1.1, 4.1.2), the HTML standard on id and rel=noopener,
// and W3C's Mixed Content. Only what a tree tells for certain: a text that is there is not judged.

#pragma once

#include "stages/validate/draft.hpp"

#include <gumbo.h>

#include <string_view>

namespace deployflow::validate {

/// `text` is what `output` was parsed from.
void check_page_rules(const GumboOutput& output, std::string_view text, Drafts& drafts);

}  // namespace deployflow::validate
