// Gives a scalar of the file the type that a schema asks for.
//
// YAML's own guessing is not used: `region: 010` is the text "010" where text is asked for and an
// error where a number is; `no` is never false. A quoted scalar is only ever text.

#pragma once

#include "plugins/host/pipeline/schema.hpp"
#include "plugins/host/pipeline/value.hpp"

#include <optional>
#include <string>

namespace deployflow::pipeline {

struct TypeProblem {
  std::string message;  // "expected a whole number, not \"ten\""
  std::string hint;
};

/// Type `value`, a scalar, as `schema` asks; nullopt = done. Schemas without types leave it as it
/// is. A list of types is tried in the order boolean, integer, number, string. Formats bytes and
/// duration make an integer.
std::optional<TypeProblem> type_scalar(Value& value, const Schema& schema);

/// A value as a message may show it: "\"ten\"", "a list"; never what came from a variable.
std::string shown(const Value& value);

}  // namespace deployflow::pipeline
