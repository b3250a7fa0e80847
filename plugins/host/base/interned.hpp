// Few different values that many things have: each is kept once and known by a number.

#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace deployflow {

/// Values are never forgotten. One thread, or many that only read.
template <class T>
class Interned {
 public:
  std::uint32_t number_of(T value) {
    const auto [at, is_new] =
        numbers_.try_emplace(std::move(value), static_cast<std::uint32_t>(values_.size()));
    if (is_new) {
      values_.push_back(&at->first);
    }
    return at->second;
  }
  [[nodiscard]] const T& at(std::uint32_t number) const { return *values_[number]; }

 private:
  std::map<T, std::uint32_t> numbers_;
  std::vector<const T*> values_;  // keys of numbers_, which stay where they are
};

}  // namespace deployflow
