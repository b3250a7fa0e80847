#include "stages/validate/option_reader.hpp"

#include "stages/validate/rules.hpp"

#include <string>
#include <utility>

namespace deployflow::validate {
namespace {

template <class T>
std::optional<T> value_of(const Options& given, std::string_view option) {
  return given.has(option) ? std::optional(given.get<T>(option)) : std::nullopt;
}

RuleSet rule_set(std::string_view name) {
  return name == "strict"        ? RuleSet::strict
         : name == "recommended" ? RuleSet::recommended
                                 : RuleSet::essential;
}

std::optional<Severity> severity(std::string_view name) {
  return name == "error"     ? std::optional(Severity::error)
         : name == "warning" ? std::optional(Severity::warning)
         : name == "info"    ? std::optional(Severity::info)
                             : std::nullopt;
}

// Calls f(key, value) for each entry of a list or a map; nothing if it is absent.
template <class F>
void each_entry(Ctx ctx, const df_value* container, F f) {
  const std::uint64_t count =
      container != nullptr ? ctx.host()->value_count(ctx.raw(), container) : 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    df_str key{};
    const df_value* entry = ctx.host()->value_at(ctx.raw(), container, i, &key);
    f(sv(key), entry);
  }
}

std::string text_of(Ctx ctx, const df_value* value) {
  df_str text{};
  require_ok(ctx.host()->value_str(ctx.raw(), value, &text), "string option");
  return std::string(sv(text));
}

}  // namespace

void OptionReader::check_code(std::string_view option,
                              std::string_view code,
                              const df_value* where) {
  if (is_rule(code)) {
    return;
  }
  is_good_ = false;
  df_pos pos{};
  ctx_.host()->value_pos(ctx_.raw(), where, &pos);
  ctx_.error("validate", std::string(option) + ": there is no code " + std::string(code))
      .at(pos)
      .hint("`deployflow rules` lists all codes");
}

SettingsChange OptionReader::read_change(const Options& given) {
  SettingsChange out;
  out.max_file_bytes = value_of<std::uint64_t>(given, "max_file_size");
  out.max_html_bytes = value_of<std::uint64_t>(given, "max_html_size");
  out.max_page_bytes = value_of<std::uint64_t>(given, "max_page_weight");
  out.max_total_bytes = value_of<std::uint64_t>(given, "max_total_size");
  out.max_files = value_of<std::uint64_t>(given, "max_files");
  out.max_findings = value_of<std::size_t>(given, "max_findings_per_file");
  out.is_strict = value_of<bool>(given, "strict");
  if (const auto name = value_of<std::string>(given, "rules")) {
    out.rules = rule_set(*name);
  }
  each_entry(ctx_, given.value("severity"), [&](std::string_view code, const df_value* value) {
    check_code("severity", code, value);
    out.severities.emplace(code, severity(text_of(ctx_, value)));
  });
  each_entry(ctx_, given.value("ignore"), [&](std::string_view, const df_value* value) {
    std::string code = text_of(ctx_, value);
    check_code("ignore", code, value);
    out.ignored.insert(std::move(code));
  });
  return out;
}

std::vector<Override> OptionReader::read_overrides(const Options& given) {
  std::vector<Override> out;
  each_entry(ctx_, given.value("overrides"), [&](std::string_view, const df_value* value) {
    const Options entry(ctx_, value);
    out.push_back({entry.get_texts("files"), read_change(entry)});
  });
  return out;
}

}  // namespace deployflow::validate
