// The order of a deployment as its pipeline writes it: groups, with a barrier between them.
//
//   order:
//     - match: ["data/**", "!data/big/**"]   # a pattern of keys, or a list; "!" takes away
//     - files
//     - pages
//     - [home, announcements]
//
// The names are those of the safe order (order.hpp) in four pieces:
//
//   files          whatever is no page, new feeds and site maps included
//   pages          text/html and application/xhtml+xml
//   home           index.html of the root
//   announcements  changed feeds and site maps, and the service worker of the root
//
// An object belongs to the first group that means it. A name that is not written has a group of its
// own: before the first written one that comes after it by default, or else at the end. So what is
// not mentioned stays in the safe order, and `order: [{match: "data/**"}]` only puts data first.
// What no pattern means always has a name, so every object has a group.
//
// Inside a group new objects come before changed ones, and files before all else, with barriers as
// well: whatever is written, a page does not overtake the files of its own group.

#pragma once

#include "stages/release/inventory.hpp"
#include "stages/release/key_match.hpp"
#include "stages/release/order.hpp"

#include <deployflow/stage.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace deployflow::release {

class GroupOrder {
 public:
  enum class Name : std::uint8_t { files, pages, home, announcements };
  static constexpr std::size_t k_names = 4;

  /// The safe order.
  GroupOrder() = default;

  /// `list`: the value of the option, or nullptr: the safe order. Only in configure(). Throws
  /// Failure{DF_BAD_OPTIONS, ""} after an ERROR finding "<stage>/order" for each mistake.
  static GroupOrder read(Ctx ctx, std::string_view stage, const df_value* list);

  /// Tell the inventory, which is sealed, which artifacts the patterns mean. Throws as Ctx::each().
  void assign(Ctx ctx, Inventory& site) const;

  /// The phase of an object, in the sense of Lane.
  [[nodiscard]] std::uint8_t phase_of(const Inventory& site, std::size_t i, Novelty novelty) const;
  /// May a visitor see that this phase has begun?
  [[nodiscard]] bool is_visible(std::uint8_t phase) const;
  /// A warning "<stage>/order" if pages come before files that are stored in the same run.
  void warn(Ctx ctx,
            std::string_view stage,
            std::string_view target,
            const Inventory& site,
            const std::vector<std::uint8_t>& phases) const;

 private:
  struct Pattern {
    KeyMatch match;
    std::uint8_t place = 0;
  };
  struct NamePlace {
    std::uint8_t place = 0;
    bool is_written = false;
  };

  [[nodiscard]] std::size_t place_of(const Inventory& site, std::size_t i, Novelty novelty) const;

  std::vector<Pattern> patterns_;  // in the order of their groups
  std::array<NamePlace, k_names> names_{};
  bool is_written_ = false;
};

/// The schema of the option, for the properties of a stage's options.
inline constexpr std::string_view k_order_schema = R"json({
  "type": "array",
  "minItems": 1,
  "maxItems": 32,
  "description": "groups that are stored one after the other, instead of: files, pages, home, announcements",
  "items": {
    "anyOf": [
      {"type": "string", "enum": ["files", "pages", "home", "announcements"]},
      {"type": "object", "required": ["match"], "properties": {"match": {
        "description": "pattern of keys, or a list of them; one that begins with ! takes away",
        "anyOf": [
          {"type": "string", "format": "glob"},
          {"type": "array", "minItems": 1, "items": {"type": "string", "format": "glob"}}
        ]}}},
      {"type": "array", "minItems": 1, "items": {"anyOf": [
        {"type": "string", "enum": ["files", "pages", "home", "announcements"]},
        {"type": "object", "required": ["match"], "properties": {"match": {
          "anyOf": [
            {"type": "string", "format": "glob"},
            {"type": "array", "minItems": 1, "items": {"type": "string", "format": "glob"}}
          ]}}}
      ]}}
    ]
  }
})json";

}  // namespace deployflow::release
