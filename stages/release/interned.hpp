// Values of which there are few different ones, kept once each and numbered from 0.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace deployflow::release {

/// T has an operator<.
template <class T>
class Interned {
 public:
  using Number = std::uint32_t;

  /// The number of a value, the same for equal ones.
  Number number_of(T value) {
    const auto [at, is_new] =
        numbers_.try_emplace(std::move(value), static_cast<Number>(values_.size()));
    if (is_new) {
      values_.push_back(&at->first);
    }
    return at->second;
  }
  [[nodiscard]] const T& at(Number number) const { return *values_[number]; }
  [[nodiscard]] std::size_t count() const { return values_.size(); }

 private:
  std::map<T, Number> numbers_;
  std::vector<const T*> values_;  // in numbers_, whose nodes stay where they are
};

}  // namespace deployflow::release
