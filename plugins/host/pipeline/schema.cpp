#include "plugins/host/pipeline/schema.hpp"

#include "plugins/host/base/text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace deployflow::pipeline {
namespace {

using Json = nlohmann::ordered_json;  // options are listed in the order of their author

constexpr std::size_t k_max_bytes = std::size_t{64} << 10U;
constexpr std::size_t k_max_levels = 16;
constexpr int k_max_json_depth = 64;

Error broken(const std::string& where, const std::string& what) {
  return {Errc::plugin, printable(fmt::format("at {}: {}", where.empty() ? "/" : where, what)), {}};
}

constexpr std::array<std::pair<std::string_view, unsigned>, 6> k_types{
    {{"string", type::k_string},
     {"integer", type::k_integer},
     {"number", type::k_number},
     {"boolean", type::k_boolean},
     {"array", type::k_array},
     {"object", type::k_object}}};

constexpr std::array<std::pair<std::string_view, Format>, 5> k_formats{
    {{"bytes", Format::bytes},
     {"duration", Format::duration},
     {"glob", Format::glob},
     {"path", Format::path},
     {"target", Format::target}}};

// A literal as if it had been written in the pipeline file: typed later, like everything there.
Value as_written(const Json& json, std::size_t level = 0) {
  Value value;
  if (json.is_string()) {
    value.kind = Value::Kind::string;
    value.text = json.get<std::string>();
    value.quoted = true;
  } else if (json.is_boolean() || json.is_number()) {
    value.kind = Value::Kind::string;
    value.text = json.dump();
  } else if (json.is_array() && level < k_max_levels) {
    value.kind = Value::Kind::list;
    for (const auto& entry : json) {
      value.list.push_back(as_written(entry, level + 1));
    }
  } else if (json.is_object() && level < k_max_levels) {
    value.kind = Value::Kind::map;
    for (const auto& entry : json.items()) {
      value.map.emplace_back(entry.key(), as_written(entry.value(), level + 1));
      value.key_positions.emplace_back();
    }
  }
  return value;
}

unsigned type_of(const Json& literal) {
  if (literal.is_string()) {
    return type::k_string;
  }
  if (literal.is_boolean()) {
    return type::k_boolean;
  }
  return literal.is_number_integer() ? type::k_integer : type::k_number;
}

// One schema object. Every keyword is read by the function of its row; one that has no row is
// refused.
class SchemaReader {
 public:
  SchemaReader(const Json& json, std::string where, std::size_t level)
      : json_(json), where_(std::move(where)), level_(level) {}

  Result<Schema> read() {
    if (!json_.is_object()) {
      return broken(where_, "a schema must be an object");
    }
    if (level_ > k_max_levels) {
      return broken(where_, fmt::format("nested too deeply; at most {} levels", k_max_levels));
    }
    for (const auto& entry : json_.items()) {
      TRY(read_keyword(entry.key(), entry.value()));
    }
    TRY(check());
    return std::move(schema_);
  }

 private:
  using Read = Result<void> (SchemaReader::*)(const std::string& keyword, const Json& json);

  Result<void> read_keyword(const std::string& keyword, const Json& json) {
    static constexpr std::array<std::pair<std::string_view, Read>, 24> k_keywords{{
        {"type", &SchemaReader::read_type},
        {"format", &SchemaReader::read_format},
        {"properties", &SchemaReader::read_properties},
        {"required", &SchemaReader::read_required},
        {"additionalProperties", &SchemaReader::read_extra},
        {"items", &SchemaReader::read_items},
        {"oneOf", &SchemaReader::read_alternatives},
        {"anyOf", &SchemaReader::read_alternatives},
        {"enum", &SchemaReader::read_enum},
        {"const", &SchemaReader::read_const},
        {"default", &SchemaReader::read_default},
        {"minimum", &SchemaReader::read_bound},
        {"maximum", &SchemaReader::read_bound},
        {"minLength", &SchemaReader::read_count},
        {"maxLength", &SchemaReader::read_count},
        {"minItems", &SchemaReader::read_count},
        {"maxItems", &SchemaReader::read_count},
        {"pattern", &SchemaReader::read_pattern},
        {"description", &SchemaReader::read_description},
        {"deprecated", &SchemaReader::read_deprecated},
        {"title", &SchemaReader::read_text},
        {"$schema", &SchemaReader::read_text},
        {"$id", &SchemaReader::read_text},
        {"$comment", &SchemaReader::read_text},
    }};
    if (keyword == "examples") {
      return {};
    }
    const auto* row = std::find_if(k_keywords.begin(), k_keywords.end(), [&](const auto& known) {
      return known.first == keyword;
    });
    if (row == k_keywords.end()) {
      return broken(where_, fmt::format("unknown keyword \"{}\"", keyword.substr(0, 60)));
    }
    return (this->*row->second)(keyword, json);
  }

  [[nodiscard]] std::string below(const std::string& keyword) const {
    return where_ + "/" + keyword;
  }

