// A string that no formatter, stream or log accepts: printing one does not compile.

#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace deployflow {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  /// The text itself, for signing and for the wire only. Every call site is a place to review.
  [[nodiscard]] const std::string& reveal() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

}  // namespace deployflow
