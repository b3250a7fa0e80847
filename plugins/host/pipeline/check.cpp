#include "plugins/host/pipeline/check.hpp"

#include "plugins/host/base/glob.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/pipeline/paths.hpp"
#include "plugins/host/pipeline/scalar.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace deployflow::pipeline {
namespace {

constexpr std::size_t k_max_listed = 12;  // names in a hint

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

std::string suggest(std::string_view word,
                    const std::vector<std::string>& names,
                    std::string_view what) {
  if (const auto near = nearest(word, names)) {
    return fmt::format("did you mean \"{}\"?", *near);
  }
  if (names.empty() || names.size() > k_max_listed) {
    return {};
  }
  return fmt::format("{}: {}", what, fmt::join(names, ", "));
}

bool is_scalar(const Value& value) {
  return value.kind != Value::Kind::list && value.kind != Value::Kind::map &&
         value.kind != Value::Kind::null;
}

bool equal(const Value& a, const Value& b) {
  if (a.kind != b.kind) {
    return false;
  }
  switch (a.kind) {
    case Value::Kind::boolean:
      return a.boolean == b.boolean;
    case Value::Kind::integer:
      return a.integer == b.integer;
    case Value::Kind::real:
      return a.real == b.real;
    default:
      return a.text == b.text;
  }
}

std::string in_units(double bound, Format format) {
  if (format == Format::bytes && bound >= 0) {
    return format_bytes(static_cast<std::uint64_t>(bound));
  }
  return format == Format::duration ? fmt::format("{} ms", bound) : fmt::format("{}", bound);
}

class Checker {
 public:
  /// A checker that only tries gives no warnings.
  enum class Mode : std::uint8_t { check, attempt };
  Checker(const CheckContext& context, Diagnostics& out, Mode mode)
      : context_(context), out_(out), mode_(mode) {}

  void check(Value& value, const Schema& schema, const std::string& label) {
    if (value.broken) {
      return;
    }
    if (!schema.alternatives.empty()) {
      check_alternatives(value, schema, label);
      return;
    }
    if (!take_type(value, schema, label) || !check_allowed(value, schema, label)) {
      return;
    }
    switch (value.kind) {
      case Value::Kind::map:
        check_map(value, schema, label);
        break;
      case Value::Kind::list:
        check_list(value, schema, label);
        break;
      case Value::Kind::string:
        check_string(value, schema, label);
        break;
      case Value::Kind::integer:
        check_bounds(value, static_cast<double>(value.integer), schema, label);
        break;
      case Value::Kind::real:
        check_bounds(value, value.real, schema, label);
        break;
      default:
        break;
    }
  }

 private:
  void report(Value& value,
              const std::string& label,
              std::string_view message,
              std::string hint = {}) {
    out_.push_back({value.at, labelled(label, message), std::move(hint)});
    value.broken = true;
  }

  // A container whose contents are not written is an empty one.
  bool take_type(Value& value, const Schema& schema, const std::string& label) {
    if (value.kind == Value::Kind::null && (schema.types & (type::k_object | type::k_array)) != 0) {
      value.kind = (schema.types & type::k_object) != 0 ? Value::Kind::map : Value::Kind::list;
    }
    if (schema.types == 0) {
      return true;
    }
    if (value.kind == Value::Kind::null) {
      report(value, label, fmt::format("expected {}, but it is empty", describe_type(schema)));
      return false;
    }
    if (is_scalar(value)) {
      if (auto problem = type_scalar(value, schema)) {
        report(value, label, problem->message, advice(value, schema, problem->hint));
        return false;
      }
      return true;
    }
    const unsigned is = value.kind == Value::Kind::map ? type::k_object : type::k_array;
    if ((schema.types & is) == 0) {
      report(value, label, fmt::format("expected {}, not {}", describe_type(schema), shown(value)));
      return false;
    }
    return true;
  }

  static std::string advice(const Value& value, const Schema& schema, const std::string& hint) {
    const bool list_of_one =
        schema.types == type::k_array && !schema.items.empty() &&
        (schema.items[0].types == 0 || (schema.items[0].types & type::k_scalar) != 0);
    return hint.empty() && list_of_one && !value.from_variable ? "put it in brackets: [...]" : hint;
  }

  bool check_allowed(Value& value, const Schema& schema, const std::string& label) {
    if (schema.allowed.empty()) {
      return true;
    }
    std::vector<std::string> names;
    for (Value allowed : schema.allowed) {
      Schema types;
      types.types = schema.types;
      if (!type_scalar(allowed, types) && equal(allowed, value)) {
        return true;
      }
      names.push_back(allowed.text);
    }
    std::string hint;
    if (value.kind == Value::Kind::string && !value.from_variable) {
      const auto near = nearest(value.text, names);
      const bool same = near && *near == value.text;  // 5 is asked for, and "5" is not that
      hint = same ? "remove the quotes" : near ? fmt::format("did you mean \"{}\"?", *near) : "";
    }
    const char* form = names.size() == 1 ? "must be {}, not {}" : "must be one of {}; not {}";
    report(value,
           label,
           fmt::format(fmt::runtime(form), fmt::join(names, ", "), shown(value)),
           std::move(hint));
    return false;
  }

