// What a style sheet refers to: url() and @import.
//
// A reader of CSS's tokens as far as that needs: comments, strings, escapes, url( ) with and
// without quotes. Spec: https://www.w3.org/TR/css-syntax-3/. Pure; linear in time, whatever the
// bytes.

#pragma once

#include "stages/validate/reference.hpp"

#include <string_view>

namespace deployflow::validate {

/// `text`: a style sheet, the content of <style> or the value of a style attribute. Data: URLs are
/// handed over like others.
void read_css(std::string_view text, const ReferenceSink& found);

}  // namespace deployflow::validate
