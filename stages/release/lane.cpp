#include "stages/release/lane.hpp"

#include <algorithm>

namespace deployflow::release {
Phases phases_of(const Inventory& wanted, const Verdicts& verdicts) {
  Phases phases(wanted.count(), k_nothing);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (verdicts[i] != Verdict::same) {
      const Novelty novelty = verdicts[i] == Verdict::absent ? Novelty::fresh : Novelty::changed;
      phases[i] = static_cast<std::uint8_t>(phase_of(wanted.role(i), novelty));
    }
  }
  return phases;
}

df_status graver(df_status a, df_status b) {
  const auto rank = [](df_status status) {
    switch (status) {
      case DF_OK:
        return 0;
      case DF_CANCELLED:  // the run's own doing: says less than any failure
        return 1;
      case DF_TIMEOUT:
        return 3;
      case DF_IO:
        return 4;
      case DF_CONFLICT:
        return 5;
      case DF_DENIED:
        return 6;
      default:
        return 2;
    }
  };
  return rank(b) > rank(a) ? b : a;
}

Lane::Lane(const Phases& phases) {
  std::array<std::size_t, k_nothing> counts{};
  for (const std::uint8_t phase : phases) {
    if (phase != k_nothing) {
      ++counts[phase];
    }
  }
  std::array<std::size_t, k_nothing> next{};
  std::size_t sum = 0;
  for (std::size_t p = 0; p < k_nothing; ++p) {
    next[p] = sum;
    sum += counts[p];
    phase_end_[p] = sum;
  }
  order_.resize(sum);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (phases[i] != k_nothing) {
      order_[next[phases[i]]++] = static_cast<std::uint32_t>(i);
    }
  }
}

bool Lane::is_stopped() const {
  return is_ended_ || status_ == DF_DENIED || status_ == DF_CANCELLED || failed_ >= k_max_failures;
}

std::optional<std::size_t> Lane::take() {
  if (is_stopped()) {
    return std::nullopt;
  }
  if (!again_.empty()) {
    const std::size_t i = again_.back();
    again_.pop_back();
    ++in_flight_;
    return i;
  }
  if (cursor_ == order_.size()) {
    return std::nullopt;
  }
  if (cursor_ == phase_end_[phase_]) {
    if (in_flight_ > 0 || failed_ > 0) {
      return std::nullopt;  // the barrier
    }
    while (cursor_ == phase_end_[phase_]) {
      ++phase_;
    }
  }
  ++in_flight_;
  return order_[cursor_++];
}

void Lane::put_back(std::size_t i) {
  --in_flight_;
  again_.push_back(static_cast<std::uint32_t>(i));
}

void Lane::stop(df_status why) {
  is_ended_ = true;
  status_ = graver(status_, why);
}

void Lane::settle(df_status status) {
  --in_flight_;
  status_ = graver(status_, status);
  if (status == DF_OK) {
    ++stored_;
  } else {
    ++failed_;
  }
}

}  // namespace deployflow::release
