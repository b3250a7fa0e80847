#include "stages/release/header_rules.hpp"

#include "stages/release/fingerprint.hpp"
#include "stages/release/header_field.hpp"
#include "stages/release/interned.hpp"
#include "stages/release/order.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
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
  for (std::uint64_t i = 0;; ++i) {
    df_header header{};
    const df_status status = ctx.host()->header_at(ctx.raw(), id, i, &header);
    if (status == DF_NOT_FOUND) {
      return;
    }
    require_ok(status, "header_at");
    out.emplace_back(sv(header.name), sv(header.value));
  }
}

bool means_all(const HeaderRule& rule) {
  return rule.taken.empty() ||
         std::find(rule.taken.begin(), rule.taken.end(), "**") != rule.taken.end();
}

/// All artifacts at once. Whoever has the same draft before a step has the same one after it, so a
/// step is carried out once for each draft, and not for each file.
class Pass {
 public:
  Pass(Ctx ctx, HeaderRules::Defaults defaults) : ctx_(ctx) {
    HeaderList carried;
    ctx.each("", [&](const Artifact& file) {
      read_carried(ctx, file.id(), carried);
      begin(file, carried, defaults);
    });
  }

  void apply(const HeaderRule& rule) {
    const std::vector<bool> chosen = choose(rule);
    std::vector<Number> after(drafts_.count(), k_unknown);
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (!chosen[i]) {
        continue;
      }
      Number& next = after[files_[i].draft];
      if (next == k_unknown) {
        Draft draft = drafts_.at(files_[i].draft);
        draft.apply(rule);
        next = drafts_.number_of(std::move(draft));
      }
      files_[i].draft = next;
    }
    if (std::find(chosen.begin(), chosen.end(), true) == chosen.end()) {
      ctx_.log(DF_INFO, rule.name + ": matches no file");
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
    const bool for_a_year = is_kept_for_a_year(file.key(), file.media_type());
    if (carried.empty()) {
      const auto [known, is_new] =
          first_.try_emplace(std::string(file.media_type()), std::array{k_unknown, k_unknown});
      Number& number = known->second[for_a_year ? 1 : 0];
      if (number == k_unknown) {
        number = drafts_.number_of(first_draft(file.media_type(), defaults, for_a_year));
      }
      files_.push_back({file.id(), number});
      return;
    }
    Draft draft = first_draft(file.media_type(), defaults, for_a_year);
    carry(draft, carried);
    files_.push_back({file.id(), drafts_.number_of(std::move(draft))});
  }

  // What a pattern means, the host alone decides.
  [[nodiscard]] std::vector<bool> choose(const HeaderRule& rule) {
    std::vector<bool> chosen(files_.size(), means_all(rule));
    if (!means_all(rule)) {
      for (const std::string& pattern : rule.taken) {
        mark(pattern, true, chosen);
      }
    }
    for (const std::string& pattern : rule.left) {
      mark(pattern, false, chosen);
    }
    return chosen;
  }

  // Both lists are in the order of keys, so the search goes on where it ended.
  void mark(const std::string& pattern, bool as, std::vector<bool>& chosen) const {
    std::size_t from = 0;
    ctx_.each(pattern, [&](const Artifact& file) {
      std::size_t i = from;
      while (i < files_.size() && files_[i].id != file.id()) {
        ++i;
      }
      if (i < files_.size()) {
        chosen[i] = as;
        from = i + 1;
      }
    });
  }

  Ctx ctx_;
  Interned<Draft> drafts_;
  std::unordered_map<std::string, std::array<Number, 2>> first_;  // by media type; [for a year]
  std::vector<File> files_;                                       // in the order of keys
};

bool means(Ctx ctx, const std::vector<std::string>& patterns, std::string_view key) {
  bool found = false;
  for (const std::string& pattern : patterns) {
    ctx.each(pattern, [&](const Artifact& file) { found = found || file.key() == key; });
  }
  return found;
}

bool means(Ctx ctx, const HeaderRule& rule, std::string_view key) {
  return (means_all(rule) || means(ctx, rule.taken, key)) && !means(ctx, rule.left, key);
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
  Pass pass(ctx, defaults_);
  for (const HeaderRule& rule : rules_) {
    ctx.check();
    pass.apply(rule);
  }
  return pass.finished();
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
