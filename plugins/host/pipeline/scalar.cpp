#include "plugins/host/pipeline/scalar.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace deployflow::pipeline {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_sign(std::string_view text) {
  return text.substr(0, 1) == "-" ? text.substr(1) : text;
}

// Decimal, no leading zeros: 010 is eight to some YAML readers and ten to others.
std::optional<std::int64_t> as_integer(std::string_view text) {
  const std::string_view digits = without_sign(text);
  if (!all_digits(digits) || (digits.size() > 1 && digits[0] == '0')) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<double> as_number(std::string_view text) {
  const std::string_view digits = without_sign(text);
  const bool starts_well =
      !digits.empty() && digits[0] >= '0' && digits[0] <= '9' &&
      (digits[0] != '0' || digits.size() == 1 || !all_digits(digits.substr(1, 1)));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!starts_well || error != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

void become_integer(Value& value, std::int64_t integer) {
  value.kind = Value::Kind::integer;
  value.integer = integer;
  value.real = static_cast<double>(integer);
}

bool become_typed(Value& value, unsigned types) {
  if (value.quoted) {
    return (types & type::k_string) != 0;
  }
  if ((types & type::k_boolean) != 0 && (value.text == "true" || value.text == "false")) {
    value.kind = Value::Kind::boolean;
    value.boolean = value.text == "true";
    return true;
  }
  if (const auto integer = as_integer(value.text);
      integer && (types & (type::k_integer | type::k_number)) != 0) {
    become_integer(value, *integer);
    return true;
  }
  if (const auto number = as_number(value.text); number && (types & type::k_number) != 0) {
    value.kind = Value::Kind::real;
    value.real = *number;
    return true;
  }
  return (types & type::k_string) != 0;
}

// Why a person may have meant the right thing; all of it about the text alone.
std::string advice(const Value& value, unsigned types) {
  static constexpr std::array<std::string_view, 5> k_yes{"yes", "on", "y", "True", "TRUE"};
  static constexpr std::array<std::string_view, 5> k_no{"no", "off", "n", "False", "FALSE"};
  const auto is_one_of = [&](const auto& words) {
    return std::any_of(
        words.begin(), words.end(), [&](std::string_view word) { return word == value.text; });
  };
  Value unquoted = value;
  unquoted.quoted = false;
  if (value.quoted && become_typed(unquoted, types)) {
    return "remove the quotes";
  }
  if ((types & type::k_boolean) != 0 && is_one_of(k_yes)) {
    return "write true";
  }
  if ((types & type::k_boolean) != 0 && is_one_of(k_no)) {
    return "write false";
  }
  const std::string_view digits = without_sign(value.text);
  if ((types & (type::k_integer | type::k_number)) != 0 && all_digits(digits)) {
    return digits[0] == '0' ? "remove the leading zeros" : "it is too large";
  }
  return {};
}

std::optional<TypeProblem> type_with_unit(Value& value, const Schema& schema) {
  const bool bytes = schema.format == Format::bytes;
  const auto parsed = bytes ? parse_bytes(value.text) : parse_duration_ms(value.text);
  if (!parsed) {
    return TypeProblem{fmt::format("expected {}, not {}", describe_type(schema), shown(value)),
                       bytes ? "units are B, KiB, MiB, GiB, TiB" : "units are ms, s, m, h, d"};
  }
  become_integer(value, static_cast<std::int64_t>(*parsed));
  return std::nullopt;
}

}  // namespace

std::string shown(const Value& value) {
  constexpr std::size_t k_longest = 60;
  switch (value.kind) {
    case Value::Kind::null:
      return "nothing";
    case Value::Kind::list:
      return "a list";
    case Value::Kind::map:
      return "a map";
    default:
      break;
  }
  if (value.from_variable) {
    return "what the variable holds";
  }
  if (value.text.size() <= k_longest) {
    return fmt::format("\"{}\"", value.text);
  }
  std::size_t end = k_longest;  // not in the middle of a character
  while (end > 0 && (static_cast<unsigned char>(value.text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return fmt::format("\"{}...\"", std::string_view(value.text).substr(0, end));
}

std::optional<TypeProblem> type_scalar(Value& value, const Schema& schema) {
  const unsigned types = schema.types;
  switch (value.kind) {  // typed before: by an earlier check, or made by the host
    case Value::Kind::boolean:
    case Value::Kind::integer:
    case Value::Kind::real: {
      const unsigned is = value.kind == Value::Kind::boolean   ? type::k_boolean
                          : value.kind == Value::Kind::integer ? type::k_integer | type::k_number
                                                               : type::k_number;
      const bool unit = schema.format == Format::bytes || schema.format == Format::duration;
      if (types == 0 || (types & is) != 0 || (unit && value.kind == Value::Kind::integer)) {
        return std::nullopt;
      }
      break;
    }
    default:
      if ((types & type::k_scalar) == 0) {
        break;
      }
      if (schema.format == Format::bytes || schema.format == Format::duration) {
        return type_with_unit(value, schema);
      }
      if (become_typed(value, types)) {
        return std::nullopt;
      }
      break;
  }
  if (types == 0) {
    return std::nullopt;
  }
  return TypeProblem{fmt::format("expected {}, not {}", describe_type(schema), shown(value)),
                     value.kind == Value::Kind::string && !value.from_variable
                         ? advice(value, types)
                         : std::string()};
}

}  // namespace deployflow::pipeline
