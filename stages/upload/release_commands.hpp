// Stages that are commands about releases: they look at what a target says of itself, and unlock
// and prune change that. None of them looks at the site.

#pragma once

#include "stages/upload/command_schema.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::stages {

/// `releases`: lists the releases of targets, newest first.
class Releases {
 public:
  static constexpr auto name = "releases";
  static constexpr auto version = "0.2.0";
  static constexpr auto summary = "lists the releases of targets, newest first";
  static constexpr auto options = release::k_joined<k_command_head, k_in_schema, k_command_end>;
  static constexpr std::uint32_t caps = DF_CAP_REMOTE_READ;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::vector<std::string> in_;
};

/// `unlock`: shows who holds the lock; removes it if that run is named.
class Unlock {
 public:
  static constexpr auto name = "unlock";
  static constexpr auto version = "0.2.0";
  static constexpr auto summary = "shows the lock of targets, and removes that of a run";
  static constexpr std::string_view k_own = R"(,
      "run": {
        "type": "string",
        "maxLength": 64,
        "description": "id of the run whose lock is removed; without it nothing is"
      })";
  static constexpr auto options =
      release::k_joined<k_command_head, k_in_schema, k_own, k_command_end>;
  static constexpr std::uint32_t caps = DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::vector<std::string> in_;
  std::string run_;
};

/// `prune`: forgets old releases now, and every content that no release needs.
class Prune {
 public:
  static constexpr auto name = "prune";
  static constexpr auto version = "0.2.0";
  static constexpr auto summary = "forgets old releases of targets and what only they needed";
  static constexpr std::string_view k_own = R"(,
      "keep": {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "default": 5,
        "description": "releases that stay, the live one among them"
      })";
  static constexpr auto options =
      release::k_joined<k_command_head, k_in_schema, k_own, k_command_end>;
  static constexpr std::uint32_t caps = DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::vector<std::string> in_;
  std::uint32_t keep_ = 5;
};

/// `diff`: what differs between two releases of a target.
class Diff {
 public:
  static constexpr auto name = "diff";
  static constexpr auto version = "0.2.0";
  static constexpr auto summary = "tells what differs between two releases of a target";
  static constexpr std::string_view k_head =
      R"({"type": "object", "required": ["in", "from"], "properties": {)";
  static constexpr std::string_view k_own = R"(,
      "from": {"type": "string", "maxLength": 64, "description": "id of a release"},
      "to": {
        "type": "string",
        "maxLength": 64,
        "description": "id of another one; without it the live one"
      })";
  static constexpr auto options = release::k_joined<k_head, k_in_schema, k_own, k_command_end>;
  static constexpr std::uint32_t caps = DF_CAP_REMOTE_READ;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::vector<std::string> in_;
  std::string from_, to_;
};

}  // namespace deployflow::stages
