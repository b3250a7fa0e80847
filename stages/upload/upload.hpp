// The stage `upload`: makes targets hold the site, as a release that can be gone back to. Its
// reference is the README beside this file.

#pragma once

#include "stages/release/deployment.hpp"
#include "stages/release/group_order.hpp"
#include "stages/release/header_rules.hpp"
#include "stages/release/schema_text.hpp"
#include "stages/upload/command_schema.hpp"
#include "stages/upload/release_options.hpp"
#include "stages/upload/website.hpp"

#include <deployflow/stage.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::stages {

class Upload {
 public:
  static constexpr auto name = "upload";
  static constexpr auto version = "0.2.0";
  static constexpr auto summary =
      "makes targets hold the site: what differs, pages last, as a release";
  static constexpr std::string_view k_head = R"({
    "type": "object",
    "required": ["to"],
    "properties": {
      "to": {
        "anyOf": [
          {"type": "string", "format": "target"},
          {"type": "array", "items": {"type": "string", "format": "target"}, "minItems": 1}
        ],
        "description": "the target that the site is stored in, or several"
      },
      "header_defaults": )";
  static constexpr std::string_view k_headers = R"(,
      "headers": )";
  static constexpr std::string_view k_order = R"(,
      "order": )";
  static constexpr std::string_view k_middle = R"(,
      "expires": {
        "anyOf": [
          {"type": "string", "format": "duration", "minimum": "1s", "maximum": "3650d"},
          {"enum": ["never"]}
        ],
        "description": "the targets are previews, which may be removed after so long; every run renews it"
      },)";
  static constexpr std::string_view k_tail = "}}";
  static constexpr auto options = release::k_joined<k_head,
                                                    release::k_header_defaults_schema,
                                                    k_headers,
                                                    release::k_headers_schema,
                                                    k_order,
                                                    release::k_order_schema,
                                                    k_middle,
                                                    k_website_schema,
                                                    k_keep_contents_schema,
                                                    k_release_options_schema,
                                                    k_lock_schema,
                                                    k_tail>;
  static constexpr std::uint32_t caps =
      DF_CAP_READS_CONTENT | DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::vector<std::string> to_;
  release::DeploymentOptions release_;
  std::optional<std::chrono::seconds> life_;  // of a preview; 0 = for ever
  release::HeaderRules headers_;
  std::optional<WebsiteOption> website_;
};

}  // namespace deployflow::stages
