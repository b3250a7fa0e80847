// What a target's site is, written down beside it: releases/<id>.json and current.json below
// ".deployflow/".
//
// A manifest is immutable and says of each object what it must be. current.json says which release
// is live and which others can be gone back to; it is replaced by a conditional write alone, so
// whoever has read it knows whether anything happened since. Both are read as text of a stranger: a
// bucket may be written by others.

#pragma once

#include "stages/release/catalog.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

/// Of the documents that this code writes; one with a higher number is refused, not guessed at.
inline constexpr std::uint64_t k_format = 1;

inline constexpr std::string_view k_reserved = ".deployflow/";
inline constexpr std::string_view k_current_key = ".deployflow/current.json";
inline constexpr std::string_view k_lock_key = ".deployflow/lock.json";
inline constexpr std::string_view k_releases_prefix = ".deployflow/releases/";
inline constexpr std::string_view k_blobs_prefix = ".deployflow/blobs/";

/// Who made a release, when and from what. What is not known is empty.
struct Provenance {
  std::int64_t time_s = 0;  // since the epoch
  std::string user, host, job, commit;
  std::string version;  // of deployflow
};

/// A release in a list of them.
struct ReleaseLine {
  std::string id;      // "20261120T223311Z-9f2c1a"
  std::string parent;  // the release before it; empty = the first
  Provenance by;
  std::uint64_t files = 0, bytes = 0;
  std::uint64_t manifest_size = 0;
  std::string manifest_etag;  // as the store gave it
};

struct Manifest {
  ReleaseLine release;
  Catalog objects;  // of the site, and what earlier releases left
};

/// The releases of a target, newest first; the live one is among them.
struct Current {
  std::string live;
  Provenance since;  // who made that one the live one, and when
  std::vector<ReleaseLine> releases;

  [[nodiscard]] const ReleaseLine* find(std::string_view id) const;
};

enum class Unreadable : std::uint8_t {
  corrupt,  // no document of ours, or one that was changed
  newer     // of a later deployflow
};
template <class T>
struct Read {
  std::optional<T> value;
  Unreadable why = Unreadable::corrupt;
  std::string detail;  // what is wrong, for a log
};

/// "20261120T223311Z-9f2c1a": letters, digits and '-', at most 64.
bool is_release_id(std::string_view text);
std::string manifest_key(std::string_view id);
std::string blob_key(const Sha256& sha256);

/// An object of a release: number `i` of `from`, but for `last`, which is that of this release.
using EachObject = std::function<void(const Catalog& from, std::size_t i, std::string_view last)>;
/// Calls it for all objects of a release in the byte order of their keys; the same at each call.
using Contents = std::function<void(const EachObject&)>;

/// Hands the text on in pieces.
void write_manifest(const ReleaseLine& release,
                    const Contents& contents,
                    const std::function<void(std::string_view)>& out);

/// The next piece of a text, valid until the next call; "" at the end.
using NextPiece = std::function<std::string_view()>;

/// Keys that `known` has are not kept again: it outlives the manifest. Null = none is known.
Read<Manifest> read_manifest(const NextPiece& text, const Inventory* known = nullptr);

std::string write_current(const Current& current);
Read<Current> read_current(std::string_view text);

/// "2026-11-20T22:33:11Z"
std::string format_time(std::int64_t seconds);

}  // namespace deployflow::release
