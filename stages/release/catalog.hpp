// The contents of a release: of each object what it must be, byte for byte and header for header.
//
// A site may have hundreds of thousands of files, and there are two of these during a deployment,
// so an object costs 72 bytes and its key, unless somebody else has that already; what many have in
// common (a set of headers) is kept once.

#pragma once

#include "stages/release/inventory.hpp"
#include "stages/release/text_pool.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::release {

using Sha256 = std::array<std::uint8_t, 32>;
using Md5 = std::array<std::uint8_t, 16>;

/// Lower-case hex.
std::string to_hex(const std::uint8_t* bytes, std::size_t count);
template <std::size_t N>
std::string to_hex(const std::array<std::uint8_t, N>& digest) {
  return to_hex(digest.data(), N);
}
/// From 2 * N hex digits of either case; nullopt if it is anything else.
template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> from_hex(std::string_view text);

/// HTTP headers, names in lower case and sorted, "content-type" among them.
using StoredHeaders = std::vector<std::pair<std::string, std::string>>;

/// Add everything, seal() once, then read: objects are numbered from 0 in the byte order of their
/// keys.
class Catalog {
 public:
  /// The number of a set that is equal to `headers`.
  std::uint32_t intern(StoredHeaders headers);
  /// `etag`: as the store gave it; empty if it is the MD5. `last`: for an object that no longer
  /// belongs to the site, the id of the last release that had it; empty for one that does.
  void add(Lent key,
           std::uint64_t size,
           const Sha256& sha256,
           const Md5& md5,
           std::string_view etag,
           std::uint32_t headers,
           std::string_view last = {});
  void add(std::string_view key,
           std::uint64_t size,
           const Sha256& sha256,
           const Md5& md5,
           std::string_view etag,
           std::uint32_t headers,
           std::string_view last = {}) {
    add(keep(key), size, sha256, md5, etag, headers, last);
  }
  /// A copy that lives as long as the catalog.
  Lent keep(std::string_view text) { return texts_.keep(text); }
  /// False if a key was added twice.
  bool seal();

  [[nodiscard]] std::size_t count() const { return objects_.size(); }
  [[nodiscard]] std::string_view key(std::size_t i) const { return objects_[i].key_text(); }
  [[nodiscard]] std::uint64_t size(std::size_t i) const { return objects_[i].size; }
  [[nodiscard]] const Sha256& sha256(std::size_t i) const { return objects_[i].sha256; }
  [[nodiscard]] const Md5& md5(std::size_t i) const { return objects_[i].md5; }
  [[nodiscard]] std::uint32_t headers_number(std::size_t i) const { return objects_[i].headers; }
  [[nodiscard]] const StoredHeaders& headers(std::size_t i) const {
    return header_sets_[objects_[i].headers];
  }
  [[nodiscard]] std::string_view last(std::size_t i) const {
    return texts_.at(extras_[objects_[i].extra].last);
  }
  [[nodiscard]] bool is_leftover(std::size_t i) const { return !last(i).empty(); }
  /// As the store gave it, or the MD5.
  [[nodiscard]] std::string etag(std::size_t i) const;
  [[nodiscard]] bool has_etag(std::size_t i, std::string_view etag) const;
  /// Is the ETag another than the MD5, and known?
  [[nodiscard]] std::string_view own_etag(std::size_t i) const {
    return texts_.at(extras_[objects_[i].extra].etag);
  }
  void set_etag(std::size_t i, std::string_view etag);
  [[nodiscard]] std::optional<std::size_t> find(std::string_view key) const;
  [[nodiscard]] const std::deque<StoredHeaders>& header_sets() const { return header_sets_; }

 private:
  struct Object {
    const char* key = nullptr;
    std::uint64_t size : 48 = 0, key_size : 16 = 0;
    Sha256 sha256{};
    Md5 md5{};
    std::uint32_t headers = 0;
    std::uint32_t extra = 0;  // in extras_; 0 = nothing of it

    [[nodiscard]] std::string_view key_text() const { return {key, key_size}; }
  };
  struct Extra {  // of few objects
    TextPool::Slice etag = 0, last = 0;
  };

  Extra& extra_of(std::size_t i);

  TextPool texts_;
  std::deque<Extra> extras_{1};
  std::deque<Object> objects_;  // grows without a copy of all
  std::deque<StoredHeaders> header_sets_;
  std::map<StoredHeaders, std::uint32_t> header_numbers_;
  TextPool::Slice last_slice_ = 0;  // of the `last` that was added last: many have the same
};

/// The value of a header; empty if the set has none of that name.
std::string_view header_of(const StoredHeaders& headers, std::string_view name);

/// Names of the headers that differ between the two, sorted.
std::vector<std::string> differing_headers(const StoredHeaders& a, const StoredHeaders& b);

}  // namespace deployflow::release
