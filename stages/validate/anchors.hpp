// What a fragment can lead to.
//
// Spec:
// https://html.spec.whatwg.org/multipage/browsing-the-web.html#find-a-potential-indicated-element

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace deployflow::validate {

/// Does a page with these ids and names - hash_of() each, sorted - have what `fragment` leads to,
/// as written or percent-decoded? "" and "top" are in every page. "10-20" and "L10-L20" are met by
/// "10" and "L10": viewers of source code mark lines so, by a script.
bool has_anchor(std::span<const std::uint64_t> anchors, std::string_view fragment);

}  // namespace deployflow::validate
