#include "stages/release/diff.hpp"

#include "stages/release/etag.hpp"
#include "stages/release/in_order.hpp"
#include "stages/release/order.hpp"

#include <algorithm>
#include <unordered_map>

namespace deployflow::release {
namespace {

Change changed(Act act, Why why) {
  Change change;
  change.act = act;
  change.why = why;
  return change;
}

/// Is a page of this release, as its media type says?
bool is_file(const Catalog& owned, std::size_t m) {
  const Role role = role_by_media_type(owned.key(m), header_of(owned.headers(m), "content-type"));
  return role == Role::file;
}

struct ShaHash {
  std::size_t operator()(const Sha256& sha) const {
    std::size_t out = 0;  // any bytes of a digest are as good as a hash of it
    for (std::size_t i = 0; i < sizeof out; ++i) {
      out = out << 8U | sha[i];
    }
    return out;
  }
};

}  // namespace

Change compare_object(const Sides& sides, std::size_t i, std::string_view etag) {
  return compare_object(sides, i, sides.owned.find(sides.wanted.key(i)), etag);
}

Change compare_object(const Sides& sides,
                      std::size_t i,
                      std::optional<std::size_t> m,
                      std::string_view etag) {
  if (!sides.held.holds(i)) {
    const bool was_there = m && !sides.owned.is_leftover(*m);
    Change change = changed(Act::put, was_there ? Why::missing : Why::new_key);
    change.is_fresh = true;
    return change;
  }
  const bool is_known = m && sides.seen.is_intact(*m);
  if (is_known) {
    Change change;
    if (sides.owned.sha256(*m) != sides.wanted.sha256(i) ||
        sides.owned.size(*m) != sides.wanted.size(i)) {
      change = changed(Act::put, Why::content);
    } else if (sides.held.is_late(i)) {
      change.question = Question::headers;
    } else if (sides.owned.headers(*m) != sides.wanted.headers(i)) {
      change = changed(Act::headers, Why::headers);
    }
    change.is_known = true;
    return change;
  }
  // Whose is it? A killed run of ours, another tool, or a bucket without a manifest.
  const Why replaced = m ? Why::foreign : Why::content;
  if (sides.held.size(i) != sides.wanted.size(i)) {
    return changed(Act::put, replaced);
  }
  const bool is_same = sides.wanted.has_etag(i, sides.held.etag(i)) ||
                       (!etag.empty() && is_same_etag(etag, sides.held.etag(i)));
  Change change = changed(is_same ? Act::keep : Act::put, is_same ? Why::same : replaced);
  if (is_same) {
    change.question = Question::headers;
  } else if (!is_md5_etag(sides.held.etag(i))) {
    change.question = Question::content;
  }
  return change;
}

void find_copies(const Sides& sides, std::vector<Change>& changes) {
  if (sides.owned.count() == 0) {
    return;
  }
  std::unordered_map<Sha256, std::size_t, ShaHash> sources;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].act == Act::put && sides.wanted.size(i) > 0) {
      sources.emplace(sides.wanted.sha256(i), SIZE_MAX);
    }
  }
  if (sources.empty()) {
    return;
  }
  for (std::size_t m = 0; m < sides.owned.count(); ++m) {
    const auto found = sources.find(sides.owned.sha256(m));
    if (found == sources.end() || !sides.seen.is_intact(m)) {
      continue;
    }
    const auto own = sides.wanted.find(sides.owned.key(m));
    if (!own || changes[*own].act == Act::keep || changes[*own].act == Act::headers) {
      found->second = m;
    }
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto found =
        changes[i].act == Act::put ? sources.find(sides.wanted.sha256(i)) : sources.end();
    if (found == sources.end() || found->second == SIZE_MAX) {
      continue;
    }
    changes[i].act = Act::copy;
    changes[i].from = static_cast<std::uint32_t>(found->second);
    if (changes[i].why == Why::new_key) {
      changes[i].why = sides.wanted.find(sides.owned.key(found->second)) ? Why::copied : Why::moved;
    }
  }
}

std::vector<Fate> fates_of(const Sides& sides, const Keeping& keeping, std::string_view live_id) {
  std::vector<Fate> fates(sides.owned.count(), Fate::wanted);
  InOrder wanted(sides.wanted);
  for (std::size_t m = 0; m < fates.size(); ++m) {
    if (wanted.find(sides.owned.key(m))) {
      continue;
    }
    if (keeping.is_part && !sides.owned.is_leftover(m)) {
      fates[m] = Fate::stay;
      continue;
    }
    const std::string_view last =
        sides.owned.is_leftover(m) ? sides.owned.last(m) : std::string_view(live_id);
    const bool is_recent =
        is_file(sides.owned, m) &&
        std::find(keeping.recent.begin(), keeping.recent.end(), last) != keeping.recent.end();
    fates[m] = !sides.seen.is_intact(m)                            ? Fate::not_ours
               : keeping.removes && !keeping.is_part && !is_recent ? Fate::remove
                                                                   : Fate::leave;
  }
  return fates;
}

std::string reason_of(const Sides& sides, std::size_t i, const Change& change) {
  const auto names = [&] {
    std::string list;
    if (const auto m = sides.owned.find(sides.wanted.key(i))) {
      for (const auto& name : differing_headers(sides.owned.headers(*m), sides.wanted.headers(i))) {
        list += (list.empty() ? ": " : ", ") + name;
      }
    }
    return list;
  };
  const auto source = [&] { return std::string(sides.owned.key(change.from)); };
  switch (change.why) {
    case Why::same:
      return "same content";
    case Why::new_key:
      return "new";
    case Why::content:
      return sides.held.size(i) != sides.wanted.size(i) ? "size differs" : "content differs";
    case Why::headers:
      return "headers differ" + names();
    case Why::missing:
      return "drifted: somebody deleted it";
    case Why::foreign:
      return "drifted: somebody replaced it";
    case Why::drifted_headers:
      return "drifted: its headers differ";
    case Why::moved:
      return "moved from " + source();
    case Why::copied:
      return "the same as " + source();
  }
  return {};
}

}  // namespace deployflow::release
