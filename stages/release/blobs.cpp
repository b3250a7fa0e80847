#include "stages/release/blobs.hpp"

#include "stages/release/manifest.hpp"

#include <algorithm>
#include <utility>

namespace deployflow::release {
namespace {

struct ByDigest {
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return a.sha256 < b.sha256;
  }
  template <class A>
  bool operator()(const A& a, const Sha256& sha256) const {
    return a.sha256 < sha256;
  }
};

}  // namespace

void Blobs::list(const Store& store, std::string_view target) {
  if (std::exchange(is_listed_, true)) {
    return;
  }
  store.list(target, k_blobs_prefix, [&](const df_object& object) {
    const auto sha256 = from_hex<32>(sv(object.key).substr(k_blobs_prefix.size()));
    if (sha256) {
      held_.push_back({*sha256, object.size, std::string(sv(object.etag))});
    }
  });
  std::sort(held_.begin(), held_.end(), ByDigest{});
}

const Blobs::Held* Blobs::find(const Sha256& sha256) const {
  const auto at = std::lower_bound(held_.begin(), held_.end(), sha256, ByDigest{});
  return at == held_.end() || at->sha256 != sha256 ? nullptr : &*at;
}

void Blobs::want(Origin origin) {
  if (find(origin.sha256) == nullptr) {
    wanted_.push_back(std::move(origin));
  }
}

const Inventory& Blobs::seal() {
  // Stable, and the first counts: a copy inside the store is wanted before an upload of the same.
  std::stable_sort(wanted_.begin(), wanted_.end(), ByDigest{});
  const auto is_same = [](const Origin& a, const Origin& b) { return a.sha256 == b.sha256; };
  wanted_.erase(std::unique(wanted_.begin(), wanted_.end(), is_same), wanted_.end());
  for (const Origin& origin : wanted_) {
    inventory_.add(blob_key(origin.sha256), origin.size, Role::file, origin.artifact);
  }
  inventory_.seal();
  return inventory_;
}

void Blobs::made(std::size_t i, std::string_view etag) {
  made_.push_back({wanted_[i].sha256, wanted_[i].size, std::string(etag)});
}

void Blobs::settle() {
  held_.insert(
      held_.end(), std::make_move_iterator(made_.begin()), std::make_move_iterator(made_.end()));
  made_.clear();
  std::sort(held_.begin(), held_.end(), ByDigest{});
}

}  // namespace deployflow::release
