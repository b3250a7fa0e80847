#include "cli/report/report.hpp"

#include "cli/ui/words.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace deployflow::cli {
namespace {

constexpr std::array<std::string_view, 9> k_acronyms{
    "css", "csp", "html", "http", "json", "seo", "sri", "url", "xml"};

}  // namespace

std::map<std::string, Rule> rules_of(const Report& report) {
  std::map<std::string, Rule> rules;
  for (const Entry& entry : report.entries) {
    Rule& rule = rules[entry.rule];
    rule.gravest = std::max(rule.gravest, entry.finding.severity);
    ++rule.count;
    if (rule.hint.empty()) {
      rule.hint = entry.finding.hint;
    }
  }
  return rules;
}

std::vector<const Entry*> gravest_first(const Report& report) {
  struct Ranked {
    const Entry* entry;
    std::uint64_t turn;  // among those of its rule and severity
  };
  std::map<std::pair<std::string_view, run::Severity>, std::uint64_t> turns;
  std::vector<Ranked> ranked;
  ranked.reserve(report.entries.size());
  for (const Entry& entry : report.entries) {
    ranked.push_back({&entry, turns[{entry.rule, entry.finding.severity}]++});
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    const run::Severity first = a.entry->finding.severity;
    const run::Severity second = b.entry->finding.severity;
    return first != second ? first > second : a.turn < b.turn;
  });
  std::vector<const Entry*> entries;
  entries.reserve(ranked.size());
  for (const Ranked& one : ranked) {
    entries.push_back(one.entry);
  }
  return entries;
}

std::string title_of(const std::string& rule) {
  const std::size_t slash = rule.find('/');
  std::string group = rule.substr(0, slash);
  const bool acronym = std::find(k_acronyms.begin(), k_acronyms.end(), group) != k_acronyms.end();
  for (char& c : group) {
    if (c >= 'a' && c <= 'z' && (acronym || &c == group.data())) {
      c = static_cast<char>(c - 'a' + 'A');
    }
  }
  if (slash == std::string::npos) {
    return group;
  }
  std::string rest = rule.substr(slash + 1);
  std::replace(rest.begin(), rest.end(), '-', ' ');
  return group + ": " + rest;
}

std::string describe(const Report& report) {
  std::string text;
  const auto add = [&](std::uint64_t count, std::string_view noun) {
    if (count > 0) {
      text += (text.empty() ? "" : ", ") + count_of(count, noun);
    }
  };
  add(report.errors, "error");
  add(report.warnings, "warning");
  add(report.infos, "note");
  return text.empty() ? "no findings" : text;
}

std::string place_of(const Entry& entry) {
  std::string place = entry.path;
  if (entry.finding.line > 0) {
    place += fmt::format(":{}", entry.finding.line);
    place += entry.finding.column > 0 ? fmt::format(":{}", entry.finding.column) : "";
  }
  return place;
}

}  // namespace deployflow::cli
