#include "stages/release/deployment.hpp"

#include "stages/release/etag.hpp"
#include "stages/release/prune.hpp"
#include "stages/release/release_contents.hpp"

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

namespace deployflow::release {
namespace {

// Up to here one copy inside a store keeps the ETag; what was stored in parts needs another way,
// which DF_OP_TRANSFER knows.
constexpr std::uint64_t k_single_copy = 16U << 20;

constexpr std::string_view k_blob_type = "application/octet-stream";

/// May this blob be taken for the content of object `i`?
bool is_usable(const Blobs::Held* blob, const Catalog& wanted, std::size_t i) {
  return blob != nullptr && blob->size == wanted.size(i) &&
         (wanted.has_etag(i, blob->etag) || !is_md5_etag(blob->etag) ||
          !is_md5_etag(wanted.etag(i)));
}

}  // namespace

Deployment::Deployment(Ctx ctx, const RunInfo& info, DeploymentOptions options)
    : ctx_(ctx),
      store_(ctx.store()),
      info_(info),
      options_(std::move(options)),
      is_dry_(info.dry_run != 0),
      lease_(ctx, store_, options_.target, options_.stage, info, options_.lease) {}

void Deployment::lock() {
  if (!is_dry_) {
    lease_.acquire();
    return;
  }
  constexpr std::uint64_t k_largest_lock = 64U << 10;
  const Answer seen = get(store_, options_.target, k_lock_key, k_largest_lock);
  const auto holder = seen.status == DF_OK ? read_holder(seen.body) : std::nullopt;
  if (holder) {
    ctx_.log(DF_WARN,
             options_.target + " is locked by " + describe(*holder) +
                 ": what it does meanwhile is not in this plan");
  }
}

void Deployment::release() noexcept {
  lease_.release();
}

df_status Deployment::may_write() {
  if (abandoned_ == DF_OK && !is_dry_ && !lease_.is_held()) {
    ctx_.error(options_.stage + "/lock-lost",
               options_.target + ": the lock was lost, so nothing more is written")
        .hint("look who deployed meanwhile, then run the same command again");
    abandoned_ = DF_CONFLICT;
  }
  return abandoned_;
}

std::string_view Deployment::live_id() const {
  return live_.current ? std::string_view(live_.current->live) : std::string_view();
}

void Deployment::read(const Inventory& wanted) {
  inventory_ = &wanted;
  live_ = read_live(ctx_, store_, options_.target, options_.stage, &wanted);
  nothing_.seal();
  PreviewFolders previews;
  held_.emplace(wanted);
  seen_.emplace(live_.live ? live_.live->objects : nothing_);
  store_.list(options_.target, "", [&](const df_object& object) {
    const bool is_intact = seen_->note(sv(object.key), object.size, sv(object.etag));
    held_->note(sv(object.key),
                object.size,
                is_intact ? std::string_view() : sv(object.etag),
                object.mtime_s > live_.confirmed_s);
    previews.note(sv(object.key));
  });
  check_room(previews);
}

// A preview is removed one day, and with it whatever has taken the place of its objects.
void Deployment::check_room(const PreviewFolders& previews) {
  for (std::size_t i = 0; !previews.empty() && i < inventory_->count(); ++i) {
    if (const std::string_view folder = previews.folder_of(inventory_->key(i)); !folder.empty()) {
      ctx_.error(options_.stage + "/in-preview",
                 options_.target + ": " + std::string(inventory_->key(i)) +
                     " would lie in a preview, " + std::string(folder))
          .on(inventory_->id(i))
          .hint(
              "remove the preview (`deployflow previews --remove NAME`), or keep previews in "
              "another folder (`previews:` of the target)");
      throw Failure{DF_CONFLICT, ""};
    }
  }
}

std::string Deployment::held_etag(std::size_t i) const {
  return held_etag(i, live_.live ? live_.live->objects.find(wanted_.key(i)) : std::nullopt);
}

std::string Deployment::held_etag(std::size_t i, std::optional<std::size_t> m) const {
  return m && seen_->is_intact(*m) ? live_.live->objects.etag(*m) : std::string(held_->etag(i));
}

Sides Deployment::sides() const {
  return {wanted_, *held_, live_.live ? live_.live->objects : nothing_, *seen_};
}

void Deployment::compare(Catalog wanted, const SameBytes& same_bytes) {
  wanted_ = std::move(wanted);
  const Sides all = sides();
  changes_.resize(wanted_.count());
  InOrder owned(all.owned);
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    changes_[i] = compare_object(all, i, owned.find(wanted_.key(i)));
  }
  ask_etags();
  settle_questions(store_, options_.target, all, changes_, same_bytes);
  decide();
}

