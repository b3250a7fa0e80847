#include "stages/release/sightings.hpp"

namespace deployflow::release {

bool Sightings::note(std::string_view key, std::uint64_t size, std::string_view etag) {
  const auto m = by_key_.find(key);
  if (!m) {
    return false;
  }
  const bool is_same = size == owned_.size(*m) && owned_.has_etag(*m, etag);
  seen_[*m] = is_same ? Seen::intact : Seen::another;
  return is_same;
}

}  // namespace deployflow::release