  Result<void> read_type(const std::string& keyword, const Json& json) {
    const Json names = json.is_array() ? json : Json::array({json});
    for (const auto& name : names) {
      const auto* row = std::find_if(k_types.begin(), k_types.end(), [&](const auto& known) {
        return name.is_string() && name.get_ref<const std::string&>() == known.first;
      });
      if (row == k_types.end()) {
        return broken(
            below(keyword),
            "must be string, integer, number, boolean, array or object, or a list of these");
      }
      schema_.types |= row->second;
    }
    return schema_.types == 0 ? Result<void>(broken(below(keyword), "must not be empty"))
                              : Result<void>();
  }

  Result<void> read_format(const std::string& keyword, const Json& json) {
    const auto* row = std::find_if(k_formats.begin(), k_formats.end(), [&](const auto& known) {
      return json.is_string() && json.get_ref<const std::string&>() == known.first;
    });
    if (row == k_formats.end()) {
      return broken(below(keyword), "must be bytes, duration, glob, path or target");
    }
    schema_.format = row->second;
    return {};
  }

  Result<void> read_properties(const std::string& keyword, const Json& json) {
    if (!json.is_object()) {
      return broken(below(keyword), "must be an object");
    }
    for (const auto& entry : json.items()) {
      TRY_ASSIGN(
          Schema property,
          SchemaReader(entry.value(), below(keyword) + "/" + entry.key(), level_ + 1).read());
      schema_.properties.push_back({entry.key(), std::move(property)});
    }
    return {};
  }

  Result<void> read_required(const std::string& keyword, const Json& json) {
    if (!json.is_array() ||
        !std::all_of(json.begin(), json.end(), [](const Json& name) { return name.is_string(); })) {
      return broken(below(keyword), "must be a list of names");
    }
    schema_.required = json.get<std::vector<std::string>>();
    return {};
  }

  Result<void> read_extra(const std::string& keyword, const Json& json) {
    schema_.allows_extra = true;
    if (json.is_boolean()) {
      schema_.allows_extra = json.get<bool>();
      return {};
    }
    return read_one(keyword, json, schema_.extra);
  }

  Result<void> read_items(const std::string& keyword, const Json& json) {
    return read_one(keyword, json, schema_.items);
  }

  Result<void> read_one(const std::string& keyword, const Json& json, std::vector<Schema>& out) {
    TRY_ASSIGN(Schema schema, SchemaReader(json, below(keyword), level_ + 1).read());
    out.push_back(std::move(schema));
    return {};
  }

  Result<void> read_alternatives(const std::string& keyword, const Json& json) {
    if (!json.is_array() || json.empty() || !schema_.alternatives.empty()) {
      return broken(below(keyword), "must be a list of schemas, once");
    }
    for (std::size_t i = 0; i < json.size(); ++i) {
      TRY(read_one(fmt::format("{}/{}", keyword, i), json[i], schema_.alternatives));
    }
    return {};
  }

  Result<void> read_enum(const std::string& keyword, const Json& json) {
    if (!json.is_array() || json.empty() || !schema_.allowed.empty()) {
      return broken(below(keyword),
                    "must be a list of values that is not empty, and no const beside it");
    }
    for (const auto& literal : json) {
      TRY(read_literal(keyword, literal));
    }
    return {};
  }

  Result<void> read_const(const std::string& keyword, const Json& json) {
    if (!schema_.allowed.empty()) {
      return broken(below(keyword), "stands beside enum");
    }
    return read_literal(keyword, json);
  }

  Result<void> read_literal(const std::string& keyword, const Json& literal) {
    if (!literal.is_string() && !literal.is_boolean() && !literal.is_number()) {
      return broken(below(keyword), "may hold strings, numbers and booleans");
    }
    schema_.allowed.push_back(as_written(literal));
    allowed_types_ |= type_of(literal);
    return {};
  }

  Result<void> read_default(const std::string& /*keyword*/, const Json& json) {
    schema_.fallback = as_written(json);
    return {};
  }

  Result<void> read_bound(const std::string& keyword, const Json& json) {
    auto& bound = keyword == "minimum" ? schema_.minimum : schema_.maximum;
    if (json.is_number()) {
      bound = json.get<double>();
      return {};
    }
    const std::string text = json.is_string() ? json.get<std::string>() : "";
    const auto units = json_.value("format", Json());
    const auto parsed = units == "bytes"      ? parse_bytes(text)
                        : units == "duration" ? parse_duration_ms(text)
                                              : std::nullopt;
    if (!parsed) {
      return broken(below(keyword), "must be a number, or text in the schema's format");
    }
    bound = static_cast<double>(*parsed);
    return {};
  }

  Result<void> read_count(const std::string& keyword, const Json& json) {
    if (!json.is_number_unsigned()) {
      return broken(below(keyword), "must be a whole number, at least 0");
    }
    auto& count = keyword == "minLength"   ? schema_.min_length
                  : keyword == "maxLength" ? schema_.max_length
                  : keyword == "minItems"  ? schema_.min_items
                                           : schema_.max_items;
    count = json.get<std::size_t>();
    return {};
  }