  // The first alternative that fits. If none does: the complaints of the one that takes this kind
  // of value.
  void check_alternatives(Value& value, const Schema& schema, const std::string& label) {
    const Schema* closest = nullptr;
    std::size_t candidates = 0;
    std::vector<std::string> names;
    for (const Schema& alternative : schema.alternatives) {
      Value copy = value;
      Diagnostics problems;
      Checker(context_, problems, Mode::attempt).check(copy, alternative, label);
      if (problems.empty()) {
        check(value, alternative, label);  // again, so that warnings are given once
        return;
      }
      if (takes_kind(alternative, value)) {
        closest = &alternative;
        ++candidates;
      }
      for (const Value& allowed : alternative.allowed) {
        names.push_back(allowed.text);
      }
    }
    if (candidates == 1) {
      check(value, *closest, label);
      return;
    }
    const std::string hint = is_scalar(value) && !value.from_variable && !names.empty()
                                 ? suggest(value.text, names, "it can be")
                                 : std::string();
    if (value.kind == Value::Kind::null) {
      report(value, label, fmt::format("expected {}, but it is empty", describe_type(schema)));
      return;
    }
    report(value,
           label,
           fmt::format("expected {}, not {}", describe_type(schema), shown(value)),
           hint);
  }

  static bool takes_kind(const Schema& schema, const Value& value) {
    const unsigned asked = schema.types == 0 ? ~0U : schema.types;
    switch (value.kind) {
      case Value::Kind::map:
        return (asked & type::k_object) != 0;
      case Value::Kind::list:
        return (asked & type::k_array) != 0;
      case Value::Kind::null:
        return false;
      default:
        return (asked & type::k_scalar) != 0;
    }
  }

  void check_map(Value& map, const Schema& schema, const std::string& label) {
    map.key_positions.resize(map.map.size());  // the command line's options have none
    std::vector<std::string> unknown;
    for (std::size_t i = 0; i < map.map.size(); ++i) {
      auto& [key, value] = map.map[i];
      if (const Schema* property = schema.property(key)) {
        warn_if_deprecated(*property, key_label(label, key), map.key_positions[i]);
        check(value, *property, key_label(label, key));
      } else if (schema.allows_extra) {
        if (!schema.extra.empty()) {
          check(value, schema.extra[0], key_label(label, key));
        }
      } else {
        report_unknown(map, i, schema, label);
        unknown.push_back(key);
      }
    }
    report_missing(map, schema, label, unknown);
    fill_defaults(map, schema, label);
  }

  void warn_if_deprecated(const Schema& schema, const std::string& label, Position at) {
    if (schema.deprecated && mode_ == Mode::check && context_.warnings != nullptr) {
      context_.warnings->push_back(
          {at, labelled(label, "this " + context_.noun + " is deprecated"), schema.instead});
    }
  }

  void report_unknown(Value& map,
                      std::size_t index,
                      const Schema& schema,
                      const std::string& label) {
    const std::string& key = map.map[index].first;
    map.map[index].second.broken = true;
    const Position at = map.key_positions[index];
    if (context_.unknown_key) {
      if (auto special = context_.unknown_key(label, key)) {
        special->at = at;
        out_.push_back(std::move(*special));
        return;
      }
    }
    std::vector<std::string> free;
    std::vector<std::string> all;
    for (const auto& [name, property] : schema.properties) {
      all.push_back(name);
      if (map.find(name) == nullptr) {
        free.push_back(name);
      }
    }
    std::string hint = all.empty()
                           ? fmt::format("there are no {}s here", context_.noun)
                           : suggest(key, nearest(key, free) ? free : all, context_.noun + "s");
    out_.push_back(
        {at, labelled(key_label(label, key), "unknown " + context_.noun), std::move(hint)});
  }

  // A required key that an unknown one was meant to be is not reported twice.
  void report_missing(Value& map,
                      const Schema& schema,
                      const std::string& label,
                      const std::vector<std::string>& unknown) {
    for (const auto& name : schema.required) {
      const std::vector<std::string> only{name};
      const bool misspelt =
          std::any_of(unknown.begin(), unknown.end(), [&](const std::string& key) {
            return nearest(key, only).has_value();
          });
      if (misspelt || map.find(name) != nullptr) {
        continue;
      }
      const Schema& property = *schema.property(name);
      std::string hint;
      if (property.allowed.size() == 1) {
        hint = fmt::format("add \"{}: {}\"", name, property.allowed[0].text);
      }
      out_.push_back(
          {map.at, labelled(label, fmt::format("\"{}\" is missing", name)), std::move(hint)});
    }
  }

