// The addresses in a srcset or imagesrcset: "a.png 1x, b.png 2x".
//
// Spec: https://html.spec.whatwg.org/multipage/images.html#parse-a-srcset-attribute. Pure.

#pragma once

#include "stages/validate/reference.hpp"

#include <functional>
#include <string_view>

namespace deployflow::validate {

/// `refused` gets the first descriptor of an address for which browsers pass it over: "100px",
/// "2y".
void read_srcset(std::string_view value,
                 const ReferenceSink& found,
                 const std::function<void(std::string_view descriptor)>& refused = {});

}  // namespace deployflow::validate
