// Where <meta http-equiv=refresh> sends a reader, and when it does not.
//
// Spec: https://html.spec.whatwg.org/multipage/semantics.html#shared-declarative-refresh-steps.
// Pure.

#pragma once

#include <cstdint>
#include <string_view>

namespace deployflow::validate {

struct Refresh {
  enum class What : std::uint8_t {
    none,    // browsers pass it over
    reload,  // of the same page
    leave    // for another
  };
  What what = What::none;
  std::string_view url = {};  // of `leave`, as it is written
};

/// `content`: the value of that attribute.
Refresh parse_refresh(std::string_view content);

}  // namespace deployflow::validate
