// Option schemas put together from pieces when they are compiled, so that stages that share options
// share what is said about them.

#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace deployflow::release {

template <const std::string_view&... k_parts>
struct JoinedText {
  static constexpr auto k_array = [] {
    std::array<char, (k_parts.size() + ... + 1)> text{};
    auto out = text.begin();
    ((out = std::copy(k_parts.begin(), k_parts.end(), out)), ...);
    return text;
  }();
};

/// The parts one after the other, for df_stage.options_schema. They are constants with a name of
/// their own, at namespace scope or static in a class.
template <const std::string_view&... k_parts>
inline constexpr const char* k_joined = JoinedText<k_parts...>::k_array.data();

}  // namespace deployflow::release
