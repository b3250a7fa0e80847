// One deployment to one target, from its lock to its new release: what upload and rollback share.
//
//   lock() ─ read() ─ compare() ─ check() ─ [contents] ─ site ─ [removals] ─ record() ─ release()
//
// The steps in brackets and the site are shipments, which the caller gives to a Delivery, so that
// several targets share one stream of operations. Each step may throw Failure, after which this
// target is left as it is; what was stored stays, and the next run finds it.

#pragma once

#include "stages/release/blobs.hpp"
#include "stages/release/delivery.hpp"
#include "stages/release/diff.hpp"
#include "stages/release/group_order.hpp"
#include "stages/release/lease.hpp"
#include "stages/release/live_state.hpp"
#include "stages/release/preview.hpp"
#include "stages/release/questions.hpp"
#include "stages/release/versions.hpp"

#include <deployflow/stage.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

enum class Publish : std::uint8_t {
  direct,  // contents go to their keys, in the safe order
  staged   // contents go to blobs first, then to their keys by copies inside the store
};

struct DeploymentOptions {
  std::string target;
  std::string stage;  // prefix of the findings' codes
  Publish publish = Publish::direct;
  bool removes = false;              // delete what earlier releases left
  std::uint64_t most_removed = 256;  // more is a conflict, unless a share is given
  double most_removed_share = 0;     // of the live release's files; 0 = by number
  std::size_t keep_assets = 0;       // releases whose files, pages excepted, are kept
  std::size_t keep = 5;              // releases that can be gone back to, the live one included
  bool keep_contents = true;         // what is replaced goes to blobs; false: versions have it
  LeaseOptions lease;
  GroupOrder order;
};

class Deployment {
 public:
  Deployment(Ctx ctx, const RunInfo& info, DeploymentOptions options);

  /// Take the lock. A dry run only looks whether somebody else has it.
  void lock();
  /// What is live, and what the target holds of `wanted`, which outlives this, as do its keys.
  void read(const Inventory& wanted);
  /// Decide about every object. `wanted` has the numbers of the inventory given to read().
  void compare(Catalog wanted, const SameBytes& same_bytes);
  /// As compare(), with another release of this target as what is wanted.
  void compare_with_release(Manifest wanted);
  /// Write down what is about to be stored, as the manifest that record() will complete: should
  /// this run be killed before, a removal knows the objects all the same. Behind compare(). Nothing
  /// in a dry run.
  void draft();
  /// Refuse to delete too much. Throws Failure (DF_CONFLICT) with a finding that lists the keys.
  void check();

  /// Contents that must be in blobs before the site is touched: those that it replaces and, where
  /// it is staged, those that it will get. Nullopt if there are none.
  std::optional<Shipment> contents();
  /// The contents are stored, or there were none. Before the site is delivered.
  void contents_done();
  Shipment site();
  /// Nullopt if there are none.
  std::optional<Shipment> removals();

  /// Write the new release, if anything is other than in the live one, and forget releases that are
  /// too old. Nothing in a dry run.
  void record();
  /// Make the release of compare_with_release() the live one.
  void record_return();
  void release() noexcept;
  /// Nothing more is written to this target, because of `why`.
  void abandon(df_status why) { abandoned_ = why; }
  [[nodiscard]] df_status abandoned() const { return abandoned_; }

  [[nodiscard]] const std::string& target() const { return options_.target; }
  [[nodiscard]] const LiveState& live() const { return live_; }
  /// Id of the release that is live now; empty if there is none.
  [[nodiscard]] std::string_view live_id() const;
  [[nodiscard]] std::uint64_t removed() const { return removals_.count(); }
  /// Keys of the wanted release whose contents are nowhere: no live object, blob or old version.
  std::vector<std::string> missing();

 private:
  [[nodiscard]] Sides sides() const;
  [[nodiscard]] std::string held_etag(std::size_t i) const;
  /// The same; `m`: the number of the live release's object with that key, if there is one.
  [[nodiscard]] std::string held_etag(std::size_t i, std::optional<std::size_t> m) const;
  [[nodiscard]] bool is_unchanged() const;
  ReleaseLine store_release();
  df_status may_write();
  void confirm_lock();
  void check_room(const PreviewFolders& previews);
  void ask_etags();
  void decide();
  void fill(df_op& op, std::size_t i);
  bool other_way(std::size_t i);
  void fill_copy(
      df_op& op, std::string_view from, std::string_view etag, std::uint64_t size, bool slow);
  void prune(const Current& kept);
  [[nodiscard]] PlanLine plan_line(std::size_t i) const;

  Ctx ctx_;
  Store store_;
  const RunInfo& info_;
  DeploymentOptions options_;
  bool is_dry_;
  Lease lease_;
  LiveState live_;
  Catalog nothing_;  // what is owned where no manifest says so
  std::optional<Holdings> held_;
  std::optional<Sightings> seen_;
  const Inventory* inventory_ = nullptr;
  std::optional<Inventory> own_inventory_;  // of a release that is gone back to
  std::optional<Manifest> returning_;       // ... and what it says
  Catalog wanted_;
  std::vector<Change> changes_;
  std::vector<Fate> fates_;
  Blobs blobs_;
  Versions versions_;  // of what no blob has
  Inventory removals_;
  std::vector<UnfinishedUpload> uploads_;
  df_status abandoned_ = DF_OK;
  std::map<std::size_t, int> content_tries_, tries_;  // of objects whose first way failed
  std::vector<df_header> headers_;                    // of the operation that was filled last
  std::string etag_, blob_key_;                       // ... its condition and its source
};

}  // namespace deployflow::release
