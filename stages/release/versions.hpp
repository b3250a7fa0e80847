// Old versions of a target's objects, where its bucket keeps them: contents of releases of which
// there is no blob.
//
// A version is a content that is looked for if it has the size and the ETag that the release's
// manifest recorded for it. Asked is only for keys whose content is missing, so it does not matter
// how much history the bucket has.

#pragma once

#include "stages/release/catalog.hpp"

#include <deployflow/stage.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

class Versions {
 public:
  struct Held {
    std::string key, id, etag;
  };

  /// Look for the contents of these objects of `wanted`, each among the versions of all keys that
  /// have it there. A target without versions has none, and so has one that does not let us see
  /// them: that is logged. Throws Cancelled.
  void look_for(Ctx ctx,
                const Store& store,
                std::string_view target,
                const Catalog& wanted,
                const std::vector<std::size_t>& missing);

  /// nullptr if none was found.
  [[nodiscard]] const Held* find(const Sha256& sha256) const;

 private:
  std::map<Sha256, Held> held_;
};

/// Warn, with the code "<stage>/no-versions", if the bucket does not keep what is replaced, or does
/// not tell: somebody relies on it.
void warn_without_versions(Ctx ctx,
                           const Store& store,
                           std::string_view target,
                           std::string_view stage);

}  // namespace deployflow::release
