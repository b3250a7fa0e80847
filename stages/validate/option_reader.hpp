// The options that may stand at the top and in an entry of `overrides` alike, and that list.

#pragma once

#include "stages/validate/file_settings.hpp"

#include <deployflow/stage.hpp>

#include <string_view>
#include <vector>

namespace deployflow::validate {

class OptionReader {
 public:
  explicit OptionReader(Ctx ctx) : ctx_(ctx) {}

  /// What is there. A code that there is not is an error finding at its place.
  SettingsChange read_change(const Options& given);
  /// Of the option `overrides`, in its order.
  std::vector<Override> read_overrides(const Options& given);
  /// Was there no mistake?
  [[nodiscard]] bool is_good() const { return is_good_; }

 private:
  void check_code(std::string_view option, std::string_view code, const df_value* where);

  Ctx ctx_;
  bool is_good_ = true;
};

}  // namespace deployflow::validate
