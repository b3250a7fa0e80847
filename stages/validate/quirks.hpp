// Which doctypes put browsers into quirks mode.
//
// Spec: https://html.spec.whatwg.org/multipage/parsing.html#the-initial-insertion-mode. gumbo has
// that table and reads it the wrong way round: it asks whether the entry begins with the page's
// identifier, so it knows "-//W3C//DTD HTML 3.2//" and not "-//W3C//DTD HTML 3.2//EN".

#pragma once

#include <string_view>

namespace deployflow::validate {

/// Of the identifiers of `<!DOCTYPE html PUBLIC "public_id" "system_id">`; empty if not given.
bool is_quirky_doctype(std::string_view public_id, std::string_view system_id);

}  // namespace deployflow::validate
