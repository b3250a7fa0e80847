// A YAML value with the place where it stands: what options are made of.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::pipeline {

/// 1-based line and column, in characters; 0 = unknown (a default, the command line).
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct MapEntry;

struct Value {
  enum class Kind : std::uint8_t { null, boolean, integer, real, string, list, map };

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;  // also of format bytes (bytes) and duration (milliseconds)
  double real = 0;
  std::string text;     // string: its value; other scalars: as written
  bool quoted = false;  // a quoted scalar is a string whatever it looks like
  bool from_variable =
      false;            // `text` holds what a ${NAME} stood for, perhaps a secret: never show it
  bool broken = false;  // its mistake is reported already: nothing more is said about it
  std::vector<Value> list;
  std::vector<MapEntry> map;            // in the order of the file; keys are unique
  std::vector<Position> key_positions;  // of `map`, same order
  Position at;

  /// nullptr if this is no map or has no such key.
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// As find(); nullptr too if what is there is broken.
  [[nodiscard]] const Value* usable(std::string_view key) const;
};

/// Like a pair, which could not hold a type that is not complete yet.
struct MapEntry {
  MapEntry(std::string key, Value value) : first(std::move(key)), second(std::move(value)) {}

  std::string first;
  Value second;
};

inline const Value* Value::find(std::string_view key) const {
  for (const auto& [name, value] : map) {
    if (name == key) {
      return &value;
    }
  }
  return nullptr;
}

inline const Value* Value::usable(std::string_view key) const {
  const Value* value = find(key);
  return value == nullptr || value->broken ? nullptr : value;
}

}  // namespace deployflow::pipeline
