#include "stages/release/removal.hpp"

#include "stages/release/delivery.hpp"
#include "stages/release/live_state.hpp"
#include "stages/release/preview.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace deployflow::release {
namespace {

/// What is there now.
Inventory list_target(const Store& store, const std::string& target) {
  Inventory held;
  store.list(target, "", [&](const df_object& object) {
    held.add(sv(object.key), object.size, Role::file, 0, sv(object.etag));
  });
  held.seal();
  return held;
}

std::vector<ReleaseLine> list_releases(const Store& store, const std::string& target) {
  std::vector<ReleaseLine> lines;
  store.list(target, k_releases_prefix, [&](const df_object& object) {
    const std::string_view id = sv(object.key).substr(k_releases_prefix.size());
    if (id.ends_with(".json") && is_release_id(id.substr(0, id.size() - 5))) {
      lines.emplace_back().id = id.substr(0, id.size() - 5);
    }
  });
  return lines;
}

/// The role of each object that is still as some release left it; nullopt for those of others. One
/// manifest at a time is in memory.
std::vector<std::optional<Role>> find_own(Ctx ctx,
                                          const Store& store,
                                          const std::string& target,
                                          std::string_view stage,
                                          const Inventory& held) {
  std::vector<std::optional<Role>> own(held.count());
  for (const ReleaseLine& line : list_releases(store, target)) {
    const auto manifest = read_release(ctx, store, target, stage, line);
    for (std::size_t m = 0; manifest && m < manifest->objects.count(); ++m) {
      const Catalog& objects = manifest->objects;
      const auto i = held.find(objects.key(m));
      if (i && held.size(*i) == objects.size(m) && objects.has_etag(m, held.etag(*i))) {
        own[*i] = role_by_media_type(objects.key(m), header_of(objects.headers(m), "content-type"));
      }
    }
  }
  return own;
}

/// Everything of `what` is deleted, phase after phase.
void remove_all(Ctx ctx,
                const Store& store,
                std::string_view stage,
                Shipment shipment,
                const std::function<df_status()>& may_write) {
  shipment.is_site = false;
  shipment.fill = [](df_op& op, std::size_t) { op.kind = DF_OP_DELETE; };
  shipment.may_write = may_write;
  Delivery delivery(ctx, stage);
  delivery.add(std::move(shipment));
  const Outcome outcome = delivery.run(store).front();
  if (!outcome.is_current()) {
    throw Failure{outcome.status == DF_OK ? DF_IO : outcome.status, ""};
  }
}

constexpr auto k_first = static_cast<std::uint8_t>(Phase::new_files);
constexpr auto k_second = static_cast<std::uint8_t>(Phase::changed_files);

void remove_state(Ctx ctx,
                  const Store& store,
                  const std::string& target,
                  std::string_view stage,
                  const std::function<df_status()>& may_write) {
  Inventory state;
  store.list(target, k_reserved, [&](const df_object& object) {
    if (sv(object.key) != k_lock_key) {
      state.add(sv(object.key), object.size, Role::file, 0);
    }
  });
  state.seal();
  Shipment shipment;
  shipment.target = target;
  shipment.wanted = &state;
  for (std::size_t i = 0; i < state.count(); ++i) {
    shipment.phases.push_back(state.key(i) == k_preview_key ? k_second : k_first);
  }
  remove_all(ctx, store, stage, std::move(shipment), may_write);
}

}  // namespace

Removed remove_deployment(Ctx ctx,
                          const Store& store,
                          const std::string& target,
                          std::string_view stage,
                          const std::string& reason,
                          const std::function<df_status()>& may_write) {
  Removed removed;
  const Inventory held = list_target(store, target);
  const auto own = find_own(ctx, store, target, stage, held);
  Inventory site;
  for (std::size_t i = 0; i < held.count(); ++i) {
    if (own[i]) {
      site.add(held.key(i), held.size(i), *own[i], 0);
      removed.bytes += held.size(i);
    } else {
      removed.left.emplace_back(held.key(i));
    }
  }
  site.seal();
  removed.objects = site.count();
  Shipment shipment;
  shipment.target = target;
  shipment.wanted = &site;
  for (std::size_t i = 0; i < site.count(); ++i) {
    shipment.phases.push_back(site.role(i) == Role::file ? k_second : k_first);
  }
  shipment.plan = [&](std::size_t) { return PlanLine{DF_DELETE, reason}; };
  shipment.uploads = list_unfinished(ctx, store, target, site);
  declare(ctx, shipment);
  remove_all(ctx, store, stage, std::move(shipment), may_write);
  remove_state(ctx, store, target, stage, may_write);
  return removed;
}

}  // namespace deployflow::release
