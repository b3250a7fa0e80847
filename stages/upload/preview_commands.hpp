// The stages `previews`, which lists the previews of targets, and `remove-previews`, which removes
// some. Their reference is the README beside this file.

#pragma once

#include "stages/release/lease.hpp"
#include "stages/upload/command_schema.hpp"
#include "stages/upload/preview_list.hpp"

#include <deployflow/stage.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace deployflow::stages {

inline constexpr std::string_view k_folder_schema = R"(,
      "folder": {
        "type": "string",
        "pattern": "^[^/].*/$",
        "default": "previews/",
        "description": "folder of the targets that their previews lie in"
      })";

class Previews {
 public:
  static constexpr auto name = "previews";
  static constexpr auto version = "0.1.0";
  static constexpr auto summary = "lists the previews of targets";
  static constexpr auto options =
      release::k_joined<k_command_head, k_in_schema, k_folder_schema, k_command_end>;
  static constexpr std::uint32_t caps = DF_CAP_REMOTE_READ;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::vector<std::string> in_;
  std::string folder_;
};

class RemovePreviews {
 public:
  static constexpr auto name = "remove-previews";
  static constexpr auto version = "0.1.0";
  static constexpr auto summary =
      "removes previews of targets: by name, or those that have expired";
  static constexpr std::string_view k_own = R"(,
      "names": {
        "type": "array",
        "items": {"type": "string", "pattern": "^[^/]+$"},
        "description": "previews to be removed, whether they have expired or not"
      },
      "expired": {
        "type": "boolean",
        "default": false,
        "description": "remove those that have expired"
      },
      "spare": {
        "type": "string",
        "description": "a preview that stays, even if it has expired"
      },)";
  static constexpr auto options = release::
      k_joined<k_command_head, k_in_schema, k_folder_schema, k_own, k_lock_schema, k_command_end>;
  static constexpr std::uint32_t caps = DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  [[nodiscard]] std::vector<FoundPreview> choose(const Store& store,
                                                 const std::string& target) const;
  [[nodiscard]] bool is_named(const std::string& preview) const;
  bool remove(Ctx ctx,
              const Store& store,
              const RunInfo& info,
              const std::string& target,
              const FoundPreview& preview) const;

  std::vector<std::string> in_;
  std::string folder_;
  std::vector<std::string> names_;
  bool expired_ = false;
  std::string spare_;
  release::LeaseOptions lease_;
};

}  // namespace deployflow::stages
