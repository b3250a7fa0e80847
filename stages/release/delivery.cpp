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
  return result.status == DF_OK && result.confirmed == 0 ? DF_IO : result.status;
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

Delivery::Delivery(Ctx ctx, std::string_view stage, const Inventory& wanted, Fill fill)
    : ctx_(ctx), stage_(stage), wanted_(&wanted), fill_(std::move(fill)) {}

void Delivery::add(std::string_view target,
                   const Verdicts& verdicts,
                   std::vector<UnfinishedUpload> uploads) {
  Route& route = routes_.emplace_back(*wanted_, verdicts);
  route.outcome.target = target;
  route.outcome.total = route.lane.total();
  route.outcome.kept = wanted_->count() - route.lane.total();
  route.uploads = std::move(uploads);
  files_total_ += route.lane.total();
  for (std::size_t i = 0; i < wanted_->count(); ++i) {
    const Verdict verdict = verdicts[i];
    const std::int32_t action = verdict == Verdict::same     ? DF_KEEP
                                : verdict == Verdict::absent ? DF_PUT
                                                             : DF_UPDATE;
    const std::uint64_t moved = action == DF_KEEP ? 0 : wanted_->size(i);
    bytes_total_ += moved;
    ctx_.plan(action, target, wanted_->key(i), moved, reason(verdict));
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
  if (state > route.state) {
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
    if (const auto index = route.lane.take()) {
      announce(route, is_visible(route.lane.phase()) ? DF_SITE_CHANGING : DF_SITE_PREPARED);
      op.tag = make_tag(number, *index);
      op.target = cs(route.outcome.target);
      op.key = cs(wanted_->key(*index));
      fill_(op, *index);
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
  route.lane.settle(status);
  if (status == DF_OK) {
    route.outcome.bytes += wanted_->size(index);
    bytes_done_ += wanted_->size(index);
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
  const std::string_view key = wanted_->key(index);
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
      .on(wanted_->id(index))
      .hint(std::string(sv(result.hint)));
}

// Last, and only where everything is stored: an upload that the host could resume has been used up
// by then, and the rest are leftovers of files that are kept, or no longer sent in parts.
void Delivery::abort_unfinished(const Store& store) {
  std::vector<std::pair<const Route*, const UnfinishedUpload*>> left;
  for (const Route& route : routes_) {
    for (const UnfinishedUpload& upload : route.uploads) {
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
    op.key = cs(wanted_->key(upload->index));
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

std::string summary(const Outcome& outcome) {
  return outcome.target + ": " + std::to_string(outcome.stored) + " of " +
         std::to_string(outcome.total) + " files stored (" + std::to_string(outcome.bytes) +
         " bytes), " + std::to_string(outcome.kept) + " already there";
}

}  // namespace deployflow::release
