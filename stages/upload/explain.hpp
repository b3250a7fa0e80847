// The stage `explain`: tells how one file of the site comes to the headers that it is stored with.
// It takes the options of `upload`, of which the headers count. No network.

#pragma once

#include "stages/upload/upload.hpp"

#include <deployflow/stage.hpp>

#include <string>
#include <string_view>

namespace deployflow::stages {

class Explain {
 public:
  static constexpr auto name = "explain";
  static constexpr auto version = "0.2.0";
  static constexpr auto summary = "tells how a file comes to its headers";
  static constexpr std::string_view k_head = R"({
    "type": "object",
    "required": ["key"],
    "properties": {
      "key": {"type": "string", "description": "the file's name in the store"},
      "to": {
        "anyOf": [
          {"type": "string", "format": "target"},
          {"type": "array", "items": {"type": "string", "format": "target"}, "minItems": 1}
        ],
        "description": "as for upload; not looked at"
      },
      "header_defaults": )";
  static constexpr auto options = release::k_joined<k_head,
                                                    release::k_header_defaults_schema,
                                                    Upload::k_headers,
                                                    release::k_headers_schema,
                                                    Upload::k_order,
                                                    release::k_order_schema,
                                                    Upload::k_middle,
                                                    k_website_schema,
                                                    k_keep_contents_schema,
                                                    k_release_options_schema,
                                                    k_lock_schema,
                                                    Upload::k_tail>;
  static constexpr std::uint32_t caps = 0;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::string key_;
  release::HeaderRules headers_;
};

}  // namespace deployflow::stages
