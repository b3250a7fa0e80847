// ".deployflow/preview.json": what lies here is a preview of a site, which may be removed, and
// when.
//
// It is a document of its own, beside current.json, because it is there before the first object of
// the preview and goes after the last: a listing alone tells which folders of a bucket are
// previews, also of one that was never finished. And each push renews it, whether it makes a
// release or not.

#pragma once

#include "stages/release/manifest.hpp"
#include "stages/release/single.hpp"

#include <deployflow/stage.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace deployflow::release {

inline constexpr std::string_view k_preview_key = ".deployflow/preview.json";

struct PreviewMark {
  Provenance by;               // who pushed it last, when and from what
  std::int64_t expires_s = 0;  // since the epoch, by the store's clock; 0 = never
};

std::string write_preview_mark(const PreviewMark& mark);
Read<PreviewMark> read_preview_mark(std::string_view text);

struct PreviewState {
  bool is_preview = false;          // there is a mark
  std::optional<PreviewMark> mark;  // what it says; nothing if it is damaged
  std::int64_t now_s = 0;           // by the store's clock

  [[nodiscard]] bool is_expired() const {
    return mark && mark->expires_s != 0 && mark->expires_s <= now_s;
  }
};

/// What a target says of itself as a preview. A damaged mark is warned of: such a preview does not
/// expire, can be pushed to, and be removed by its name. One of a later version is a Failure with a
/// finding. Throws Failure if the store failed.
PreviewState read_preview(Ctx ctx,
                          const Store& store,
                          std::string_view target,
                          std::string_view stage);

/// Make the target a preview that lives so long (0 = for ever), or renew it. Refuses a folder with
/// objects that is none: whoever put them there does not expect them to be removed. A dry run only
/// looks. Under the target's lock. Throws Failure, with a finding.
void mark_preview(Ctx ctx,
                  const Store& store,
                  std::string_view target,
                  std::string_view stage,
                  const RunInfo& info,
                  std::chrono::seconds life);

/// The previews among the folders of a target, from its listing.
class PreviewFolders {
 public:
  /// A key of the listing, in any order.
  void note(std::string_view key);
  /// The preview that this key lies in, "previews/a/"; empty if in none.
  [[nodiscard]] std::string_view folder_of(std::string_view key) const;
  [[nodiscard]] bool empty() const { return folders_.empty(); }

 private:
  std::set<std::string, std::less<>> folders_;  // each ends in '/'
};

/// Does this key belong to a reserved folder that is not the target's own: state of another
/// deployment, below a folder of this one?
bool is_state_of_another(std::string_view key);

}  // namespace deployflow::release
