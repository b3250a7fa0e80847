#include "stages/replicate/replicate.hpp"

#include "stages/release/compare.hpp"
#include "stages/release/delivery.hpp"
#include "stages/release/holdings.hpp"
#include "stages/release/inventory.hpp"
#include "stages/release/lease.hpp"
#include "stages/release/order.hpp"
#include "stages/release/preview.hpp"
#include "stages/replicate/provenance.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace deployflow::stages {
namespace {

/// Without the previews: only the whole listing tells which folders are some.
release::Inventory without(const release::PreviewFolders& previews,
                           const release::Inventory& source) {
  release::Inventory out;
  for (std::size_t i = 0; i < source.count(); ++i) {
    if (previews.folder_of(source.key(i)).empty()) {
      out.add(source.key(i), source.size(i), source.role(i), 0, source.etag(i));
    }
  }
  out.seal();
  return out;
}

release::Inventory read_source(const Store& store, const std::string& from) {
  release::Inventory source;
  release::PreviewFolders previews;
  store.list(from, "", [&](const df_object& object) {
    const std::string_view key = sv(object.key);
    previews.note(key);
    // A console's marker of the folder that is the target's prefix is no object of the site, and
    // what a deployment keeps for itself is true in its own place alone.
    if (!key.empty() && !release::is_state_of_another(key)) {
      source.add(key, object.size, release::role_by_key(key), 0, sv(object.etag));
    }
  });
  source.seal();
  return previews.empty() ? std::move(source) : without(previews, source);
}

/// One pass over all destinations, from listing to the last confirmation.
class Replication {
 public:
  Replication(Ctx ctx,
              const RunInfo& info,
              const std::string& from,
              const release::Inventory& source)
      : ctx_(ctx), info_(info), store_(ctx.store()), from_(from), source_(source) {}

  /// Lock and list the destinations and decide. One that cannot be is left out: the others go on.
  void compare(const std::vector<std::string>& to, release::LeaseOptions options) {
    for (const std::string& target : to) {
      try {
        auto lease =
            std::make_unique<release::Lease>(ctx_, store_, target, Replicate::name, info_, options);
        if (info_.dry_run == 0) {
          lease->acquire();
        }
        destinations_.push_back({target, compare_with(target)});
        leases_.emplace(target, std::move(lease));
      } catch (const Failure& failure) {
        release::Outcome lost;
        lost.target = target;
        lost.total = source_.count();
        lost.status = failure.status;
        outcomes_.push_back(std::move(lost));
        if (failure.what()[0] != '\0') {
          ctx_.error("replicate/list", target + ": " + failure.what());
        }
      }
    }
    decide_by_provenance(store_, source_, destinations_);
  }

  std::vector<release::Outcome> deliver() {
    release::Delivery delivery(ctx_, Replicate::name);
    std::vector<std::pair<std::string_view, std::string_view>> bases;
    for (Destination& destination : destinations_) {
      const release::Verdicts verdicts = std::exchange(destination.verdicts, {});
      release::Shipment shipment;
      shipment.target = destination.target;
      shipment.wanted = &source_;
      shipment.phases = release::phases_of(source_, verdicts);
      shipment.fill = [this](df_op& op, std::size_t i) { fill(op, i); };
      shipment.plan = [&](std::size_t i) { return release::plan_line(verdicts[i]); };
      shipment.uploads = release::list_unfinished(ctx_, store_, shipment.target, source_);
      shipment.may_write = [this, target = shipment.target] { return may_write(target); };
      release::declare(ctx_, shipment);
      bases.emplace_back(destination.target, "");
      delivery.add(std::move(shipment));
    }
    ctx_.planned(bases);
    for (const auto& [target, lease] : leases_) {
      if (info_.dry_run == 0) {
        lease->settle_probe();
      }
    }
    for (release::Outcome& outcome : delivery.run(store_)) {
      outcomes_.push_back(std::move(outcome));
    }
    return std::move(outcomes_);
  }

 private:
  df_status may_write(const std::string& target) {
    if (info_.dry_run != 0 || leases_.at(target)->is_held()) {
      return DF_OK;
    }
    if (lost_.insert(target).second) {
      ctx_.error("replicate/lock-lost", target + ": the lock was lost, so nothing more is written")
          .hint("look who deployed meanwhile, then run the same command again");
    }
    return DF_CONFLICT;
  }

