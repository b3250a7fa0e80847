// The probes of a store, in their order, and what runs them.

#pragma once

#include "plugins/host/store/probe/bench.hpp"
#include "plugins/host/store/probe/row.hpp"
#include "plugins/host/store/target.hpp"

#include <functional>
#include <string>
#include <vector>

namespace deployflow::store {

struct Probe {
  std::string name;
  std::function<ProbeRow(Bench&)> run;
};

/// list, put, read, metadata, empty, keys, etag, delete.
std::vector<Probe> object_probes();
/// conditional, copy, multipart, unfinished.
std::vector<Probe> special_probes();
/// What the probe `conditional` finds, for another bench.
ProbeRow conditional_row(Bench& bench);

struct StatePlaces {
  StatePlace site;
  StatePlace state;
};
/// The place that `state:` names: writes, conditions, copies between it and the site, and whether
/// something lies where it was before. `state` outlives the probe, which cleans it; the bench that
/// it runs on is the site's own, with the page that `put` writes.
Probe state_probe(Bench& state, StatePlaces places);

/// Runs them until one says `no` or the user stops; the others are `skipped`. Cleans the bench
/// whatever happened. A row for each probe and one for the cleaning goes to `sink`.
void run_probes(Bench& bench, const std::vector<Probe>& probes, const RowSink& sink);

/// A row for an operation that was refused: `no` if the store could not be reached, failed, or
/// `needed` is the case; else `limited`, with `meaning`.
enum class Need : std::uint8_t { vital, useful };
ProbeRow refused_row(std::string name, const StoreError& error, Need need, std::string meaning);

}  // namespace deployflow::store
