// Reads go through; writes are swallowed and answered as a store that follows S3's rules would.

#pragma once

#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"

namespace deployflow::store {

class DryRunStore final : public ObjectStore {
 public:
  /// `inner` and `loop` outlive it.
  DryRunStore(ObjectStore& inner, Loop& loop) : inner_(inner), loop_(loop) {}

  void submit(Operation operation, Completion done) override;

 private:
  ObjectStore& inner_;
  Loop& loop_;
};

}  // namespace deployflow::store
