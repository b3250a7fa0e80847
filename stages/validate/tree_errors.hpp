// From gumbo's parse errors and the tree to what a writer of the page can act on.

#pragma once

#include "stages/validate/draft.hpp"
#include "stages/validate/outline.hpp"
#include "stages/validate/tree.hpp"

#include <gumbo.h>

#include <string_view>

namespace deployflow::validate {

struct PageFacts {
  std::string_view text;
  const Outline& outline;
  const TreeFacts& tree;
};

/// Adds unclosed, stray and misplaced tags, and every other parse error that is one.
void check_tree_errors(const GumboVector& errors, const PageFacts& page, Drafts& drafts);

/// Does the page end inside a tag, a comment or a declaration?
bool ends_inside_token(const GumboVector& errors, std::string_view text);

}  // namespace deployflow::validate
