#include "plugins/host/store/probe/probes.hpp"

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

// Cleans when it goes, also when a probe throws.
class Cleaning {
 public:
  Cleaning(Bench& bench, const RowSink& sink) : bench_(bench), sink_(sink) {}
  ~Cleaning() { sink_(bench_.clean()); }
  Cleaning(const Cleaning&) = delete;
  Cleaning& operator=(const Cleaning&) = delete;

 private:
  Bench& bench_;
  const RowSink& sink_;
};

bool ends_all(const ProbeRow& row) {
  return row.verdict == Verdict::no;
}

}  // namespace

void run_probes(Bench& bench, const std::vector<Probe>& probes, const RowSink& sink) {
  const Cleaning cleaning(bench, sink);
  std::string why;
  for (const Probe& probe : probes) {
    if (why.empty() && bench.stopped()) {
      why = "interrupted";
    }
    if (!why.empty()) {
      sink({.name = probe.name, .verdict = Verdict::skipped, .detail = why});
      continue;
    }
    ProbeRow row = probe.run(bench);
    if (bench.stopped()) {
      why = "interrupted";
      row = {.name = probe.name, .verdict = Verdict::skipped, .detail = why};
    } else if (ends_all(row)) {
      why = probe.name + " failed";
    }
    sink(row);
  }
}

ProbeRow refused_row(std::string name, const StoreError& error, Need need, std::string meaning) {
  const bool stops = need == Need::vital || error.code == Errc::network || error.transient;
  ProbeRow row;
  row.name = std::move(name);
  row.detail = error.message;
  row.meaning = std::move(meaning);
  row.verdict = stops ? Verdict::no : Verdict::limited;
  if (stops) {
    row.error = error;
    if (need == Need::useful) {
      row.meaning = "the store failed on the way; a deployment would fail as well";
    }
  }
  return row;
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::limited:
      return "limited";
    case Verdict::no:
      return "no";
    case Verdict::info:
      return "info";
    case Verdict::skipped:
      return "skipped";
  }
  return "";
}

}  // namespace deployflow::store
