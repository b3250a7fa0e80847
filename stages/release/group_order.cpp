#include "stages/release/group_order.hpp"

#include "stages/release/lane.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace deployflow::release {
namespace {

using Name = GroupOrder::Name;

constexpr std::array<std::string_view, GroupOrder::k_names> k_texts = {
    "files", "pages", "home", "announcements"};

// Of a group: new files, changed files, new others, changed others.
constexpr std::uint8_t k_steps = 4;

Name name_of(Role role, Novelty novelty) {
  switch (role) {
    case Role::file:
      return Name::files;
    case Role::feed:  // nobody knows the address of a new one yet
      return novelty == Novelty::fresh ? Name::files : Name::announcements;
    case Role::extensionless:
    case Role::page:
      return Name::pages;
    case Role::home:
      return Name::home;
    case Role::worker:
      return Name::announcements;
  }
  return Name::announcements;
}

/// What is written, group by group.
class Reader {
 public:
  struct Found {
    std::size_t group = 0;
    std::optional<Name> name;
    KeyMatch match;
  };

  Reader(Ctx ctx, std::string_view stage) : ctx_(ctx), code_(std::string(stage) + "/order") {}

  std::vector<Found> read(const OptionValue& list) {
    std::size_t group = 0;
    list.each([&](std::string_view, const OptionValue& entry) {
      label_ = "order[" + std::to_string(group) + "]";
      if (entry.is_list()) {
        entry.each([&](std::string_view, const OptionValue& one) { read_member(one, group); });
      } else {
        read_member(entry, group);
      }
      ++group;
    });
    if (!is_good_) {
      throw Failure{DF_BAD_OPTIONS, ""};
    }
    return std::move(found_);
  }

 private:
  void refuse(const OptionValue& at, std::string_view message, std::string_view hint = {}) {
    is_good_ = false;
    ctx_.error(code_, label_ + ": " + std::string(message)).at(at.pos()).hint(std::string(hint));
  }

  void read_member(const OptionValue& member, std::size_t group) {
    Found found;
    found.group = group;
    if (member.is_map()) {
      member.each([&](std::string_view, const OptionValue& match) {
        found.match.read(
            match, [&](const OptionValue& at, std::string_view message, std::string_view hint) {
              refuse(at, message, hint);
            });
      });
    } else {
      const auto at = std::find(k_texts.begin(), k_texts.end(), member.text());
      if (at == k_texts.end()) {
        return refuse(member, "must be a name or a map", "files, pages, home or announcements");
      }
      found.name = static_cast<Name>(at - k_texts.begin());
      if (std::any_of(found_.begin(), found_.end(), [&](const Found& one) {
            return one.name == found.name;
          })) {
        return refuse(member, std::string(*at) + " is in two groups");
      }
    }
    found_.push_back(std::move(found));
  }

  Ctx ctx_;
  std::string code_, label_;
  std::vector<Found> found_;
  bool is_good_ = true;
};

}  // namespace

GroupOrder GroupOrder::read(Ctx ctx, std::string_view stage, const df_value* list) {
  GroupOrder out;
  const OptionValue value(ctx, list);
  if (!value.is_list()) {
    return out;
  }
  std::vector<Reader::Found> found = Reader(ctx, stage).read(value);
  out.is_written_ = true;
  // Names that are not written, before the group that they go before.
  std::array<std::size_t, k_names> groups{};
  std::size_t before = found.back().group + 1;
  for (std::size_t name = k_names; name-- > 0;) {
    const auto at = std::find_if(found.begin(), found.end(), [&](const Reader::Found& one) {
      return one.name == static_cast<Name>(name);
    });
    out.names_.at(name).is_written = at != found.end();
    groups.at(name) = at != found.end() ? at->group : before;
    before = std::min(before, groups.at(name));
  }
  std::uint8_t place = 0;
  const std::size_t count = found.back().group + 1;
  for (std::size_t group = 0; group <= count; ++group) {
    for (std::size_t name = 0; name < k_names; ++name) {
      if (!out.names_.at(name).is_written && groups.at(name) == group) {
        out.names_.at(name).place = place++;
      }
    }
    for (Reader::Found& one : found) {
      if (one.group == group && one.name) {
        out.names_.at(static_cast<std::size_t>(*one.name)).place = place;
      } else if (one.group == group) {
        out.patterns_.push_back({std::move(one.match), place});
      }
    }
    ++place;
  }
  return out;
}

void GroupOrder::assign(Ctx ctx, Inventory& site) const {
  for (const Pattern& pattern : patterns_) {
    KeyChoice choice(pattern.match);
    for (std::size_t i = 0; i < site.count(); ++i) {
      choice.look_at(site.key(i));
    }
    choice.ask([&](const std::string& glob, auto f) {
      ctx.each(glob, [&](const Artifact& file) {
        if (const auto i = site.find(file.key())) {
          f(*i);
        }
      });
    });
    for (std::size_t i = 0; i < site.count(); ++i) {
      if (!site.group(i) && choice.has(i)) {
        site.set_group(i, pattern.place);
      }
    }
  }
}

std::size_t GroupOrder::place_of(const Inventory& site, std::size_t i, Novelty novelty) const {
  const NamePlace& own = names_.at(static_cast<std::size_t>(name_of(site.role(i), novelty)));
  const auto meant = site.group(i);
  return !meant || (own.is_written && own.place < *meant) ? own.place : *meant;
}

std::uint8_t GroupOrder::phase_of(const Inventory& site, std::size_t i, Novelty novelty) const {
  if (!is_written_) {
    return static_cast<std::uint8_t>(release::phase_of(site.role(i), novelty));
  }
  const bool is_file = name_of(site.role(i), novelty) == Name::files;
  const std::size_t step = (is_file ? 0U : 2U) + (novelty == Novelty::fresh ? 0U : 1U);
  return static_cast<std::uint8_t>(k_steps * place_of(site, i, novelty) + step);
}

bool GroupOrder::is_visible(std::uint8_t phase) const {
  return is_written_ ? phase % k_steps != 0 : release::is_visible(static_cast<Phase>(phase));
}

void GroupOrder::warn(Ctx ctx,
                      std::string_view stage,
                      std::string_view target,
                      const Inventory& site,
                      const std::vector<std::uint8_t>& phases) const {
  if (!is_written_) {
    return;
  }
  const auto is_file = [&](std::size_t i) {
    return phases[i] != k_nothing && phases[i] % k_steps < 2 && site.role(i) == Role::file;
  };
  int last = -1;  // phase of a file
  for (std::size_t i = 0; i < phases.size(); ++i) {
    last = is_file(i) ? std::max<int>(last, phases[i]) : last;
  }
  std::size_t pages = 0;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const bool is_page = site.role(i) == Role::page || site.role(i) == Role::home;
    pages += is_page && phases[i] < last ? 1U : 0U;
  }
  if (pages > 0) {
    ctx.warning(std::string(stage) + "/order",
                std::string(target) + ": `order` puts " + std::to_string(pages) +
                    (pages == 1 ? " page" : " pages") +
                    " before files that are stored in the same run")
        .hint("a visitor may meet a page without what it needs; put `files` before `pages`");
  }
}

}  // namespace deployflow::release
