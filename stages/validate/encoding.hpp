// Which encoding the bytes of a page are in, as far as a deployment must know: UTF-8 or not.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace deployflow::validate {

/// The encoding that a byte order mark names: "UTF-8", "UTF-16LE", ...; empty if there is none.
std::string_view byte_order_mark(std::string_view bytes);

/// Offset of the first byte that is not part of well-formed UTF-8 (no overlong forms, surrogates or
/// code points over U+10FFFF); nothing if all is well.
std::optional<std::size_t> first_invalid_utf8(std::string_view bytes);

bool is_ascii(std::string_view bytes);

/// Is this a name under which browsers understand UTF-8? Case and outer spaces do not matter.
bool names_utf8(std::string_view charset);

/// The value of `charset=` in "text/html; charset=..."; empty if there is none.
std::string_view charset_parameter(std::string_view content_type);

}  // namespace deployflow::validate
