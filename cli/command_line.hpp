// What was typed, as data: filled in by the option table, not yet checked against the world.

#pragma once

#include "cli/report/format.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace deployflow::cli {

enum class Command : std::uint8_t {
  none,
  push,
  run,
  validate,
  stages,
  sign,
  help,
  doctor,
  presign,
  plan,
  explain,
  releases,
  rollback,
  diff,
  prune,
  unlock,
  apply,
  previews,
  rules
};
enum class ColorChoice : std::uint8_t { automatic, always, never };
enum class HelpDepth : std::uint8_t { none, brief, full };

struct CommandLine {
  Command command = Command::none;
  std::vector<std::string> words;  // after the command: the site, the pipeline file, the help topic

  std::string to;  // "s3://bucket/prefix"
  std::string endpoint_url;
  std::string region;
  std::string profile;
  std::string url;
  std::string name;  // key of a site that is one file
  std::string site;
  std::string expires;  // of a link, of a preview
  std::string config;
  std::string target;               // of a command about releases
  std::string wait;                 // for another run's lock
  std::string keep;                 // releases
  std::string preview;              // its name; empty = the site itself
  std::vector<std::string> remove;  // names of previews
  std::string out;                  // the file to keep a plan in
  std::vector<std::string> plugins;
  std::optional<std::uint64_t> max_warnings;
  bool remove_expired = false;
  bool exit_code = false;
  bool dry_run = false;
  bool watch = false;
  std::string baseline;  // a file with known findings
  bool update_baseline = false;

  std::vector<FormatChoice> formats;
  bool json = false;
  bool quiet = false;
  int verbose = 0;  // 0 to 3
  ColorChoice color = ColorChoice::automatic;
  HelpDepth help = HelpDepth::none;
  bool version = false;
};

}  // namespace deployflow::cli