void Deployment::compare_with_release(Manifest wanted) {
  own_inventory_.emplace();
  returning_ = std::move(wanted);
  Catalog objects;
  // What that release had left behind is no part of its site.
  const Catalog& from = returning_->objects;
  for (std::size_t i = 0; i < from.count(); ++i) {
    if (!from.is_leftover(i)) {
      const auto type = header_of(from.headers(i), "content-type");
      const Lent key{from.key(i)};
      own_inventory_->add(key, from.size(i), role_by_media_type(key.text, type), 0);
      objects.add(key,
                  from.size(i),
                  from.sha256(i),
                  from.md5(i),
                  from.own_etag(i),
                  objects.intern(from.headers(i)));
    }
  }
  own_inventory_->seal();
  objects.seal();
  read(*own_inventory_);
  compare(std::move(objects), nullptr);
}

// The ETag of a large file is made from its parts, so it is computed where nothing else can tell.
void Deployment::ask_etags() {
  std::vector<std::size_t> asked;
  std::vector<std::uint64_t> ids;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (changes_[i].question == Question::content && inventory_->id(i) != 0) {
      asked.push_back(i);
      ids.push_back(inventory_->id(i));
    }
  }
  constexpr std::size_t k_at_once = 256;
  const Sides all = sides();
  for (std::size_t first = 0; first < ids.size(); first += k_at_once) {
    ctx_.check();
    const std::size_t last = std::min(ids.size(), first + k_at_once);
    const auto etags = store_.etags({ids.begin() + static_cast<std::ptrdiff_t>(first),
                                     ids.begin() + static_cast<std::ptrdiff_t>(last)});
    for (std::size_t k = first; k < last; ++k) {
      changes_[asked[k]] = compare_object(all, asked[k], etags[k - first]);
    }
  }
}

void Deployment::decide() {
  const Sides all = sides();
  find_copies(all, changes_);
  Keeping keeping;
  keeping.removes = options_.removes;
  keeping.is_part = info_.site_is_file != 0 && !returning_;
  if (live_.current) {
    for (const ReleaseLine& one : live_.current->releases) {
      if (keeping.recent.size() < options_.keep_assets) {
        keeping.recent.push_back(one.id);
      }
    }
  }
  fates_ = fates_of(all, keeping, live_id());
  std::size_t foreign = 0, left = 0;
  for (std::size_t m = 0; m < fates_.size(); ++m) {
    if (fates_[m] == Fate::remove && returning_ && returning_->objects.find(all.owned.key(m))) {
      fates_[m] = Fate::leave;  // it was there then, too
    }
    if (fates_[m] == Fate::remove) {
      const auto type = header_of(all.owned.headers(m), "content-type");
      const Role role = role_by_media_type(all.owned.key(m), type);
      removals_.add(all.owned.key(m), all.owned.size(m), role, 0);
    }
    foreign += fates_[m] == Fate::not_ours && seen_->is_there(m) ? 1U : 0U;
    left += fates_[m] == Fate::leave ? 1U : 0U;
  }
  removals_.seal();
  if (foreign > 0) {
    ctx_.log(DF_WARN,
             options_.target + ": " + std::to_string(foreign) +
                 " objects of earlier releases were replaced by somebody else, and are left");
  }
  if (left > 0 && !options_.removes) {
    ctx_.log(DF_INFO,
             options_.target + ": " + std::to_string(left) +
                 " objects of earlier releases are no longer in the site, and are left");
  }
}

void Deployment::check() {
  std::size_t live = 0;
  for (std::size_t m = 0; live_.live && m < live_.live->objects.count(); ++m) {
    live += live_.live->objects.is_leftover(m) ? 0U : 1U;
  }
  const std::uint64_t most =
      options_.most_removed_share > 0
          ? static_cast<std::uint64_t>(options_.most_removed_share * static_cast<double>(live))
          : options_.most_removed;
  const std::size_t count = removals_.count();
  if (count <= most) {
    return;
  }
  std::string list;
  constexpr std::size_t k_shown = 10;
  for (std::size_t i = 0; i < std::min(count, k_shown); ++i) {
    list += "\n  " + std::string(removals_.key(i));
  }
  if (count > k_shown) {
    list += "\n  and " + std::to_string(count - k_shown) + " more";
  }
  ctx_.error(options_.stage + "/max-delete",
             options_.target + ": " + std::to_string(count) +
                 " objects would be deleted, and max_delete allows " + std::to_string(most) +
                 "; nothing was done" + list)
      .hint("if that is meant, raise max_delete for this run");
  throw Failure{DF_CONFLICT, ""};
}

