// With which HTTP headers each file of a site is stored. Later ones win, header by header:
//
//   1. the defaults: a name with a fingerprint (fingerprint.hpp) may be kept for a year,
//        cache-control: public, max-age=31536000, immutable
//      and everything else is asked for again at each use,
//        cache-control: no-cache
//      Without a cache-control browsers keep a file for a tenth of its age, by their own guess (RFC
//      9111, 4.2.2), and an old style sheet with a new page is a broken page. "no-cache" does keep
//      the file: only that the store is asked, by ETag, whether it is still the one, and an answer
//      of 304 and no bytes is cheap.
//   2. what the artifact carries, set by an earlier stage
//   3. the rules of the option `headers`, in their order (header_rule.hpp)

#pragma once

#include "stages/release/header_rule.hpp"
#include "stages/release/header_set.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

/// One header before and after something touched it; nullopt = not there.
struct HeaderChange {
  std::string name;
  std::optional<std::string> before, after;
};

/// Something that touched a key: a default, the artifact, or a rule that matches it.
struct HeaderStep {
  std::string by;                     // "default: the name has a fingerprint"; a rule's name
  std::vector<HeaderChange> changes;  // none if everything was so before; sorted by name
};

struct HeaderExplanation {
  std::vector<HeaderStep> steps;  // in the order in which they applied
  HeaderSet result;
};

class HeaderRules {
 public:
  enum class Defaults : std::uint8_t { off, on };

  explicit HeaderRules(std::vector<HeaderRule> rules = {}, Defaults defaults = Defaults::on)
      : rules_(std::move(rules)), defaults_(defaults) {}

  /// `list`: the value of the option, or nullptr. See read_header_rules().
  static HeaderRules read(Ctx ctx, std::string_view stage, const df_value* list, Defaults defaults);

  /// The headers of every artifact. Throws as Ctx::each() does.
  [[nodiscard]] HeaderSets apply(Ctx ctx) const;

  /// How one artifact came to its headers; nullopt if there is none with this key. It asks the host
  /// for all keys of each rule, so it is for a few keys.
  [[nodiscard]] std::optional<HeaderExplanation> explain(Ctx ctx, std::string_view key) const;

 private:
  std::vector<HeaderRule> rules_;
  Defaults defaults_;
};

}  // namespace deployflow::release
