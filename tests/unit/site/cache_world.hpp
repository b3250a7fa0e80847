// A digest cache in a scratch folder, at a time that a test says.

#pragma once

#include "plugins/host/site/digest_cache.hpp"
#include "tests/support/scratch.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::test {

class SetClock final : public Clock {
 public:
  [[nodiscard]] std::chrono::sys_time<std::chrono::milliseconds> now() const override {
    return time;
  }
  // What a test writes is always older than this.
  std::chrono::sys_time<std::chrono::milliseconds> time =
      system_clock().now() + std::chrono::seconds(10);
};

/// The environment with this one variable.
inline Environment only(std::string name, std::string value) {
  return [name = std::move(name),
          value = std::move(value)](std::string_view asked) -> std::optional<std::string> {
    return asked == name ? std::optional<std::string>(value) : std::nullopt;
  };
}

struct CacheWorld {
  Scratch scratch;
  SetClock clock;
  std::string folder = scratch / "cache";
  std::string file = folder + "/digests.sqlite";
  site::DigestCache::Limits limits = {};

  [[nodiscard]] std::unique_ptr<site::DigestCache> open() const {
    return std::make_unique<site::DigestCache>(only("DEPLOYFLOW_CACHE_DIR", folder), clock, limits);
  }
  /// As a run that reads the files would.
  void remember(const std::vector<FileStamp>& stamps, const RawDigests& digests) const {
    const auto cache = open();
    for (const FileStamp& stamp : stamps) {
      cache->add(stamp, digests, clock.now());
    }
  }
  [[nodiscard]] std::optional<RawDigests> find(const FileStamp& stamp) const {
    std::vector<site::DigestCache::Wanted> wanted{{stamp, 1}};
    std::optional<RawDigests> out;
    open()->find(wanted, [&](std::uint64_t, const RawDigests& digests) { out = digests; });
    return out;
  }
};

/// Digests that no file has.
inline RawDigests digests_of(std::string_view text) {
  return {sha256(text), md5(text)};
}

}  // namespace deployflow::test
