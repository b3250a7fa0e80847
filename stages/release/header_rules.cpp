#include "stages/release/header_rules.hpp"

#include "stages/release/fingerprint.hpp"
#include "stages/release/header_field.hpp"
#include "stages/release/interned.hpp"
#include "stages/release/order.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace deployflow::release {
namespace {

constexpr std::string_view k_cache_control = "cache-control";

/// A set on its way through the steps.
struct Draft {
  std::string media_type;                      // the artifact's
  std::map<std::string, std::string> headers;  // content-type too, if anything says it
  std::set<std::string> carried;               // by the artifact

  friend bool operator<(const Draft& a, const Draft& b) {
    return std::tie(a.media_type, a.headers, a.carried) <
           std::tie(b.media_type, b.headers, b.carried);
  }

  void apply(const HeaderRule& rule) {
    for (const auto& [header, value] : rule.changes) {
      if (value.empty()) {
        headers.erase(header);
      } else {
        headers[header] = value;
      }
    }
  }

  [[nodiscard]] HeaderSet finished() const {
    HeaderSet set;
    set.content_type = media_type;
    for (const auto& [name, value] : headers) {
      if (name == k_content_type) {
        set.content_type = value;
      } else {
        set.headers.emplace_back(name, value);
      }
    }
    for (const std::string& name : carried) {
      if (name == k_content_type || headers.count(name) == 0) {
        set.removed.push_back(name);
      }
    }
    return set;
  }
};

/// The media type has a word in it: a page may have any name.
bool is_kept_for_a_year(std::string_view key, std::string_view media_type) {
  return is_fingerprinted(key) && role_by_media_type(key, media_type) == Role::file;
}

Draft first_draft(std::string_view media_type, HeaderRules::Defaults defaults, bool for_a_year) {
  Draft draft;
  draft.media_type = media_type;
  if (defaults == HeaderRules::Defaults::on) {
    draft.headers.emplace(k_cache_control,
                          for_a_year ? "public, max-age=31536000, immutable" : "no-cache");
  }
  return draft;
}

void carry(Draft& draft, const HeaderList& headers) {
  for (const auto& [name, value] : headers) {
    draft.headers[name] = value;
    draft.carried.insert(name);
  }
}

/// Those that the artifact carries; most carry none, which costs one call of the host.
void read_carried(Ctx ctx, std::uint64_t id, HeaderList& out) {
  out.clear();
  ctx.each_header(
      id, [&](std::string_view name, std::string_view value) { out.emplace_back(name, value); });
}

/// All artifacts at once. Whoever has the same draft before a step has the same one after it, so a
/// step is carried out once for each draft, and not for each file.
class Pass {
 public:
  Pass(Ctx ctx, const std::vector<HeaderRule>& rules, HeaderRules::Defaults defaults) : ctx_(ctx) {
    for (const HeaderRule& rule : rules) {
      choices_.emplace_back(rule.match);
    }
    HeaderList carried;
    ctx.each("", [&](const Artifact& file) {
      read_carried(ctx, file.id(), carried);
      begin(file, carried, defaults);
      for (KeyChoice& choice : choices_) {
        choice.look_at(file.key());
      }
    });
    for (std::size_t i = 0; i < rules.size(); ++i) {
      choices_[i].ask([this](const std::string& pattern, auto f) { each_file(pattern, f); });
      apply(rules[i], choices_[i]);
    }
  }

  [[nodiscard]] HeaderSets finished() const {
    HeaderSets sets;
    std::vector<HeaderSets::Number> numbers(drafts_.count(), k_unknown);
    for (const File& file : files_) {
      HeaderSets::Number& number = numbers[file.draft];
      if (number == k_unknown) {
        number = sets.intern(drafts_.at(file.draft).finished());
      }
      sets.add(file.id, number);
    }
    sets.seal();
    return sets;
  }

 private:
  using Number = Interned<Draft>::Number;
  static constexpr Number k_unknown = UINT32_MAX;

  struct File {
    std::uint64_t id = 0;
    Number draft = 0;
  };

  void begin(const Artifact& file, const HeaderList& carried, HeaderRules::Defaults defaults) {
    const bool for_a_year =
        defaults == HeaderRules::Defaults::on && is_kept_for_a_year(file.key(), file.media_type());
    if (!carried.empty()) {
      Draft draft = first_draft(file.media_type(), defaults, for_a_year);
      carry(draft, carried);
      files_.push_back({file.id(), drafts_.number_of(std::move(draft))});
      return;
    }
    auto known = first_.find(file.media_type());
    if (known == first_.end()) {
      known = first_.try_emplace(std::string(file.media_type()), std::array{k_unknown, k_unknown})
                  .first;
    }
    Number& number = known->second[for_a_year ? 1 : 0];
    if (number == k_unknown) {
      number = drafts_.number_of(first_draft(file.media_type(), defaults, for_a_year));
    }
    files_.push_back({file.id(), number});
  }

