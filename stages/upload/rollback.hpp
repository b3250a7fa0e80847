// The stage `rollback`: makes another release the live one, in the same order, with the same
// barriers, lock and confirmation as an upload. No file of it is needed: contents are where the
// live site has them, in the blobs that later releases left, or in old versions of the bucket. Its
// reference is the README beside this file.

#pragma once

#include "stages/release/lease.hpp"
#include "stages/upload/command_schema.hpp"
#include "stages/upload/release_options.hpp"

#include <deployflow/stage.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace deployflow::stages {

class Rollback {
 public:
  static constexpr auto name = "rollback";
  static constexpr auto version = "0.2.0";
  static constexpr auto summary = "makes an earlier or later release of targets the live one";
  static constexpr std::string_view k_own = R"(,
      "release": {
        "type": "string",
        "pattern": "^[0-9A-Za-z-]{1,64}$",
        "description": "id of the release; without it the one before the live one"
      },)";
  static constexpr auto options = release::k_joined<k_command_head,
                                                    k_in_schema,
                                                    k_own,
                                                    k_keep_contents_schema,
                                                    k_lock_schema,
                                                    k_command_end>;
  static constexpr std::uint32_t caps = DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::vector<std::string> in_;
  std::string release_;
  release::LeaseOptions lease_;
  bool keep_contents_ = true;
};

}  // namespace deployflow::stages
