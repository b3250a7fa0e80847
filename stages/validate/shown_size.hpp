// How large a page shows an image, as its attributes `width` and `height` say.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::validate {

struct ShownSize {
  std::uint32_t width = 0, height = 0;  // pixels of CSS; 0 = not said, but not both of them

  friend bool operator==(const ShownSize&, const ShownSize&) = default;
};

/// Of two attributes, by HTML's "rules for parsing dimension values"; nothing if neither is a
/// number of pixels over 0, or one is a percentage.
std::optional<ShownSize> shown_size(std::string_view width, std::string_view height);

/// "640x480", as facts keep it.
std::string text_of(const ShownSize& size);
/// Nothing if it is not as text_of() makes it.
std::optional<ShownSize> shown_size_of(std::string_view text);

}  // namespace deployflow::validate
