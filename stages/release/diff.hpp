// What has to be done so that a target is the wanted release, object by object, and why.
//
// Three things are laid beside each other: what is wanted, what the live release's manifest says
// (what deployflow last put there), and what a listing says is there now. Contents and headers
// count, times never do, but for one: an object written after the release was confirmed was touched
// by somebody else, and its headers, which no listing shows, are asked for.

#pragma once

#include "stages/release/catalog.hpp"
#include "stages/release/holdings.hpp"
#include "stages/release/sightings.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

enum class Act : std::uint8_t {
  keep,
  put,      // the content, from where the wanted release has it
  headers,  // same content, other headers
  copy      // the content is there already, under another key
};

enum class Why : std::uint8_t {
  same,
  new_key,
  content,
  headers,
  missing,  // drift: the release has it, the bucket has not
  foreign,  // drift: somebody else has replaced it
  drifted_headers,
  moved,
  copied
};

/// What is not known until the store was asked about the object itself.
enum class Question : std::uint8_t { none, headers, content };

struct Change {
  Act act = Act::keep;
  Why why = Why::same;
  Question question = Question::none;
  bool is_fresh = false;  // nothing is there under this key
  /// The manifest's word on what is there still holds, so its content is known.
  bool is_known = false;
  std::uint32_t from = 0;  // copy: number of the source in the owned catalog
};

/// What an object of the owned catalog that is not wanted comes to.
enum class Fate : std::uint8_t {
  wanted,   // it is
  remove,   // delete it
  leave,    // an earlier release's, not deleted in this run
  stay,     // still a part of the site, of which only another part was given
  not_ours  // gone already, or somebody else's by now: no more of our business
};

struct Sides {
  const Catalog& wanted;
  const Holdings& held;   // of the wanted; without the ETag of what is as `owned` says
  const Catalog& owned;   // of the live release and what earlier ones left; may be empty
  const Sightings& seen;  // of the owned
};

/// The verdict on object `i`. `etag`: what the store should call the content if it follows S3's
/// rules; empty = as the catalog says. Pure.
Change compare_object(const Sides& sides, std::size_t i, std::string_view etag = {});
/// The same; `m`: the number of the owned object with that key, if there is one.
Change compare_object(const Sides& sides,
                      std::size_t i,
                      std::optional<std::size_t> m,
                      std::string_view etag = {});

/// Find among what the live release has, unchanged, the contents that would be sent: they are
/// copied inside the store instead. Objects that `changes` replaces are no sources.
void find_copies(const Sides& sides, std::vector<Change>& changes);

struct Keeping {
  bool is_part = false;             // what is wanted is a part of the site: the rest of it stays
  bool removes = false;             // `delete: true`
  std::vector<std::string> recent;  // ids of the releases whose files are kept a while
  /// Only files that are not pages are kept for `recent`.
};

/// What becomes of each object of the owned catalog.
std::vector<Fate> fates_of(const Sides& sides, const Keeping& keeping, std::string_view live_id);

/// "new", "content differs", "headers differ: cache-control", "moved from a/b.css", ...
std::string reason_of(const Sides& sides, std::size_t i, const Change& change);

}  // namespace deployflow::release
