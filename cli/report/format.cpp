#include "cli/report/format.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace deployflow::cli {
namespace {

constexpr std::array<FormatRow, 8> k_formats{{{Format::text, "text"},
                                              {Format::json, "json"},
                                              {Format::sarif, "sarif"},
                                              {Format::junit, "junit"},
                                              {Format::github, "github"},
                                              {Format::gitlab, "gitlab"},
                                              {Format::checkstyle, "checkstyle"},
                                              {Format::html, "html"}}};

const char* name_of(Format format) {
  return std::find_if(
             k_formats.begin(), k_formats.end(), [&](auto& row) { return row.format == format; })
      ->name;
}

Error unknown_format(std::string_view name) {
  std::vector<std::string> names;
  std::string all;
  for (const FormatRow& row : k_formats) {
    names.emplace_back(row.name);
    all += (all.empty() ? "" : ", ") + names.back();
  }
  const auto guess = nearest(name, names);
  return {Errc::usage,
          fmt::format("--format {}: unknown format", printable(name)),
          guess ? fmt::format("did you mean {}? There are {}", *guess, all)
                : fmt::format("there are {}", all)};
}

}  // namespace

std::span<const FormatRow> formats() {
  return k_formats;
}

Result<FormatChoice> parse_format(const std::string& value) {
  const std::size_t equals = value.find('=');
  const std::string_view name = std::string_view(value).substr(0, equals);
  const auto row = std::find_if(
      k_formats.begin(), k_formats.end(), [&](const FormatRow& one) { return name == one.name; });
  if (row == k_formats.end()) {
    return unknown_format(name);
  }
  if (equals == std::string::npos) {
    return FormatChoice{row->format, {}};
  }
  std::string file = value.substr(equals + 1);
  if (file.empty() || file == "-") {
    return Error{Errc::usage,
                 fmt::format("--format {}: no file is named", printable(value)),
                 fmt::format("--format {} shows it instead", row->name)};
  }
  return FormatChoice{row->format, std::move(file)};
}

Result<void> check_formats(const std::vector<FormatChoice>& choices, JsonLines json) {
  const FormatChoice* shown = nullptr;
  std::set<std::string_view> files;
  for (const FormatChoice& choice : choices) {
    if (!choice.file.empty()) {
      if (!files.insert(choice.file).second) {
        return Error{Errc::usage,
                     fmt::format("--format names {} twice", printable(choice.file)),
                     "each needs a file of its own"};
      }
      continue;
    }
    if (shown != nullptr) {
      return Error{Errc::usage,
                   fmt::format("--format {} and --format {}: only one can be shown",
                               name_of(shown->format),
                               name_of(choice.format)),
                   fmt::format("--format {}=FILE writes it into a file", name_of(choice.format))};
    }
    shown = &choice;
  }
  if (shown != nullptr && json == JsonLines::yes && is_document(shown->format)) {
    return Error{
        Errc::usage,
        fmt::format("--json and --format {} both want standard output", name_of(shown->format)),
        fmt::format("--format {}=FILE writes it into a file", name_of(shown->format))};
  }
  return {};
}

const FormatChoice* shown_format(const std::vector<FormatChoice>& choices) {
  const auto shown = std::find_if(
      choices.begin(), choices.end(), [](const FormatChoice& one) { return one.file.empty(); });
  return shown == choices.end() ? nullptr : &*shown;
}

bool is_document(Format format) {
  return format != Format::text && format != Format::github;
}

}  // namespace deployflow::cli
