#include "plugins/host/site/glob.hpp"

#include <cstdint>
#include <vector>

namespace deployflow::site {
namespace {

// The pattern as an automaton that is in many states at once: no backtracking, so a hostile pattern
// costs |pattern| * |key| and not more. A state is a place in the pattern and how its star is being
// read.
enum State : std::uint8_t {
  k_here = 1,      // about to read the pattern at this place
  k_segments = 2,  // inside "**/" at the start of a segment: may leave after any '/'
  k_anything = 4,  // inside any other "**": may leave after any character
};

class Matcher {
 public:
  explicit Matcher(std::string_view pattern) : pattern_(pattern), now_(pattern.size() + 1) {
    now_[0] = k_here;
  }

  bool matches(std::string_view key) {
    settle(true);
    for (const char c : key) {
      consume(c);
      settle(c == '/');
    }
    return (now_[pattern_.size()] & k_here) != 0;
  }

 private:
  /// Enter stars, and leave those that may stand for nothing.
  void settle(bool at_segment) {
    for (std::size_t i = 0; i < pattern_.size(); ++i) {
      if ((now_[i] & k_here) != 0 && pattern_[i] == '*') {
        if (pattern_.substr(i, 3) == "**/" && at_segment) {
          now_[i] |= k_segments;
          now_[i + 3] |= k_here;
        } else if (pattern_.substr(i, 2) == "**") {
          now_[i] |= k_anything;
        } else {
          now_[i + 1] |= k_here;
        }
      }
      if ((now_[i] & k_anything) != 0) {
        now_[i + 2] |= k_here;
      }
    }
  }

  void consume(char c) {
    std::vector<std::uint8_t> next(now_.size());
    for (std::size_t i = 0; i < pattern_.size(); ++i) {
      next[i] = static_cast<std::uint8_t>(next[i] | (now_[i] & (k_segments | k_anything)));
      if ((now_[i] & k_segments) != 0 && c == '/') {
        next[i + 3] |= k_here;
      }
      if ((now_[i] & k_here) == 0) {
        continue;
      }
      const bool single_star = pattern_[i] == '*' && pattern_.substr(i, 2) != "**";
      if (single_star && c != '/') {
        next[i] |= k_here;
      } else if (pattern_[i] != '*' && (pattern_[i] == c || (pattern_[i] == '?' && c != '/'))) {
        next[i + 1] |= k_here;
      }
    }
    now_ = std::move(next);
  }

  std::string_view pattern_;
  std::vector<std::uint8_t> now_;  // by place in the pattern, the last one being its end
};

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view key) {
  return Matcher(pattern).matches(key);
}

}  // namespace deployflow::site
