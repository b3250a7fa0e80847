// Reads go through; writes are swallowed and answered as a store that follows S3's rules would.
//
// What was swallowed is kept in PlannedWrites, and a Head finds it. Whoever lists lays it over the
// pages, which cannot be done here: a page may not grow. Contents are not kept, so a Get sees what
// the store has.

#pragma once

#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"
#include "plugins/host/store/planned_writes.hpp"

namespace deployflow::store {

class DryRunStore final : public ObjectStore {
 public:
  /// `inner` and `loop` outlive it.
  DryRunStore(ObjectStore& inner, Loop& loop) : inner_(inner), loop_(loop) {}

  void submit(Operation operation, Completion done) override;

  [[nodiscard]] const PlannedWrites& planned() const { return planned_; }

 private:
  ObjectStore& inner_;
  Loop& loop_;
  PlannedWrites planned_;
};

}  // namespace deployflow::store
