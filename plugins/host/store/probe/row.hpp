// What one probe of a target found, for tables and for JSON.

#pragma once

#include "plugins/host/base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::store {

enum class Verdict : std::uint8_t {
  ok,
  limited,  // a deployment works, with the limitation that `meaning` tells
  no,       // a deployment would fail
  info,     // neither good nor bad
  skipped,  // not tried, because something before it failed
};

struct ProbeRow {
  std::string name;  // "list", "conditional"
  Verdict verdict = Verdict::ok;
  std::string detail = {};          // what was seen; one clause, safe to print
  std::string meaning = {};         // what that means for a deployment; empty = nothing
  std::optional<Error> error = {};  // why it is `no`
};

/// "ok", "limited", "no", "info", "skipped".
std::string_view name_of(Verdict verdict);

/// Called with each row when it is known, in order.
using RowSink = std::function<void(const ProbeRow&)>;

}  // namespace deployflow::store
