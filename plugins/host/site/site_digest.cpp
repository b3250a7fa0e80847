#include "plugins/host/site/site_digest.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace deployflow::site {
namespace {

/// Texts one after the other, each with its length before it: no two lists give the same bytes.
class TextDigest {
 public:
  void add(std::string_view text) {
    digest_.update(std::to_string(text.size()) + ":");
    digest_.update(text);
  }
  void add(std::uint64_t count) { digest_.update(std::to_string(count) + ";"); }
  std::string finish() { return to_hex(digest_.finish_sha256()); }

 private:
  StreamDigest digest_;
};

}  // namespace

Result<std::string> site_digest(ArtifactSet& artifacts, ThreadPool& pool, const StopToken& stop) {
  const std::vector<std::uint64_t> ids = artifacts.ids();
  TRY_ASSIGN(const auto failures, artifacts.find_digests(ids, pool, stop));
  if (!failures.empty()) {
    return failures.front().error;
  }
  TextDigest digest;
  for (const std::uint64_t id : ids) {
    const auto artifact = artifacts.get(id);
    if (!artifact) {
      continue;  // dropped meanwhile
    }
    TRY_ASSIGN(const Digests digests, artifacts.digests(id, stop));
    Headers headers = artifact->headers;
    std::sort(headers.begin(), headers.end());
    digest.add(artifact->key);
    digest.add(digests.sha256);
    digest.add(artifact->media_type);
    digest.add(headers.size());
    for (const auto& [name, value] : headers) {
      digest.add(name);
      digest.add(value);
    }
  }
  return digest.finish();
}

}  // namespace deployflow::site