std::optional<Shipment> Deployment::contents() {
  const bool is_staged = options_.publish == Publish::staged;
  const bool keeps = options_.keep > 1 && options_.keep_contents && live_.live.has_value();
  const Sides all = sides();
  const auto is_replaced = [](const Change& change) {
    return change.is_known && (change.act == Act::put || change.act == Act::copy);
  };
  const bool is_needed =
      (keeps &&
       (removals_.count() > 0 || std::any_of(changes_.begin(), changes_.end(), is_replaced))) ||
      (is_staged && std::any_of(changes_.begin(),
                                changes_.end(),
                                [](const Change& change) { return change.act == Act::put; })) ||
      own_inventory_.has_value();
  if (!is_needed) {
    return std::nullopt;
  }
  blobs_.list(store_, options_.target);
  InOrder wanted(all.wanted);
  for (std::size_t m = 0; keeps && m < all.owned.count(); ++m) {
    const auto i = wanted.find(all.owned.key(m));
    if (all.owned.size(m) > 0 && (fates_[m] == Fate::remove || (i && is_replaced(changes_[*i])))) {
      blobs_.want({all.owned.sha256(m),
                   all.owned.size(m),
                   0,
                   std::string(all.owned.key(m)),
                   all.owned.etag(m)});
    }
  }
  for (std::size_t i = 0; is_staged && i < changes_.size(); ++i) {
    if (changes_[i].act == Act::put && inventory_->id(i) != 0 && wanted_.size(i) > 0) {
      blobs_.want({wanted_.sha256(i), wanted_.size(i), inventory_->id(i), {}, {}});
    }
  }
  const Inventory& inventory = blobs_.seal();
  if (inventory.count() == 0) {
    return std::nullopt;
  }
  Shipment shipment;
  shipment.target = options_.target;
  shipment.wanted = &inventory;
  shipment.phases.assign(inventory.count(), static_cast<std::uint8_t>(Phase::new_files));
  shipment.is_site = false;
  shipment.fill = [this](df_op& op, std::size_t i) {
    const Blobs::Origin& origin = blobs_.wanted()[i];
    op.flags = DF_OP_REPLACE;
    op.media_type = cs(k_blob_type);
    if (origin.artifact != 0) {
      op.kind = DF_OP_PUT;
      op.artifact_id = origin.artifact;
      return;
    }
    headers_.clear();
    fill_copy(op, origin.key, origin.etag, origin.size, content_tries_.count(i) > 0);
  };
  shipment.other_way = [this](std::size_t i, const df_op_result& result) {
    return result.kind == DF_OP_COPY && ++content_tries_[i] == 1;
  };
  shipment.may_write = [this] { return may_write(); };
  shipment.stored = [this](std::size_t i, const df_op_result& result) {
    blobs_.made(i, sv(result.object.etag));
  };
  return shipment;
}

void Deployment::fill_copy(
    df_op& op, std::string_view from, std::string_view etag, std::uint64_t size, bool slow) {
  etag_ = etag;
  op.flags = DF_OP_REPLACE;
  op.from_key = cs(from);
  op.if_match = cs(etag_);
  op.kind = DF_OP_COPY;
  op.size = size;
  if (slow || size > k_single_copy) {
    op.kind = DF_OP_TRANSFER;
    op.from_target = cs(options_.target);
  }
}

