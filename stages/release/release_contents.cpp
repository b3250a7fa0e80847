#include "stages/release/release_contents.hpp"

#include <cstddef>

namespace deployflow::release {

void each_object_of_release(const Sides& sides,
                            const std::vector<Fate>& fates,
                            std::string_view live_id,
                            const EachObject& object) {
  const Catalog& wanted = sides.wanted;
  const Catalog& owned = sides.owned;
  std::size_t m = 0;
  const auto pass_owned = [&] {
    if (fates[m] == Fate::stay) {
      object(owned, m, {});
    } else if (fates[m] == Fate::leave) {
      object(owned, m, owned.is_leftover(m) ? owned.last(m) : live_id);
    }
    ++m;
  };
  for (std::size_t i = 0; i < wanted.count(); ++i) {
    while (m < fates.size() && owned.key(m) < wanted.key(i)) {
      pass_owned();
    }
    object(wanted, i, {});
  }
  while (m < fates.size()) {
    pass_owned();
  }
}

}  // namespace deployflow::release
