// The HTTP headers that an object is stored with, and those of a whole site.
//
// A site of 100,000 files has a handful of different sets of headers, so each set is kept once, and
// of an artifact there are eight bytes: its id and the number of its set.

#pragma once

#include "stages/release/interned.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace deployflow::release {

/// Names in lower case and unique, sorted; values as sent.
using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct HeaderSet {
  std::string content_type;          // empty only if the artifact has no media type either
  HeaderList headers;                // for df_op.headers; the content type not among them
  std::vector<std::string> removed;  // carried by the artifact, and not to be sent; sorted

  /// nullptr if there is none.
  [[nodiscard]] const std::string* find(std::string_view name) const;

  friend bool operator<(const HeaderSet& a, const HeaderSet& b) {
    return std::tie(a.content_type, a.headers, a.removed) <
           std::tie(b.content_type, b.headers, b.removed);
  }
  friend bool operator==(const HeaderSet& a, const HeaderSet& b) {
    return std::tie(a.content_type, a.headers, a.removed) ==
           std::tie(b.content_type, b.headers, b.removed);
  }
};

/// Does a HEAD of an object that was stored with this header answer with it? Never with the ACL,
/// which is asked for by a request of its own, and never with the storage class STANDARD. The
/// redirect and the metadata come back under the names that they were sent with.
bool is_shown_by_head(std::string_view name, std::string_view value);

/// Add everything, seal() once, then look up.
class HeaderSets {
 public:
  using Number = Interned<HeaderSet>::Number;

  /// Throws Failure for more than 2^24 different sets.
  Number intern(HeaderSet set);
  /// `id`: counted by the host, below 2^40; added once.
  void add(std::uint64_t id, Number number) { artifacts_.push_back(id << k_number_bits | number); }
  void seal();

  /// The set of an artifact; an empty one if it was not added. Only after seal().
  [[nodiscard]] const HeaderSet& of(std::uint64_t id) const;

  [[nodiscard]] std::size_t count() const { return artifacts_.size(); }
  [[nodiscard]] std::size_t set_count() const { return sets_.count(); }
  [[nodiscard]] const HeaderSet& set(Number number) const { return sets_.at(number); }

 private:
  static constexpr unsigned k_number_bits = 24;

  Interned<HeaderSet> sets_;
  std::vector<std::uint64_t> artifacts_;  // id << 24 | number; sorted by seal()
};

}  // namespace deployflow::release
