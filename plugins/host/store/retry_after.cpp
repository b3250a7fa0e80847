#include "plugins/host/store/retry_after.hpp"

#include "plugins/host/base/time.hpp"

#include <charconv>
#include <cstdint>
#include <string>

namespace deployflow::store {

std::optional<std::chrono::milliseconds> retry_after_of(const HttpResponse& response) {
  const auto number = [](const std::string& text) -> std::optional<std::int64_t> {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < 0 ||
        value > 1'000'000) {
      return std::nullopt;
    }
    return value;
  };
  if (const std::string* text = response.header("x-amz-retry-after")) {
    if (const auto value = number(*text)) {
      return std::chrono::milliseconds(*value);
    }
  }
  if (const std::string* text = response.header("retry-after")) {
    if (const auto value = number(*text)) {
      return std::chrono::seconds(*value);
    }
    const std::string* date = response.header("date");
    const auto until = parse_time(*text);
    const auto from = date != nullptr ? parse_time(*date) : std::nullopt;
    if (until && from && *until >= *from) {
      return std::chrono::duration_cast<std::chrono::milliseconds>(*until - *from);
    }
  }
  return std::nullopt;
}

}  // namespace deployflow::store
