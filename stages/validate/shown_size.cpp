#include "stages/validate/shown_size.hpp"

#include "stages/validate/markup.hpp"

#include <charconv>

namespace deployflow::validate {
namespace {

constexpr std::uint32_t k_most = 1'000'000;  // more is no image

// 0: not said. Nothing: said, but not in pixels.
std::optional<std::uint32_t> pixels(std::string_view value) {
  value = trimmed(value);
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc() || out > k_most) {
    return error == std::errc::invalid_argument ? std::optional(0U) : std::nullopt;
  }
  return value.find('%') == std::string_view::npos ? std::optional(out) : std::nullopt;
}

}  // namespace

std::optional<ShownSize> shown_size(std::string_view width, std::string_view height) {
  const auto w = pixels(width), h = pixels(height);
  return w && h && (*w > 0 || *h > 0) ? std::optional(ShownSize{*w, *h}) : std::nullopt;
}

std::string text_of(const ShownSize& size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

std::optional<ShownSize> shown_size_of(std::string_view text) {
  const std::size_t cross = text.find('x');
  return cross == std::string_view::npos
             ? std::nullopt
             : shown_size(text.substr(0, cross), text.substr(cross + 1));
}

}  // namespace deployflow::validate