void Deployment::fill(df_op& op, std::size_t i) {
  const StoredHeaders& headers = wanted_.headers(i);
  headers_.clear();
  for (const auto& [name, value] : headers) {
    if (name != "content-type") {
      headers_.push_back({cs(name), cs(value)});
    }
  }
  op.media_type = cs(header_of(headers, "content-type"));
  op.headers = headers_.data();
  op.header_count = headers_.size();
  const Change& change = changes_[i];
  const auto tried = tries_.find(i);
  const int tries = tried == tries_.end() ? 0 : tried->second;
  const bool has_file = inventory_->id(i) != 0;
  const Blobs::Held* blob = blobs_.find(wanted_.sha256(i));
  if (tries > 0 && has_file) {
    blob = nullptr;  // what was tried has failed: the file itself
  } else if (change.act == Act::headers) {
    return fill_copy(op, wanted_.key(i), held_etag(i), wanted_.size(i), tries > 0);
  } else if (is_usable(blob, wanted_, i)) {
    blob_key_ = blob_key(wanted_.sha256(i));
    return fill_copy(op, blob_key_, blob->etag, blob->size, tries > 0);
  } else if (change.act == Act::copy) {
    const Catalog& owned = live_.live->objects;
    return fill_copy(
        op, owned.key(change.from), owned.etag(change.from), wanted_.size(i), tries > 0);
  } else if (const Versions::Held* old = versions_.find(wanted_.sha256(i))) {
    op.from_version = cs(old->id);
    return fill_copy(op, old->key, old->etag, wanted_.size(i), tries > 0);
  }
  op.kind = DF_OP_PUT;
  op.flags = DF_OP_REPLACE;
  op.artifact_id = inventory_->id(i);
}

bool Deployment::other_way(std::size_t i) {
  return ++tries_[i] == 1;
}

PlanLine Deployment::plan_line(std::size_t i) const {
  const Change& change = changes_[i];
  const std::string reason = reason_of(sides(), i, change);
  switch (change.act) {
    case Act::keep:
      return {DF_KEEP, reason};
    case Act::put:
      return {change.is_fresh ? DF_PUT : DF_UPDATE, reason};
    case Act::headers:
      return {DF_HEADERS, reason};
    case Act::copy:
      return {DF_COPY, reason};
  }
  return {};
}

// The moment at which the release becomes the live one: whoever was told that the lock is theirs
// must not find it overwritten.
void Deployment::confirm_lock() {
  if (!lease_.confirm()) {
    const df_status why = may_write();
    throw Failure{why == DF_OK ? DF_IO : why, why == DF_OK ? "the lock cannot be renewed" : ""};
  }
}

void Deployment::contents_done() {
  blobs_.settle();
  if (!is_dry_) {
    lease_.settle_probe();
  }
}

Shipment Deployment::site() {
  Shipment shipment;
  shipment.target = options_.target;
  shipment.wanted = inventory_;
  shipment.phases.assign(changes_.size(), k_nothing);
  const Sides all = sides();
  InOrder owned(all.owned);
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (changes_[i].act != Act::keep) {
      const Novelty novelty = changes_[i].is_fresh ? Novelty::fresh : Novelty::changed;
      shipment.phases[i] = options_.order.phase_of(*inventory_, i, novelty);
    } else {
      wanted_.set_etag(i, held_etag(i, owned.find(wanted_.key(i))));
    }
  }
  options_.order.warn(ctx_, options_.stage, options_.target, *inventory_, shipment.phases);
  shipment.is_visible = [this](std::uint8_t phase) { return options_.order.is_visible(phase); };
  shipment.fill = [this](df_op& op, std::size_t i) { fill(op, i); };
  shipment.plan = [this](std::size_t i) { return plan_line(i); };
  shipment.other_way = [this](std::size_t i, const df_op_result& result) {
    return result.kind == DF_OP_COPY && result.status != DF_DENIED && other_way(i);
  };
  shipment.may_write = [this] { return may_write(); };
  shipment.stored = [this](std::size_t i, const df_op_result& result) {
    wanted_.set_etag(i, sv(result.object.etag));
  };
  shipment.uploads = list_unfinished(ctx_, store_, options_.target, *inventory_);
  return shipment;
}

std::optional<Shipment> Deployment::removals() {
  if (removals_.count() == 0) {
    return std::nullopt;
  }
  Shipment shipment;
  shipment.target = options_.target;
  shipment.wanted = &removals_;
  // Pages first: one that is still there must not lack a file.
  for (std::size_t i = 0; i < removals_.count(); ++i) {
    const bool is_file = removals_.role(i) == Role::file;
    shipment.phases.push_back(
        static_cast<std::uint8_t>(is_file ? Phase::changed_files : Phase::new_files));
  }
  shipment.is_site = false;
  shipment.fill = [](df_op& op, std::size_t) { op.kind = DF_OP_DELETE; };
  shipment.plan = [](std::size_t) { return PlanLine{DF_DELETE, "no longer in the site"}; };
  shipment.may_write = [this] { return may_write(); };
  return shipment;
}

