#include "cli/ui/json_text.hpp"

#include "plugins/host/base/text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <cstdint>
#include <string_view>

namespace deployflow::cli {
namespace {

// "\u{202E}", as printable() spells it, in JSON's spelling. All such characters have four digits.
std::string as_json_escape(std::string_view escaped) {
  if (escaped.substr(0, 3) == "\\u{") {
    return fmt::format("\\u{}", escaped.substr(3, escaped.size() - 4));
  }
  return fmt::format("\\u00{}", escaped.substr(2));  // "\x7f"
}

}  // namespace

std::string to_text(const nlohmann::ordered_json& json) {
  const std::string dumped =
      json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string text;
  text.reserve(dumped.size());
  for (std::size_t at = 0; at < dumped.size();) {
    const auto lead = static_cast<std::uint8_t>(dumped[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::string_view character = std::string_view(dumped).substr(at, length);
    const std::string shown = lead < 0x7F ? std::string(character) : printable(character);
    text += shown == character ? shown : as_json_escape(shown);
    at += length;
  }
  return text;
}

}  // namespace deployflow::cli
