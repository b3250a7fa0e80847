// A store whose keys all lie under a prefix that its user does not see.

#pragma once

#include "plugins/host/store/object_store.hpp"

#include <string>

namespace deployflow::store {

class PrefixStore final : public ObjectStore {
 public:
  /// `inner` outlives it. `prefix` is "" or ends in '/'.
  PrefixStore(ObjectStore& inner, std::string prefix);

  /// Errors: as `inner`; `remote` if an answer names a key without the prefix.
  void submit(Operation operation, Completion done) override;

 private:
  Outcome to_outside(Outcome outcome) const;

  ObjectStore& inner_;
  std::string prefix_;
};

}  // namespace deployflow::store
