// The stores that the contract suite runs against, each empty and ready.

#pragma once

#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/store/http.hpp"
#include "plugins/host/store/object_store.hpp"

#include <memory>
#include <string_view>

namespace deployflow::store::contract {

/// A store under test. Null `store` = this subject is not there (no server configured).
class Subject {
 public:
  virtual ~Subject() = default;
  virtual ObjectStore* store() = 0;
};

/// Does the server say that it has no such operation? Whoever lacks something and says so can be
/// worked with.
bool is_lacking(const StoreError& error);

std::unique_ptr<Subject> make_memory();
std::unique_ptr<Subject> make_retry();
std::unique_ptr<Subject> make_limit();
std::unique_ptr<Subject> make_prefix();
std::unique_ptr<Subject> make_beside_state();
std::unique_ptr<Subject> make_state();
std::unique_ptr<Subject> make_stack();
std::unique_ptr<Subject> make_s3();

/// ---- one type for each, for TEST_CASE_TEMPLATE
struct Memory {
  static auto make() { return make_memory(); }
};
struct Retry {
  static auto make() { return make_retry(); }
};
struct Limit {
  static auto make() { return make_limit(); }
};
struct Prefix {
  static auto make() { return make_prefix(); }
};
struct BesideState {  // the site of a target that has its state elsewhere
  static auto make() { return make_beside_state(); }
};
struct State {  // the state of one
  static auto make() { return make_state(); }
};
struct Stack {
  static auto make() { return make_stack(); }
};
struct S3 {
  static auto make() { return make_s3(); }
};

}  // namespace deployflow::store::contract
