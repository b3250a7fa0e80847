#include "stages/release/prune.hpp"

#include "stages/release/blobs.hpp"
#include "stages/release/live_state.hpp"

#include <string>
#include <unordered_set>
#include <vector>

namespace deployflow::release {
namespace {

std::string bytes_of(const Sha256& sha256) {
  return {sha256.begin(), sha256.end()};
}

}  // namespace

Pruned prune_releases(Ctx ctx,
                      const Store& store,
                      std::string_view target,
                      std::string_view stage,
                      const Current& kept,
                      const std::function<bool()>& may_write) {
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
  if (!blobs.all().empty()) {
    std::unordered_set<std::string> needed;
    for (const ReleaseLine& line : kept.releases) {
      const auto manifest = read_release(ctx, store, target, stage, line);
      if (!manifest) {
        return pruned;
      }
      for (std::size_t i = 0; i < manifest->objects.count(); ++i) {
        needed.insert(bytes_of(manifest->objects.sha256(i)));
      }
    }
    for (const Blobs::Held& blob : blobs.all()) {
      if (needed.count(bytes_of(blob.sha256)) == 0) {
        keys.push_back(blob_key(blob.sha256));
        pruned.bytes += blob.size;
      }
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
