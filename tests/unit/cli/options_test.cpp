#include "cli/options.hpp"

#include "cli/help.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace deployflow::cli {
namespace {

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

TEST_CASE("every option has a unique long and short name") {
  std::set<std::string> seen;
  for (const Option& option : options()) {
    CHECK((*option.name != 0 || option.short_name != 0));
    if (*option.name != 0) {
      CHECK(seen.insert(option.name).second);
    }
    if (option.short_name != 0) {
      CHECK(seen.insert(std::string(1, option.short_name)).second);
    }
    CHECK(find_option(option.spelled()) == &option);
  }
}

TEST_CASE("every summary is ASCII, of at most 60 columns, without capital and full stop") {
  for (const Option& option : options()) {
    CAPTURE(option.spelled());
    const std::string_view summary = option.summary;
    REQUIRE_FALSE(summary.empty());
    CHECK(summary.size() <= 60);
    CHECK(is_plain_ascii(summary));
    CHECK(is_plain_ascii(option.detail));
    CHECK(summary.back() != '.');
    CHECK(!(summary.front() >= 'A' && summary.front() <= 'Z'));
    CHECK((*option.detail == 0 || std::string_view(option.detail).back() == '.'));
  }
}

TEST_CASE("every option can be set and belongs to a command") {
  for (const Option& option : options()) {
    CAPTURE(option.spelled());
    REQUIRE(static_cast<bool>(option.apply));
    CHECK(option.commands != 0);
    CommandLine line;
    const std::string_view name = option.name;
    const std::string value = name == "color"          ? "never"
                              : name == "format"       ? "html=x"
                              : name == "max-warnings" ? "3"
                                                       : "x";
    CHECK(option.apply(line, option.value != nullptr ? value : "").ok());
  }
}

TEST_CASE("no option looks like a credential") {
  for (const Option& option : options()) {
    for (const std::string_view word : {"key", "secret", "token", "password"}) {
      CHECK(std::string_view(option.name).find(word) == std::string_view::npos);
    }
  }
}

TEST_CASE("every command has a sentence, and every line of its help fits 80 columns") {
  for (const CommandRow& row : commands()) {
    CAPTURE(row.name);
    CHECK(std::string_view(row.summary).back() == '.');
    for (const HelpDepth depth : {HelpDepth::brief, HelpDepth::full}) {
      const std::string text = help_text(row.command, depth);
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        CAPTURE(text.substr(at, end - at));
        CHECK(end - at <= 80);
        at = end + 1;
      }
    }
  }
}

TEST_CASE("every option of a command stands in both of its helps") {
  for (const CommandRow& row : commands()) {
    for (const Option& option : options()) {
      if ((option.commands & command_bit(row.command)) != 0 && option.group != Group::about) {
        CAPTURE(row.name);
        CAPTURE(option.spelled());
        CHECK(help_text(row.command, HelpDepth::brief).find(option.spelled()) != std::string::npos);
        CHECK(help_text(row.command, HelpDepth::full).find(option.spelled()) != std::string::npos);
      }
    }
  }
}

}  // namespace
}  // namespace deployflow::cli
