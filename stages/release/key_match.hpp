// Which keys are meant: patterns as in the options `headers` and `order`.
//
//   match: ["**/*.pdf", "!drafts/**"]   # a pattern, or a list; "!" takes away
//
// A key is meant if one of the patterns without "!" means it (or there are none) and none of those
// with "!" does, in whatever order they stand. "\!" begins a pattern of keys that begin with "!".

#pragma once

#include "stages/release/option_value.hpp"
#include "stages/release/plain_pattern.hpp"

#include <deployflow/stage.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

struct KeyMatch {
  std::vector<std::string> taken;  // patterns; none = all keys
  std::vector<std::string> left;   // without their "!"

  using Refuse = std::function<void(
      const OptionValue& where, std::string_view message, std::string_view hint)>;

  /// Add what an option says, text or a list of texts that the schema's format "glob" has checked.
  /// Calls `refuse` for each mistake.
  void read(const OptionValue& value, const Refuse& refuse);

 private:
  void read_pattern(const OptionValue& value, const Refuse& refuse);
};

/// Finds the artifacts that are meant, in two steps: plain patterns while all keys pass by, the
/// others from the host.
class KeyChoice {
 public:
  explicit KeyChoice(const KeyMatch& match);

  /// Of the artifact whose turn it is.
  void look_at(std::string_view key);
  /// `each(pattern, f)`: calls f with the number of each artifact that the pattern means.
  template <class F>
  void ask(F each) {
    for (Side* side : {&taken_, &left_}) {
      for (const std::string& pattern : side->others) {
        each(pattern, [side](std::size_t i) { side->meant[i] = true; });
      }
    }
  }
  /// Of the i-th that was looked at.
  [[nodiscard]] bool has(std::size_t i) const { return taken_.meant[i] && !left_.meant[i]; }

 private:
  struct Side {
    std::vector<PlainPattern> plain;
    std::vector<std::string> others;
    std::vector<bool> meant;

    void add(const std::string& pattern);
    void look_at(std::string_view key);
  };

  Side taken_, left_;
};

}  // namespace deployflow::release
