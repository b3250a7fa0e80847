#include "stages/release/lane.hpp"

#include <algorithm>

namespace deployflow::release {
namespace {

std::optional<std::size_t> phase_index(const Inventory& wanted,
                                       const Verdicts& verdicts,
                                       std::size_t i) {
  if (verdicts[i] == Verdict::same) {
    return std::nullopt;
  }
  const Novelty novelty = verdicts[i] == Verdict::absent ? Novelty::fresh : Novelty::changed;
  return static_cast<std::size_t>(phase_of(wanted.role(i), novelty));
}

}  // namespace

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

Lane::Lane(const Inventory& wanted, const Verdicts& verdicts) {
  std::array<std::size_t, k_phase_count> counts{};
  for (std::size_t i = 0; i < wanted.count(); ++i) {
    if (const auto phase = phase_index(wanted, verdicts, i)) {
      ++counts[*phase];
    }
  }
  std::array<std::size_t, k_phase_count> next{};
  std::size_t sum = 0;
  for (std::size_t p = 0; p < k_phase_count; ++p) {
    next[p] = sum;
    sum += counts[p];
    phase_end_[p] = sum;
  }
  order_.resize(sum);
  for (std::size_t i = 0; i < wanted.count(); ++i) {
    if (const auto phase = phase_index(wanted, verdicts, i)) {
      order_[next[*phase]++] = static_cast<std::uint32_t>(i);
    }
  }
}

bool Lane::is_stopped() const {
  return status_ == DF_DENIED || status_ == DF_CANCELLED || failed_ >= k_max_failures;
}

std::optional<std::size_t> Lane::take() {
  if (is_stopped() || cursor_ == order_.size()) {
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
