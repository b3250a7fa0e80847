#include "stages/release/delivery.hpp"

#include <algorithm>
#include <utility>

namespace deployflow::release {
namespace {

// An operation's tag: which route in the upper half, which object in the lower.
std::uint64_t make_tag(std::size_t route, std::size_t index) {
  return (static_cast<std::uint64_t>(route) << 32U) | static_cast<std::uint64_t>(index);
}
std::size_t route_of(std::uint64_t tag) {
  return static_cast<std::size_t>(tag >> 32U);
}
std::size_t index_of(std::uint64_t tag) {
  return static_cast<std::size_t>(tag & 0xFFFFFFFFU);
}

/// What a result means here: exit 0 promises that every object was confirmed.
df_status status_of(const df_op_result& result) {
  const bool is_proven = result.confirmed != 0 || result.kind == DF_OP_DELETE;
  return result.status == DF_OK && !is_proven ? DF_IO : result.status;
}

/// Bytes of an object that have to move.
std::uint64_t moved(const Shipment& shipment, std::size_t i) {
  return shipment.phases[i] == k_nothing ? 0 : shipment.wanted->size(i);
}

std::string_view kind_of(const df_op_result& result) {
  switch (result.status) {
    case DF_OK:
      return "not-confirmed";
    case DF_NOT_FOUND:
      return "not-found";
    case DF_DENIED:
      return "denied";
    case DF_CONFLICT:
      return "conflict";
    case DF_IO:
      return "io";
    case DF_TIMEOUT:
      return "timeout";
    case DF_INTERNAL:
      return "internal";
    default:
      return "failed";
  }
}

}  // namespace

void Delivery::add(Shipment shipment) {
  Route& route = routes_.emplace_back(std::move(shipment));
  const Shipment& what = route.shipment;
  route.outcome.target = what.target;
  route.outcome.total = route.lane.total();
  route.outcome.kept = what.wanted->count() - route.lane.total();
  files_total_ += route.lane.total();
  for (std::size_t i = 0; i < what.phases.size(); ++i) {
    bytes_total_ += moved(what, i);
  }
}

std::vector<Outcome> Delivery::run(const Store& store) {
  for (Route& route : routes_) {
    if (route.lane.is_complete()) {
      announce(route, DF_SITE_CURRENT);
    }
  }
  if (files_total_ > 0) {
    ctx_.progress(0, files_total_, 0, bytes_total_, "files");
    store.batch([this](df_op& op) { return next(op); },
                [this](const df_op_result& result) { done(result); });
  }
  abort_unfinished(store);
  std::vector<Outcome> outcomes;
  for (Route& route : routes_) {
    route.outcome.stored = route.lane.stored();
    route.outcome.status = route.lane.status();
    if (route.outcome.status == DF_CANCELLED) {
      throw Cancelled{};
    }
    outcomes.push_back(route.outcome);
  }
  return outcomes;
}

void Delivery::announce(Route& route, std::int32_t state) {
  if (route.shipment.is_site && state > route.state) {
    route.state = state;
    ctx_.site_state(route.outcome.target, state);
  }
}

df_status Delivery::next(df_op& op) {
  bool waiting = false;
  for (std::size_t asked = 0; asked < routes_.size(); ++asked) {
    const std::size_t number = turn_;
    turn_ = (turn_ + 1) % routes_.size();
    Route& route = routes_[number];
    if (!route.lane.is_complete() && route.shipment.may_write != nullptr) {
      if (const df_status why = route.shipment.may_write(); why != DF_OK) {
        route.lane.stop(why);
      }
    }
    if (const auto index = route.lane.take()) {
      const std::uint8_t phase = route.lane.phase();
      const bool is_seen = route.shipment.is_visible != nullptr
                               ? route.shipment.is_visible(phase)
                               : is_visible(static_cast<Phase>(phase));
      announce(route, is_seen ? DF_SITE_CHANGING : DF_SITE_PREPARED);
      op.tag = make_tag(number, *index);
      op.target = cs(route.outcome.target);
      op.key = cs(route.shipment.wanted->key(*index));
      route.shipment.fill(op, *index);
      return DF_OK;
    }
    waiting = waiting || route.lane.in_flight() > 0;
  }
  return waiting ? DF_AGAIN : DF_NOT_FOUND;
}

void Delivery::done(const df_op_result& result) {
  const std::size_t index = index_of(result.tag);
  Route& route = routes_.at(route_of(result.tag));
  const df_status status = status_of(result);
  if (status != DF_OK && status != DF_CANCELLED && route.shipment.other_way != nullptr &&
      route.shipment.other_way(index, result)) {
    route.lane.put_back(index);
    return;
  }
  route.lane.settle(status);
  if (status == DF_OK) {
    const std::uint64_t size = route.shipment.wanted->size(index);
    if (route.shipment.stored != nullptr) {
      route.shipment.stored(index, result);
    }
    route.outcome.bytes += size;
    bytes_done_ += size;
    ctx_.progress(++files_done_, files_total_, bytes_done_, bytes_total_, "files");
    if (route.lane.is_complete()) {
      announce(route, DF_SITE_CURRENT);
    }
  } else if (status != DF_CANCELLED) {
    report(route, index, result);
  }
}

void Delivery::report(const Route& route, std::size_t index, const df_op_result& result) {
  const std::string_view code = sv(result.error_code);
  const std::string_view key = route.shipment.wanted->key(index);
  std::string message(sv(result.message));
  if (message.empty()) {
    message = result.status == DF_OK ? "stored, but the store did not prove size and checksum"
                                     : "could not be stored";
  }
  if (message.find(key) == std::string::npos) {
    message = std::string(key) + ": " + message;
  }
  if (routes_.size() > 1) {
    message = route.outcome.target + ": " + message;
  }
  ctx_.error(stage_ + "/" + std::string(code.empty() ? kind_of(result) : code), std::move(message))
      .on(route.shipment.wanted->id(index))
      .hint(std::string(sv(result.hint)));
}

// Last, and only where everything is stored: an upload that the host could resume has been used up
// by then, and the rest are leftovers of files that are kept, or no longer sent in parts.
void Delivery::abort_unfinished(const Store& store) {
  std::vector<std::pair<const Route*, const UnfinishedUpload*>> left;
  for (const Route& route : routes_) {
    for (const UnfinishedUpload& upload : route.shipment.uploads) {
      if (route.lane.is_complete()) {
        left.emplace_back(&route, &upload);
      }
    }
  }
  if (left.empty()) {
    return;
  }
  std::size_t given = 0, failed = 0;
  const auto give = [&](df_op& op) -> df_status {
    if (given == left.size()) {
      return DF_NOT_FOUND;
    }
    const auto& [route, upload] = left[given++];
    op.kind = DF_OP_ABORT_UPLOAD;
    op.target = cs(route->outcome.target);
    op.key = cs(route->shipment.wanted->key(upload->index));
    op.upload_id = cs(upload->upload_id);
    return DF_OK;
  };
  store.batch(give, [&](const df_op_result& result) {
    failed += result.status == DF_OK || result.status == DF_NOT_FOUND ? 0U : 1U;
  });
  ctx_.log(failed == 0 ? DF_DEBUG : DF_WARN,
           std::to_string(left.size() - failed) + " of " + std::to_string(left.size()) +
               " unfinished uploads of earlier runs removed");
}

void declare(Ctx ctx, const Shipment& shipment) {
  for (std::size_t i = 0; shipment.plan != nullptr && i < shipment.phases.size(); ++i) {
    const PlanLine line = shipment.plan(i);
    ctx.plan(
        line.action, shipment.target, shipment.wanted->key(i), moved(shipment, i), line.reason);
  }
}

PlanLine plan_line(Verdict verdict) {
  const std::int32_t action = verdict == Verdict::same     ? DF_KEEP
                              : verdict == Verdict::absent ? DF_PUT
                                                           : DF_UPDATE;
  return {action, std::string(reason(verdict))};
}

std::string summary(const Outcome& outcome) {
  return outcome.target + ": " + std::to_string(outcome.stored) + " of " +
         std::to_string(outcome.total) + " files stored (" + std::to_string(outcome.bytes) +
         " bytes), " + std::to_string(outcome.kept) + " already there";
}

}  // namespace deployflow::release
