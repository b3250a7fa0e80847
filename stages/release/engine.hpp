// Several deployments as one: a target that fails is left where it is, the others go on.

#pragma once

#include "stages/release/deployment.hpp"

#include <deployflow/stage.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace deployflow::release {

class Engine {
 public:
  Engine(Ctx ctx, std::string_view stage) : ctx_(ctx), stage_(stage) {}

  Deployment& add(std::unique_ptr<Deployment> deployment);

  /// Do something with each target that has not failed, one after the other. A Failure fails that
  /// target alone. Throws Cancelled.
  void each(const std::function<void(Deployment&)>& step);
  /// The same for all at once, on threads, while `meanwhile` runs on this one. What `meanwhile`
  /// throws is thrown when the threads have ended.
  void all_at_once(const std::function<void(Deployment&)>& step,
                   const std::function<void()>& meanwhile);
  /// Contents, then the sites in the safe order, then what is no longer in them. Every outcome, in
  /// the order of add(). Throws Cancelled; Failure (DF_CONFLICT) before anything is written, if the
  /// plan of all targets is not what the user approved.
  std::vector<Outcome> deliver(const Store& store);

  [[nodiscard]] const std::vector<std::unique_ptr<Deployment>>& deployments() const {
    return deployments_;
  }
  /// The gravest status of a target that failed; DF_OK if none did.
  [[nodiscard]] df_status status() const;

 private:
  void run(const Store& store, Delivery& delivery, std::vector<Outcome>* outcomes);
  void fail(Deployment& deployment, const Failure& failure);

  Ctx ctx_;
  std::string_view stage_;
  std::vector<std::unique_ptr<Deployment>> deployments_;
};

}  // namespace deployflow::release
