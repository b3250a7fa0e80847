#include "stages/release/versions.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace deployflow::release {
namespace {

constexpr std::size_t k_at_once = 8;  // listings

/// Objects of a release that have one content: their numbers in its catalog.
using SameContent = std::pair<Sha256, std::vector<std::size_t>>;

std::vector<SameContent> by_content(const Catalog& wanted,
                                    const std::vector<std::size_t>& missing) {
  std::map<Sha256, std::vector<std::size_t>> all;
  for (const std::size_t i : missing) {
    all[wanted.sha256(i)];
  }
  for (std::size_t i = 0; i < wanted.count() && !all.empty(); ++i) {
    if (const auto found = all.find(wanted.sha256(i)); found != all.end()) {
      found->second.push_back(i);
    }
  }
  return {std::make_move_iterator(all.begin()), std::make_move_iterator(all.end())};
}

class Search {
 public:
  Search(const Store& store,
         std::string_view target,
         const Catalog& wanted,
         std::vector<SameContent> contents)
      : store_(store), target_(target), wanted_(wanted), contents_(std::move(contents)) {}

  void run() {
    std::vector<std::thread> threads;
    const std::size_t helpers = std::min(contents_.size(), k_at_once) - 1;
    for (std::size_t i = 0; i < helpers; ++i) {
      threads.emplace_back([this] { work(); });
    }
    work();
    for (std::thread& thread : threads) {
      thread.join();
    }
    if (thrown_) {
      std::rethrow_exception(thrown_);
    }
  }

  [[nodiscard]] std::map<Sha256, Versions::Held> take() { return std::move(found_); }

 private:
  // The first thing that goes wrong would go wrong with all other keys, too.
  void work() noexcept {
    try {
      for (std::size_t at = next_++; at < contents_.size(); at = next_++) {
        if (auto held = look_for(contents_[at].second)) {
          const std::lock_guard lock(mutex_);
          found_.emplace(contents_[at].first, std::move(*held));
        }
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      next_ = contents_.size();
      thrown_ = thrown_ ? thrown_ : std::current_exception();
    }
  }

  std::optional<Versions::Held> look_for(const std::vector<std::size_t>& same) {
    std::optional<Versions::Held> held;
    for (std::size_t k = 0; k < same.size() && !held; ++k) {
      const std::string_view key = wanted_.key(same[k]);
      const auto look_at = [&](const df_object& object) {
        if (sv(object.key) != key) {
          return false;  // one that only begins as this one does: behind it
        }
        const bool is_it = std::any_of(same.begin(), same.end(), [&](std::size_t i) {
          return object.size == wanted_.size(i) && wanted_.has_etag(i, sv(object.etag));
        });
        if (is_it) {
          held = {
              std::string(key), std::string(sv(object.version_id)), std::string(sv(object.etag))};
        }
        return !is_it;
      };
      store_.list(target_, key, look_at, DF_LIST_VERSIONS);
    }
    return held;
  }

  const Store& store_;
  std::string_view target_;
  const Catalog& wanted_;
  const std::vector<SameContent> contents_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;  // guards all below
  std::map<Sha256, Versions::Held> found_;
  std::exception_ptr thrown_;
};

}  // namespace

void Versions::look_for(Ctx ctx,
                        const Store& store,
                        std::string_view target,
                        const Catalog& wanted,
                        const std::vector<std::size_t>& missing) {
  if (missing.empty()) {
    return;
  }
  Search search(store, target, wanted, by_content(wanted, missing));
  try {
    search.run();
  } catch (const Failure& failure) {
    ctx.log(failure.status == DF_UNSUPPORTED ? DF_DEBUG : DF_WARN,
            std::string(target) +
                (failure.status == DF_UNSUPPORTED ? ": the store keeps no versions"
                 : failure.status == DF_DENIED    ? ": the key may not list versions of objects"
                                                  : ": versions of objects cannot be listed"));
  }
  held_ = search.take();
}

const Versions::Held* Versions::find(const Sha256& sha256) const {
  const auto found = held_.find(sha256);
  return found == held_.end() ? nullptr : &found->second;
}

void warn_without_versions(Ctx ctx,
                           const Store& store,
                           std::string_view target,
                           std::string_view stage) {
  std::string why = " keeps no versions";
  try {
    if (store.versioning(target) == DF_VERSIONS_ENABLED) {
      return;
    }
  } catch (const Failure& failure) {
    if (failure.status != DF_UNSUPPORTED) {
      why = " does not tell whether it keeps versions";
    }
  }
  ctx.warning(std::string(stage) + "/no-versions",
              std::string(target) + ": the bucket" + why +
                  ", and with `keep_contents: false` nothing else keeps what is replaced")
      .hint("switch its versioning on, or going back may be refused");
}

}  // namespace deployflow::release