  void fill_defaults(Value& map, const Schema& schema, const std::string& label) {
    for (const auto& [name, property] : schema.properties) {
      if (!property.fallback || map.find(name) != nullptr) {
        continue;
      }
      Value value = *property.fallback;
      const std::size_t before = out_.size();
      check(value, property, key_label(label, name));
      for (std::size_t i = before; i < out_.size(); ++i) {
        out_[i].at = map.at;  // a default has no place of its own
        out_[i].message += " (its default)";
      }
      map.map.emplace_back(name, std::move(value));
      map.key_positions.emplace_back();
    }
  }

  void check_list(Value& list, const Schema& schema, const std::string& label) {
    if (list.list.size() < schema.min_items) {
      report(list,
             label,
             fmt::format("needs at least {} {}",
                         schema.min_items,
                         schema.min_items == 1 ? "entry" : "entries"));
    } else if (list.list.size() > schema.max_items) {
      report(list,
             label,
             fmt::format("has {} entries; at most {}", list.list.size(), schema.max_items));
    }
    if (schema.items.empty()) {
      return;
    }
    for (std::size_t i = 0; i < list.list.size(); ++i) {
      check(list.list[i], schema.items[0], fmt::format("{}[{}]", label, i));
    }
  }

  void check_string(Value& value, const Schema& schema, const std::string& label) {
    const std::size_t length = count_characters(value.text);
    if (length < schema.min_length) {
      report(value,
             label,
             length == 0
                 ? std::string("must not be empty")
                 : fmt::format("has {} characters; at least {}", length, schema.min_length));
    } else if (length > schema.max_length) {
      report(value, label, fmt::format("has {} characters; at most {}", length, schema.max_length));
    } else if (schema.pattern && !schema.pattern->matches(value.text)) {
      report(value,
             label,
             fmt::format("{} does not have the form that is asked for", shown(value)),
             schema.description.empty() ? fmt::format("pattern: {}", schema.pattern_text)
                                        : schema.description);
    } else {
      check_format(value, schema, label);
    }
  }

  void check_format(Value& value, const Schema& schema, const std::string& label) {
    switch (schema.format) {
      case Format::glob:
        if (value.text.empty() || value.text[0] == '/') {
          report(value,
                 label,
                 "expected a pattern of keys, which never start with \"/\"",
                 "such as **/*.html");
        } else if (const auto glob = Glob::compile(value.text); !glob.ok()) {
          report(value, label, glob.error().message, glob.error().hint);
        }
        break;
      case Format::path:
        if (value.text.empty()) {
          report(value, label, "expected a path, but it is empty");
        } else if (!context_.folder.empty()) {
          value.text = resolve_path(context_.folder, value.text);
        }
        break;
      case Format::target:
        check_target(value, label);
        break;
      default:
        break;
    }
  }

  void check_target(Value& value, const std::string& label) {
    if (!context_.targets) {
      return;
    }
    const auto& names = *context_.targets;
    if (std::find(names.begin(), names.end(), value.text) != names.end()) {
      return;
    }
    std::string hint = names.empty() ? "the pipeline has no targets"
                                     : "targets: " + fmt::format("{}", fmt::join(names, ", "));
    if (value.from_variable) {
      report(value,
             label,
             "the variable does not hold the name of a target",
             names.size() > k_max_listed ? "" : hint);
      return;
    }
    report(value,
           label,
           fmt::format("there is no target {}", shown(value)),
           names.empty() ? hint : suggest(value.text, names, "targets"));
  }

  void check_bounds(Value& value, double number, const Schema& schema, const std::string& label) {
    if (schema.minimum && number < *schema.minimum) {
      report(value,
             label,
             fmt::format("must be at least {}", in_units(*schema.minimum, schema.format)));
    } else if (schema.maximum && number > *schema.maximum) {
      report(value,
             label,
             fmt::format("must be at most {}", in_units(*schema.maximum, schema.format)));
    }
  }

  const CheckContext& context_;
  Diagnostics& out_;
  Mode mode_;
};

}  // namespace

Diagnostics check_value(Value& value,
                        const Schema& schema,
                        const std::string& label,
                        const CheckContext& context) {
  Diagnostics out;
  Checker(context, out, Checker::Mode::check).check(value, schema, label);
  return out;
}

std::string key_label(const std::string& label, std::string_view key) {
  constexpr std::size_t k_longest = 60;
  const bool plain =
      !key.empty() && key.size() <= k_longest && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_' || c == '-';
      });
  if (!plain) {
    return fmt::format(
        "{}[\"{}{}\"]", label, key.substr(0, k_longest), key.size() > k_longest ? "..." : "");
  }
  return label.empty() ? std::string(key) : fmt::format("{}.{}", label, key);
}

std::string labelled(const std::string& label, std::string_view message) {
  return label.empty() ? std::string(message) : fmt::format("{}: {}", label, message);
}

}  // namespace deployflow::pipeline