std::vector<std::string> Deployment::missing() {
  blobs_.list(store_, options_.target);
  std::vector<std::size_t> without_blob;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (changes_[i].act == Act::put && wanted_.size(i) > 0 && inventory_->id(i) == 0 &&
        !is_usable(blobs_.find(wanted_.sha256(i)), wanted_, i)) {
      without_blob.push_back(i);
    }
  }
  versions_.look_for(ctx_, store_, options_.target, wanted_, without_blob);
  std::vector<std::string> keys;
  for (const std::size_t i : without_blob) {
    if (versions_.find(wanted_.sha256(i)) == nullptr) {
      keys.emplace_back(wanted_.key(i));
    }
  }
  return keys;
}

bool Deployment::is_unchanged() const {
  if (!live_.live) {
    return false;
  }
  const Catalog& owned = live_.live->objects;
  InOrder by_key(owned);
  std::size_t objects = 0;
  for (std::size_t m = 0; m < owned.count(); ++m) {
    objects += owned.is_leftover(m) || fates_[m] == Fate::stay ? 0U : 1U;
    if (fates_[m] == Fate::remove || fates_[m] == Fate::not_ours) {
      return false;
    }
  }
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const auto m = by_key.find(wanted_.key(i));
    if (changes_[i].act != Act::keep || !m || owned.is_leftover(*m) ||
        owned.sha256(*m) != wanted_.sha256(i) || owned.headers(*m) != wanted_.headers(i) ||
        !seen_->is_intact(*m)) {
      return false;
    }
  }
  return objects == wanted_.count();
}

ReleaseLine Deployment::store_release() {
  ReleaseLine line;
  line.by = provenance_of_run(ctx_, info_);
  line.parent = live_id();
  line.id = new_release_id(sv(info_.run_id), live_.current);
  const Contents contents = [this](const EachObject& object) {
    each_object_of_release(sides(), fates_, live_id(), object);
  };
  contents([&](const Catalog& from, std::size_t i, std::string_view last) {
    line.files += last.empty() ? 1U : 0U;
    line.bytes += last.empty() ? from.size(i) : 0U;
  });
  store_manifest(ctx_, store_, options_.target, options_.stage, line, contents);
  return line;
}

void Deployment::draft() {
  if (!is_dry_ && !is_unchanged()) {
    store_release();
  }
}

void Deployment::record() {
  if (is_dry_ || is_unchanged()) {
    return;
  }
  if (const df_status why = may_write(); why != DF_OK) {
    throw Failure{why, ""};
  }
  const ReleaseLine line = store_release();
  confirm_lock();
  Current current;
  current.live = line.id;
  current.since = line.by;
  current.releases.push_back(line);
  bool is_pruning = false;
  if (live_.current) {
    for (const ReleaseLine& one : live_.current->releases) {
      if (current.releases.size() < options_.keep) {
        current.releases.push_back(one);
      } else {
        is_pruning = true;
      }
    }
  }
  store_current(ctx_, store_, options_.target, options_.stage, current, live_);
  if (is_pruning) {
    prune(current);
  }
  live_.current = std::move(current);
}

void Deployment::record_return() {
  const std::string id = returning_->release.id;
  if (is_dry_ || id == live_id()) {
    return;
  }
  if (const df_status why = may_write(); why != DF_OK) {
    throw Failure{why, ""};
  }
  confirm_lock();
  Current current = *live_.current;
  current.live = id;
  current.since = provenance_of_run(ctx_, info_);
  store_current(ctx_, store_, options_.target, options_.stage, current, live_);
  live_.current = std::move(current);
}

// Releases that are kept no longer, and contents that none of the others needs. What cannot be
// removed now is removed another time: it costs storage and does no harm.
void Deployment::prune(const Current& kept) {
  try {
    prune_releases(
        ctx_,
        store_,
        options_.target,
        options_.stage,
        kept,
        [this] { return may_write() == DF_OK; },
        [&](std::string_view id, const EachDigest& digest) {
          if (live_.live && id == live_.live->release.id) {
            const Catalog& before = live_.live->objects;
            for (std::size_t i = 0; i < before.count(); ++i) {
              digest(before.sha256(i));
            }
            return true;
          }
          if (id != kept.live) {
            return false;
          }
          each_object_of_release(sides(),
                                 fates_,
                                 live_id(),
                                 [&](const Catalog& from, std::size_t i, std::string_view) {
                                   digest(from.sha256(i));
                                 });
          return true;
        });
  } catch (const Failure& failure) {
    ctx_.log(DF_WARN,
             options_.target + ": old releases could not be removed: " +
                 (failure.what()[0] != '\0' ? failure.what() : "the store failed"));
  }
}

}  // namespace deployflow::release
