// The addresses in a srcset or imagesrcset: "a.png 1x, b.png 2x".
//
// Spec: https://html.spec.whatwg.org/multipage/images.html#parse-a-srcset-attribute. Pure.

#pragma once

#include "stages/validate/reference.hpp"

#include <string_view>

namespace deployflow::validate {

void read_srcset(std::string_view value, const ReferenceSink& found);

}  // namespace deployflow::validate
