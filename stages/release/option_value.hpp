// A value among a stage's options that may be a list or a map with more in it; Options of the SDK
// knows options one by one.

#pragma once

#include <deployflow/stage.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace deployflow::release {

/// A view, valid until the stage's callback returns.
class OptionValue {
 public:
  OptionValue(Ctx ctx, const df_value* value) : ctx_(ctx), value_(value) {}

  [[nodiscard]] std::int32_t kind() const {  // DF_NULL if it is absent
    return value_ != nullptr ? ctx_.host()->value_kind(ctx_.raw(), value_) : DF_NULL;
  }
  [[nodiscard]] bool is_list() const { return kind() == DF_LIST; }
  [[nodiscard]] bool is_map() const { return kind() == DF_MAP; }
  [[nodiscard]] bool is_text() const { return kind() == DF_STRING; }

  /// "" if it is no text.
  [[nodiscard]] std::string_view text() const {
    df_str text{};
    return is_text() && ctx_.host()->value_str(ctx_.raw(), value_, &text) == DF_OK
               ? sv(text)
               : std::string_view();
  }

  /// Call `f(key, OptionValue)` for each entry of a list or map; the keys of a list are "".
  template <class F>
  void each(F f) const {
    const std::uint64_t count =
        is_list() || is_map() ? ctx_.host()->value_count(ctx_.raw(), value_) : 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      df_str key{};
      const df_value* entry = ctx_.host()->value_at(ctx_.raw(), value_, i, &key);
      f(sv(key), OptionValue(ctx_, entry));
    }
  }

  /// Where it stands in the pipeline; line 0 if it stands nowhere.
  [[nodiscard]] df_pos pos() const {
    df_pos pos{};
    if (value_ != nullptr) {
      ctx_.host()->value_pos(ctx_.raw(), value_, &pos);
    }
    return pos;
  }

 private:
  Ctx ctx_;
  const df_value* value_;
};

}  // namespace deployflow::release
