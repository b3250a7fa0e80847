#include "plugins/host/run/run_id.hpp"

#include <spdlog/fmt/fmt.h>

#include <random>

namespace deployflow::run {

std::string make_run_id(const Clock& clock) {
  std::random_device random;
  return fmt::format(
      "{}-{:06x}",
      format_compact(std::chrono::time_point_cast<std::chrono::seconds>(clock.now())),
      random() & 0xFFFFFFU);
}

}  // namespace deployflow::run
