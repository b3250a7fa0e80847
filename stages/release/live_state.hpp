// What a target says of its releases: read before a deployment, written after it.

#pragma once

#include "stages/release/manifest.hpp"
#include "stages/release/single.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::release {

struct LiveState {
  std::optional<Current> current;
  std::string current_etag;      // of the object, readable or not; empty = there is none
  std::int64_t confirmed_s = 0;  // when it was written, by the store's clock; 0 = never
  std::optional<Manifest> live;  // of the live release, if it could be read
};

/// current.json and the manifest of the live release. A document that is damaged or missing is
/// warned of and left out: the bucket is then adopted as it is. One of a later version is a Failure
/// with a finding: it must not be overwritten by guesses. Throws Failure if the store failed.
/// `known`: as in read_manifest().
LiveState read_live(Ctx ctx,
                    const Store& store,
                    std::string_view target,
                    std::string_view stage,
                    const Inventory* known = nullptr);

/// current.json alone, as above.
LiveState read_current_state(Ctx ctx,
                             const Store& store,
                             std::string_view target,
                             std::string_view stage);

/// The manifest of a release; nullopt with a warning if it is missing or damaged, Failure if it is
/// of a later version or the store failed.
std::optional<Manifest> read_release(Ctx ctx,
                                     const Store& store,
                                     std::string_view target,
                                     std::string_view stage,
                                     const ReleaseLine& line,
                                     const Inventory* known = nullptr);

/// Stores a new release's manifest; fills in its size and ETag. Through a file without a name, so
/// that memory does not grow with it and a run that is killed leaves nothing. Throws Failure.
void store_manifest(Ctx ctx,
                    const Store& store,
                    std::string_view target,
                    std::string_view stage,
                    ReleaseLine& release,
                    const Contents& contents);

/// Replaces current.json on condition that it is the one that was read. Throws Failure: DF_CONFLICT
/// if it is not.
void store_current(Ctx ctx,
                   const Store& store,
                   std::string_view target,
                   std::string_view stage,
                   const Current& current,
                   LiveState& state);

/// "20261120T223311Z-9f2c1a": the run's id; with "-2" behind it for the second release of a run.
std::string new_release_id(std::string_view run_id, const std::optional<Current>& current);

Provenance provenance_of_run(Ctx ctx, const RunInfo& info);

}  // namespace deployflow::release
