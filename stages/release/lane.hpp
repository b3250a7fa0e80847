// The way of one target through the phases of the safe order: which object may be sent now.
//
// Pure: it knows nothing of stores. take() gives objects of one phase; when it has no more, the
// results of all that were taken must be in before it moves on, and if one failed it never does.

#pragma once

#include "stages/release/compare.hpp"
#include "stages/release/inventory.hpp"
#include "stages/release/order.hpp"

#include <deployflow/stage.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace deployflow::release {

/// After this many failures a target is given nothing more: its answers will not become better.
inline constexpr std::uint64_t k_max_failures = 10;

/// The status that tells the user most: what to repair (credentials) over what to look at (a
/// conflict) over what to wait for (the network).
df_status graver(df_status a, df_status b);

/// For each object the phase in which something is done to it, or k_nothing: a Phase, or the number
/// that a GroupOrder gives it.
using Phases = std::vector<std::uint8_t>;
inline constexpr std::uint8_t k_nothing = 0xFF;

Phases phases_of(const Inventory& wanted, const Verdicts& verdicts);

class Lane {
 public:
  explicit Lane(const Phases& phases);

  /// The number of the object to send now; nullopt if there is none until a result comes, or none
  /// at all.
  std::optional<std::size_t> take();
  /// The phase of what take() gave last.
  [[nodiscard]] std::uint8_t phase() const { return static_cast<std::uint8_t>(phase_); }
  /// The result of one object that was taken.
  void settle(df_status status);
  /// It is to be taken once more, before the phase ends.
  void put_back(std::size_t i);
  /// Nothing more is given, whatever comes.
  void stop(df_status why);

  [[nodiscard]] std::uint64_t total() const { return order_.size(); }
  [[nodiscard]] std::uint64_t stored() const { return stored_; }
  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
  [[nodiscard]] bool is_complete() const { return stored_ == order_.size(); }
  /// The gravest status that was settled; DF_OK if none failed.
  [[nodiscard]] df_status status() const { return status_; }

 private:
  [[nodiscard]] bool is_stopped() const;

  std::vector<std::uint32_t> order_;                // objects to send, phase after phase
  std::array<std::size_t, k_nothing> phase_end_{};  // in order_
  std::vector<std::uint32_t> again_;                // of the present phase
  std::size_t phase_ = 0;
  std::size_t cursor_ = 0;
  std::uint64_t in_flight_ = 0, stored_ = 0, failed_ = 0;
  bool is_ended_ = false;
  df_status status_ = DF_OK;
};

}  // namespace deployflow::release
