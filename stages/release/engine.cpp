#include "stages/release/engine.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <thread>
#include <utility>

namespace deployflow::release {

Deployment& Engine::add(std::unique_ptr<Deployment> deployment) {
  return *deployments_.emplace_back(std::move(deployment));
}

void Engine::fail(Deployment& deployment, const Failure& failure) {
  if (failure.what()[0] != '\0') {
    ctx_.error(std::string(stage_) + "/failed", deployment.target() + ": " + failure.what());
  }
  deployment.abandon(failure.status);
}

void Engine::each(const std::function<void(Deployment&)>& step) {
  for (const auto& deployment : deployments_) {
    if (deployment->abandoned() != DF_OK) {
      continue;
    }
    try {
      step(*deployment);
    } catch (const Failure& failure) {
      fail(*deployment, failure);
    }
  }
}

void Engine::all_at_once(const std::function<void(Deployment&)>& step,
                         const std::function<void()>& meanwhile) {
  std::vector<std::exception_ptr> thrown(deployments_.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < deployments_.size(); ++i) {
    threads.emplace_back([&, i] {
      try {
        step(*deployments_[i]);
      } catch (...) {
        thrown[i] = std::current_exception();
      }
    });
  }
  std::exception_ptr own;
  try {
    meanwhile();
  } catch (...) {
    own = std::current_exception();
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (std::size_t i = 0; i < thrown.size(); ++i) {
    try {
      if (thrown[i]) {
        std::rethrow_exception(thrown[i]);
      }
    } catch (const Failure& failure) {
      fail(*deployments_[i], failure);
    }
  }
  if (own) {
    std::rethrow_exception(own);
  }
}

void Engine::run(const Store& store, Delivery& delivery, std::vector<Outcome>* outcomes) {
  for (Outcome& outcome : delivery.run(store)) {
    const auto deployment =
        std::find_if(deployments_.begin(), deployments_.end(), [&](const auto& one) {
          return one->target() == outcome.target;
        });
    if (!outcome.is_current() && (*deployment)->abandoned() == DF_OK) {
      (*deployment)->abandon(outcome.status == DF_OK ? DF_IO : outcome.status);
    }
    if (outcomes != nullptr) {
      outcomes->push_back(std::move(outcome));
    }
  }
}

std::vector<Outcome> Engine::deliver(const Store& store) {
  // All are declared before any is carried out: the plan is whole before the first write.
  Delivery contents(ctx_, stage_), sites(ctx_, stage_), removals(ctx_, stage_);
  std::vector<Outcome> outcomes;
  std::vector<std::pair<std::string_view, std::string_view>> bases;
  each([&](Deployment& deployment) {
    if (auto shipment = deployment.contents()) {
      contents.add(std::move(*shipment));
    }
    Shipment site = deployment.site();
    declare(ctx_, site);
    sites.add(std::move(site));
    if (auto shipment = deployment.removals()) {
      declare(ctx_, *shipment);
      removals.add(std::move(*shipment));
    }
    bases.emplace_back(deployment.target(), deployment.live_id());
  });
  ctx_.planned(bases);
  run(store, contents, nullptr);
  each([](Deployment& deployment) { deployment.contents_done(); });
  run(store, sites, &outcomes);
  run(store, removals, nullptr);
  return outcomes;
}

df_status Engine::status() const {
  df_status gravest = DF_OK;
  for (const auto& deployment : deployments_) {
    gravest = graver(gravest, deployment->abandoned());
  }
  return gravest;
}

}  // namespace deployflow::release