  void apply(const HeaderRule& rule, const KeyChoice& choice) {
    std::vector<Number> after(drafts_.count(), k_unknown);
    bool found = false;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (!choice.has(i)) {
        continue;
      }
      found = true;
      Number& next = after[files_[i].draft];
      if (next == k_unknown) {
        Draft draft = drafts_.at(files_[i].draft);
        draft.apply(rule);
        next = drafts_.number_of(std::move(draft));
      }
      files_[i].draft = next;
    }
    if (!found) {
      ctx_.log(DF_INFO, rule.name + ": matches no file");
    }
  }

  // Both lists are in the order of keys, so the search goes on where it ended.
  template <class F>
  void each_file(const std::string& pattern, F f) const {
    std::size_t from = 0;
    ctx_.each(pattern, [&](const Artifact& file) {
      std::size_t i = from;
      while (i < files_.size() && files_[i].id != file.id()) {
        ++i;
      }
      if (i < files_.size()) {
        f(i);
        from = i + 1;
      }
    });
  }

  Ctx ctx_;
  std::vector<KeyChoice> choices_;  // one for each rule
  Interned<Draft> drafts_;
  std::map<std::string, std::array<Number, 2>, std::less<>> first_;  // by media type; [for a year]
  std::vector<File> files_;                                          // in the order of keys
};

bool means(Ctx ctx, const std::vector<std::string>& patterns, std::string_view key) {
  bool found = false;
  for (const std::string& pattern : patterns) {
    ctx.each(pattern, [&](const Artifact& file) { found = found || file.key() == key; });
  }
  return found;
}

bool means(Ctx ctx, const HeaderRule& rule, std::string_view key) {
  const KeyMatch& match = rule.match;
  return (match.taken.empty() || means(ctx, match.taken, key)) && !means(ctx, match.left, key);
}

std::vector<HeaderChange> differences(const Draft& before, const Draft& after) {
  std::map<std::string, HeaderChange> changes;
  for (const auto& [name, value] : before.headers) {
    changes[name].before = value;
  }
  for (const auto& [name, value] : after.headers) {
    changes[name].after = value;
  }
  std::vector<HeaderChange> out;
  for (auto& [name, change] : changes) {
    if (change.before != change.after) {
      out.push_back({name, std::move(change.before), std::move(change.after)});
    }
  }
  return out;
}

}  // namespace

HeaderRules HeaderRules::read(Ctx ctx,
                              std::string_view stage,
                              const df_value* list,
                              Defaults defaults) {
  return HeaderRules(read_header_rules(ctx, stage, list), defaults);
}

HeaderSets HeaderRules::apply(Ctx ctx) const {
  return Pass(ctx, rules_, defaults_).finished();
}

std::optional<HeaderExplanation> HeaderRules::explain(Ctx ctx, std::string_view key) const {
  const df_artifact* view = nullptr;
  const df_status status = ctx.host()->find(ctx.raw(), cs(key), &view);
  if (status == DF_NOT_FOUND) {
    return std::nullopt;
  }
  require_ok(status, "find");
  const Artifact file(view);
  const bool for_a_year = is_kept_for_a_year(key, file.media_type());
  HeaderExplanation out;
  Draft draft;
  const auto step = [&](std::string by, const Draft& after) {
    out.steps.push_back({std::move(by), differences(draft, after)});
    draft = after;
  };
  draft.media_type = file.media_type();
  if (defaults_ == Defaults::on) {
    step(
        for_a_year ? "default: the name has a fingerprint" : "default: the name has no fingerprint",
        first_draft(file.media_type(), defaults_, for_a_year));
  }
  HeaderList carried;
  read_carried(ctx, file.id(), carried);
  if (!carried.empty()) {
    Draft after = draft;
    carry(after, carried);
    step("set by an earlier stage", after);
  }
  for (const HeaderRule& rule : rules_) {
    if (means(ctx, rule, key)) {
      Draft after = draft;
      after.apply(rule);
      step(rule.name, after);
    }
  }
  out.result = draft.finished();
  return out;
}

}  // namespace deployflow::release
