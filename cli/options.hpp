// The option table and the command table: one row each, nothing else to edit. The parser and both
// kinds of help come from them.

#pragma once

#include "cli/command_line.hpp"
#include "plugins/host/base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace deployflow::cli {

enum class Group : std::uint8_t { site, target, pipeline, safety, output, about };

/// Bits of Option::commands.
constexpr unsigned command_bit(Command command) {
  return 1U << static_cast<unsigned>(command);
}

enum class Repeat : std::uint8_t { once, many };

struct Option {
  const char* name = "";        // "dry-run"; empty = has a short name only
  char short_name = 0;          // 0 = none
  const char* value = nullptr;  // "URL"; nullptr = a switch
  Group group = Group::about;
  unsigned commands = 0;  // which take it
  Repeat repeat = Repeat::once;
  const char* summary = "";  // at most 60 columns, no capital, no full stop
  const char* detail = "";   // sentences for --help
  /// Set it. `value` is empty for a switch. Errors: `usage`, without repeating secrets.
  Result<void> (*apply)(CommandLine&, const std::string& value) = nullptr;

  /// "--dry-run", or "-h" for one without a long name.
  [[nodiscard]] std::string spelled() const;
};

struct Example {
  const char* line;
  const char* comment;
};

struct CommandRow {
  Command command = Command::none;
  const char* name = "";
  const char* arguments = "";  // "[site]"
  std::size_t max_words = 0;
  bool hidden = false;       // not in `deployflow -h`
  const char* summary = "";  // one sentence with a full stop
  const char* detail = "";   // for --help
  std::span<const Example> examples = {};
};

std::span<const Option> options();
std::span<const CommandRow> commands();

/// The row of a command; `none` is the program itself.
const CommandRow& row_of(Command command);
/// nullptr if there is none. `spelled`: "--to" or "-n".
const Option* find_option(std::string_view spelled);
/// "Target", the heading of a group in help.
std::string_view heading(Group group);

}  // namespace deployflow::cli
