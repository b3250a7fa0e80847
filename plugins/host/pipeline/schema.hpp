// What options may be: a subset of JSON Schema 2020-12, parsed and checked itself.
//
// A schema is text of a plugin and not trusted: at most 64 KiB, 16 levels, and every keyword is
// known and has the right type, or it is refused whole. Subset: type (string, integer, number,
// boolean, array, object, or a list of these), properties, required, additionalProperties (default
// false), items, enum, const, default, minimum, maximum, minLength, maxLength, minItems, maxItems,
// pattern (see pattern.hpp), oneOf and anyOf (both: the first alternative that fits), description,
// title, examples, $schema, $id, $comment, deprecated (true, or what to use instead) and format:
//   bytes     "10MiB"; the value becomes an integer, bytes
//   duration  "5m"; the value becomes an integer, milliseconds
//   glob      a pattern of keys: not empty, not starting with '/'
//   path      made absolute against the pipeline file's folder
//   target    the name of one of the pipeline's targets
// minimum and maximum of bytes and duration are numbers in that unit, or text such as "10MiB". A
// default is what one could have written in the file.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/pipeline/pattern.hpp"
#include "plugins/host/pipeline/value.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::pipeline {

enum class Format : std::uint8_t { none, bytes, duration, glob, path, target };

/// Bits of Schema::types.
namespace type {
inline constexpr unsigned k_string = 1;
inline constexpr unsigned k_integer = 2;
inline constexpr unsigned k_number = 4;
inline constexpr unsigned k_boolean = 8;
inline constexpr unsigned k_array = 16;
inline constexpr unsigned k_object = 32;
inline constexpr unsigned k_scalar = k_string | k_integer | k_number | k_boolean;
}  // namespace type

struct Property;

struct Schema {
  unsigned types = 0;  // 0 = anything
  Format format = Format::none;
  std::vector<Property> properties;
  std::vector<std::string> required;
  bool allows_extra = false;
  std::vector<Schema> extra;         // at most one: what values of other keys must be
  std::vector<Schema> items;         // at most one
  std::vector<Schema> alternatives;  // oneOf, anyOf
  std::vector<Value> allowed;        // enum, const
  std::optional<Value> fallback;     // default, as if written in the file
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::size_t min_length = 0;  // characters
  std::size_t max_length = SIZE_MAX;
  std::size_t min_items = 0;
  std::size_t max_items = SIZE_MAX;
  std::optional<Pattern> pattern;
  std::string pattern_text;
  std::string description;
  bool deprecated = false;
  std::string instead;  // what to use instead of a deprecated option; may be empty

  [[nodiscard]] const Schema* property(std::string_view name) const;
};

/// One option that a schema of an object describes.
struct Property {
  std::string name;
  Schema schema;
};

/// Parse the text of a schema; the outermost must describe an object.
/// Errors: `plugin`: what is wrong and where ("at /properties/to/type: ...").
Result<Schema> parse_schema(std::string_view text);

/// What it asks for, in words: "a size such as 10MiB", "text or a list".
std::string describe_type(const Schema& schema);

}  // namespace deployflow::pipeline
