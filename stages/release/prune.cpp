#include "stages/release/prune.hpp"

#include "stages/release/blobs.hpp"
#include "stages/release/live_state.hpp"

#include <string>
#include <vector>

namespace deployflow::release {
namespace {

/// Which blobs some release needs.
class Needs {
 public:
  explicit Needs(const Blobs& blobs)
      : blobs_(blobs), needed_(blobs.all().size()), missing_(needed_.size()) {}

  void note(const Sha256& sha256) {
    const Blobs::Held* blob = blobs_.find(sha256);
    if (blob == nullptr) {
      return;
    }
    const auto i = static_cast<std::size_t>(blob - blobs_.all().data());
    missing_ -= needed_[i] ? 0U : 1U;
    needed_[i] = true;
  }
  [[nodiscard]] bool all() const { return missing_ == 0; }
  [[nodiscard]] bool has(std::size_t i) const { return needed_[i]; }

 private:
  const Blobs& blobs_;
  std::vector<bool> needed_;
  std::size_t missing_;
};

}  // namespace

Pruned prune_releases(Ctx ctx,
                      const Store& store,
                      std::string_view target,
                      std::string_view stage,
                      const Current& kept,
                      const std::function<bool()>& may_write,
                      const KnownContents& known) {
  Pruned pruned;
  std::vector<std::string> keys;
  std::size_t blobs_from = 0;
  store.list(target, k_releases_prefix, [&](const df_object& object) {
    const std::string_view key = sv(object.key);
    std::string_view id = key.substr(k_releases_prefix.size());
    if (id.ends_with(".json") && kept.find(id.substr(0, id.size() - 5)) == nullptr &&
        is_release_id(id.substr(0, id.size() - 5))) {
      keys.emplace_back(key);
    }
  });
  blobs_from = keys.size();
  Blobs blobs;
  blobs.list(store, target);
  Needs needs(blobs);
  const EachDigest note = [&needs](const Sha256& sha256) { needs.note(sha256); };
  for (const ReleaseLine& line : kept.releases) {
    if (needs.all() || (known && known(line.id, note))) {
      continue;
    }
    const auto manifest = read_release(ctx, store, target, stage, line);
    if (!manifest) {
      return pruned;
    }
    for (std::size_t i = 0; i < manifest->objects.count(); ++i) {
      note(manifest->objects.sha256(i));
    }
  }
  for (std::size_t i = 0; i < blobs.all().size(); ++i) {
    if (!needs.has(i)) {
      keys.push_back(blob_key(blobs.all()[i].sha256));
      pruned.bytes += blobs.all()[i].size;
    }
  }
  std::size_t next = 0, failed = 0;
  store.batch(
      [&](df_op& op) -> df_status {
        if (next == keys.size() || !may_write()) {
          return DF_NOT_FOUND;
        }
        op.kind = DF_OP_DELETE;
        op.target = cs(target);
        op.key = cs(keys[next++]);
        return DF_OK;
      },
      [&](const df_op_result& result) { failed += result.status == DF_OK ? 0U : 1U; });
  if (failed > 0) {
    throw Failure{DF_IO, std::to_string(failed) + " objects could not be deleted"};
  }
  pruned.releases = blobs_from;
  pruned.blobs = keys.size() - blobs_from;
  return pruned;
}

}  // namespace deployflow::release
