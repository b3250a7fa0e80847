#include "stages/release/header_rule.hpp"

#include "stages/release/header_field.hpp"
#include "stages/release/option_value.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace deployflow::release {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// The name of an option's entry is the user's text and may hold anything.
std::string shown(std::string_view name) {
  constexpr std::size_t k_most = 60;
  return is_header_value(name) ? std::string(name.substr(0, k_most)) : "?";
}

class Reader {
 public:
  Reader(Ctx ctx, std::string_view stage) : ctx_(ctx), code_(std::string(stage) + "/bad-headers") {}

  [[nodiscard]] bool is_good() const { return refused_ == 0; }

  HeaderRule read(const OptionValue& given, std::size_t number) {
    label_ = "headers[" + std::to_string(number) + "]";
    rule_ = {};
    const std::size_t before = refused_;
    const df_pos pos = given.pos();
    rule_.name = label_;
    if (pos.line != 0) {
      rule_.name += ", " + std::string(sv(pos.file)) + ":" + std::to_string(pos.line);
    }
    if (!given.is_map()) {
      refuse(given, "", "must be a map");
    }
    given.each([&](std::string_view option, const OptionValue& value) {
      if (option == "match") {
        rule_.match.read(
            value, [this](const OptionValue& at, std::string_view message, std::string_view hint) {
              refuse(at, "match", message, hint);
            });
      } else if (option == "metadata") {
        read_metadata(value);
      } else {
        read_field(option, value);
      }
    });
    if (given.is_map() && rule_.match.taken.empty() && rule_.match.left.empty() &&
        refused_ == before) {
      refuse(given, "match", "needs a pattern");
    }
    return std::move(rule_);
  }

 private:
  void refuse(const OptionValue& at,
              std::string_view option,
              std::string_view message,
              std::string_view hint = {}) {
    ++refused_;
    const std::string label = label_ + (option.empty() ? "" : "." + shown(option));
    ctx_.error(code_, label + ": " + std::string(message)).at(at.pos()).hint(std::string(hint));
  }

  /// The text of a field; "" and null remove it.
  bool take_text(std::string_view option, const OptionValue& value, std::string& out) {
    if (!value.is_text() && value.kind() != DF_NULL) {
      refuse(value, option, "must be text");
      return false;
    }
    out = value.text();
    if (!out.empty() && !is_header_value(out)) {
      refuse(value,
             option,
             "cannot be the value of an HTTP header",
             "at most 4,096 characters of ASCII in one line, no space at the ends");
      return false;
    }
    return true;
  }

  void read_field(std::string_view option, const OptionValue& value) {
    const auto fields = header_fields();
    const auto field = std::find_if(
        fields.begin(), fields.end(), [&](const HeaderField& f) { return f.option == option; });
    if (field == fields.end()) {
      refuse(value, option, "unknown option");
      return;
    }
    std::string text;
    if (!take_text(option, value, text)) {
      return;
    }
    if (!text.empty() && !field->is_good(text)) {
      refuse(value, option, field->must, field->hint);
      return;
    }
    rule_.changes.emplace_back(field->header, std::move(text));
  }

  void read_metadata(const OptionValue& map) {
    if (!map.is_map() && map.kind() != DF_NULL) {
      refuse(map, "metadata", "must be a map");
      return;
    }
    map.each([&](std::string_view name, const OptionValue& value) {
      const std::string option = "metadata." + shown(name);
      const std::string header = std::string(k_metadata) + lower(name);
      if (!is_token(name)) {
        refuse(value,
               option,
               "cannot be the name of an HTTP header",
               "letters, digits, - and _; stores take no spaces and no others than ASCII");
        return;
      }
      // Stores keep these names in small letters, so one of the two would be lost.
      if (std::any_of(rule_.changes.begin(), rule_.changes.end(), [&](const auto& change) {
            return change.first == header;
          })) {
        refuse(value, option, "is given twice, in capital and in small letters");
        return;
      }
      std::string text;
      if (take_text(option, value, text)) {
        rule_.changes.emplace_back(header, std::move(text));
      }
    });
  }

  Ctx ctx_;
  std::string code_;
  std::string label_;
  HeaderRule rule_;
  std::size_t refused_ = 0;
};

}  // namespace

std::vector<HeaderRule> read_header_rules(Ctx ctx, std::string_view stage, const df_value* list) {
  std::vector<HeaderRule> rules;
  Reader reader(ctx, stage);
  OptionValue(ctx, list).each([&](std::string_view, const OptionValue& given) {
    rules.push_back(reader.read(given, rules.size()));
  });
  if (!reader.is_good()) {
    throw Failure{DF_BAD_OPTIONS, ""};
  }
  return rules;
}

}  // namespace deployflow::release
