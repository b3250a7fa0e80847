// A target whose reserved folder does not lie beside its site: one store over two places.
//
// What is below ".deployflow/" goes to the one place, everything else to the other; whoever uses it
// knows keys alone. A listing is of the place that its prefix names, so one of the whole site shows
// nothing of the state. What is copied from one place to the other is copied by the server.

#pragma once

#include "plugins/host/store/object_store.hpp"
#include "plugins/host/store/target.hpp"

#include <string>
#include <string_view>

namespace deployflow::store {

class StateStore final : public ObjectStore {
 public:
  /// A store, and what a copy from another bucket calls it.
  struct Place {
    ObjectStore& store;  // outlives the StateStore
    StatePlace at;
  };
  StateStore(Place site, Place state);

  /// Errors: as of the place. DeleteMany over both fails if it fails in one.
  void submit(Operation operation, Completion done) override;

 private:
  [[nodiscard]] const Place& place_of(std::string_view key) const {
    return key.starts_with(k_reserved) ? state_ : site_;
  }
  [[nodiscard]] bool is_between(const std::string& from_bucket,
                                const std::string& from_key,
                                const std::string& key) const;
  void copy_between(Copy copy, Completion done);
  void copy_part_between(CopyPart part, Completion done);
  void delete_in_both(const DeleteMany& all, Completion done);

  Place site_;
  Place state_;
};

}  // namespace deployflow::store