  Result<void> read_pattern(const std::string& keyword, const Json& json) {
    if (!json.is_string()) {
      return broken(below(keyword), "must be a string");
    }
    schema_.pattern_text = json.get<std::string>();
    auto compiled = Pattern::compile(schema_.pattern_text);
    if (!compiled.ok()) {
      return broken(below(keyword), compiled.error().message);
    }
    schema_.pattern = std::move(compiled).value();
    return {};
  }

  Result<void> read_description(const std::string& keyword, const Json& json) {
    TRY(read_text(keyword, json));
    schema_.description = json.get<std::string>();
    return {};
  }

  Result<void> read_deprecated(const std::string& keyword, const Json& json) {
    if (!json.is_boolean() && !json.is_string()) {
      return broken(below(keyword), "must be true, false or what to use instead");
    }
    schema_.deprecated = json.is_string() || json.get<bool>();
    schema_.instead = json.is_string() ? json.get<std::string>() : "";
    return {};
  }

  Result<void> read_text(const std::string& keyword, const Json& json) {
    if (!json.is_string()) {
      return broken(below(keyword), "must be a string");
    }
    return {};
  }

  // What no keyword alone can tell.
  Result<void> check() {
    if (schema_.types == 0) {
      schema_.types = schema_.format != Format::none ? type::k_string
                      : !schema_.properties.empty()  ? type::k_object
                      : !schema_.items.empty()       ? type::k_array
                                                     : allowed_types_;
    }
    if (schema_.format != Format::none && (schema_.types & type::k_scalar) == 0) {
      return broken(where_, "a format belongs to a string or number");
    }
    for (const auto& name : schema_.required) {
      if (schema_.property(name) == nullptr) {
        return broken(below("required"),
                      fmt::format("\"{}\" is not among the properties", name.substr(0, 60)));
      }
    }
    return {};
  }

  const Json& json_;
  std::string where_;
  std::size_t level_;
  Schema schema_;
  unsigned allowed_types_ = 0;
};

Result<Json> parse_json(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > k_max_json_depth;
    return !too_deep;
  };
  try {
    Json json = Json::parse(text.begin(), text.end(), watch);
    if (!too_deep) {
      return json;
    }
  } catch (const Json::parse_error& error) {
    return Error{Errc::plugin, fmt::format("it is not JSON (byte {})", error.byte), {}};
  } catch (const Json::exception&) {
    return Error{Errc::plugin, "it is not JSON (a number is out of range)", {}};
  }
  return Error{Errc::plugin,
               fmt::format("it is nested too deeply; at most {} levels", k_max_json_depth),
               {}};
}

}  // namespace

const Schema* Schema::property(std::string_view name) const {
  for (const auto& [known, schema] : properties) {
    if (known == name) {
      return &schema;
    }
  }
  return nullptr;
}

Result<Schema> parse_schema(std::string_view text) {
  if (text.size() > k_max_bytes) {
    return Error{Errc::plugin, "it has over 64 KiB", {}};
  }
  TRY_ASSIGN(const Json json, parse_json(text));
  TRY_ASSIGN(Schema schema, SchemaReader(json, "", 1).read());
  if ((schema.types != 0 && schema.types != type::k_object) || !schema.alternatives.empty()) {
    return broken("", "options are an object");
  }
  schema.types = type::k_object;
  return schema;
}

std::string describe_type(const Schema& schema) {
  std::vector<std::string> words;
  for (const Schema& alternative : schema.alternatives) {
    words.push_back(describe_type(alternative));
  }
  for (const Value& allowed : schema.allowed) {
    words.push_back(allowed.quoted ? fmt::format("\"{}\"", allowed.text) : allowed.text);
  }
  if (!words.empty()) {
    return fmt::format("{}", fmt::join(words, " or "));
  }
  const auto add = [&](bool holds, const char* word) {
    if (holds) {
      words.emplace_back(word);
    }
  };
  const unsigned types = schema.types;
  const bool scalar = (types & type::k_scalar) != 0;
  add(scalar && schema.format == Format::bytes, "a size such as 10MiB");
  add(scalar && schema.format == Format::duration, "a duration such as 5m");
  add(scalar && schema.format == Format::glob, "a pattern such as **/*.html");
  add(scalar && schema.format == Format::path, "a path");
  add(scalar && schema.format == Format::target, "the name of a target");
  if (schema.format == Format::none) {
    add((types & type::k_boolean) != 0, "true or false");
    add((types & type::k_number) != 0, "a number");
    add((types & type::k_integer) != 0 && (types & type::k_number) == 0, "a whole number");
    add((types & type::k_string) != 0, "text");
  }
  add((types & type::k_array) != 0, "a list");
  add((types & type::k_object) != 0, "a map");
  return words.empty() ? "a value" : fmt::format("{}", fmt::join(words, " or "));
}

}  // namespace deployflow::pipeline