  release::Verdicts compare_with(const std::string& target) const {
    const release::Holdings held = release::list_holdings(store_, target, source_);
    const auto etag_of = [this](std::size_t i) { return std::string(source_.etag(i)); };
    return release::compare(source_, held, etag_of, release::Verdict::undecided);
  }

  void fill(df_op& op, std::size_t i) {
    header_ = {cs(k_source_etag_header), cs(source_.etag(i))};
    op.kind = DF_OP_TRANSFER;
    op.from_target = cs(from_);
    op.from_key = op.key;
    op.size = source_.size(i);
    op.if_match = cs(source_.etag(i));
    op.headers = &header_;
    op.header_count = source_.etag(i).empty() ? 0 : 1;
  }

  Ctx ctx_;
  const RunInfo& info_;
  Store store_;
  const std::string& from_;
  const release::Inventory& source_;
  std::vector<Destination> destinations_;
  std::map<std::string, std::unique_ptr<release::Lease>> leases_;  // by target
  std::set<std::string> lost_;                                     // that it was said of
  std::vector<release::Outcome> outcomes_;  // of destinations that were left out, then of the rest
  df_header header_{};                      // of the operation that was filled last
};

void set_outputs(Ctx ctx, const std::vector<release::Outcome>& outcomes) {
  std::uint64_t stored = 0, kept = 0, bytes = 0;
  for (const release::Outcome& outcome : outcomes) {
    stored += outcome.stored;
    kept += outcome.kept;
    bytes += outcome.bytes;
  }
  ctx.set_output("transferred", std::to_string(stored));
  ctx.set_output("kept", std::to_string(kept));
  ctx.set_output("bytes", std::to_string(bytes));
}

/// "not current: mirror (3 of 42 files stored), backup (0 of 42 files stored); current: far"
std::string verdict_text(const std::vector<release::Outcome>& outcomes) {
  std::string behind, current;
  for (const release::Outcome& outcome : outcomes) {
    std::string& list = outcome.is_current() ? current : behind;
    list += (list.empty() ? "" : ", ") + outcome.target;
    if (!outcome.is_current()) {
      list += " (" + std::to_string(outcome.stored) + " of " + std::to_string(outcome.total) +
              " files stored)";
    }
  }
  return "not current: " + behind + (current.empty() ? "" : "; current: " + current);
}

void finish(Ctx ctx, const std::vector<release::Outcome>& outcomes, bool dry_run) {
  df_status gravest = DF_OK;
  for (const release::Outcome& outcome : outcomes) {
    gravest = release::graver(gravest, outcome.is_current() ? DF_OK : outcome.status);
    ctx.log(DF_INFO, (dry_run ? "dry run: " : "") + release::summary(outcome));
  }
  if (gravest != DF_OK) {
    throw Failure{gravest, verdict_text(outcomes)};
  }
}

}  // namespace

void Replicate::configure(Ctx ctx, const Options& given) {
  from_ = given.get<std::string>("from");
  lease_.wait = std::chrono::milliseconds(given.get_or<std::int64_t>("wait", 0));
  given.each<std::string>("to", [this](const std::string& target) { to_.push_back(target); });
  std::string wrong;
  if (to_.empty()) {
    wrong = "`to` names no target";
  }
  for (auto target = to_.begin(); target != to_.end(); ++target) {
    if (*target == from_) {
      wrong = "`to` names " + from_ + ", which is also `from`";
    } else if (std::find(to_.begin(), target, *target) != target) {
      wrong = "`to` names " + *target + " twice";
    }
  }
  if (!wrong.empty()) {
    ctx.error("replicate/options", wrong).at(given.pos("to"));
    throw Failure{DF_BAD_OPTIONS, ""};
  }
}

void Replicate::run(Ctx ctx, const RunInfo& info) const {
  const release::Inventory source = read_source(ctx.store(), from_);
  if (source.count() == 0) {
    ctx.error("replicate/nothing", "nothing to replicate: " + from_ + " holds no object")
        .hint("let a stage such as upload fill " + from_ + " first");
    throw Failure{DF_FAILED, ""};
  }
  Replication replication(ctx, info, from_, source);
  replication.compare(to_, lease_);
  const std::vector<release::Outcome> outcomes = replication.deliver();
  set_outputs(ctx, outcomes);
  finish(ctx, outcomes, info.dry_run != 0);
}

}  // namespace deployflow::stages
