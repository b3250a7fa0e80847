// The stage `validate`: options in, the whole site, findings out. Its reference is the README
// beside this file.

#pragma once

#include "stages/validate/settings.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>

namespace deployflow::validate {

class Validate {
 public:
  static constexpr auto name = "validate";
  static constexpr auto version = "0.2.0";
  static constexpr auto summary = "Checks file sizes, keys, the HTML of every page, and all links";
  static constexpr std::uint32_t caps = DF_CAP_READS_CONTENT;
  static constexpr auto options = R"json({
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "url": {"type": "string", "pattern": "^https?://",
        "description": "where visitors see the site, so that links with that address are checked too. Without it that of the first target that has one"},
      "max_file_size": {"type": "string", "format": "bytes", "default": "100MiB",
        "description": "a larger file is an error"},
      "max_html_size": {"type": "string", "format": "bytes", "default": "4MiB",
        "description": "the HTML of a larger page is not checked, with a warning"},
      "max_findings_per_file": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 20,
        "description": "how many findings to show for one page; the rest is counted"},
      "ignore": {"type": "array", "items": {"type": "string"}, "default": [],
        "description": "codes that are not reported, such as html/quirks"},
      "rules": {"type": "string", "enum": ["essential", "recommended", "strict"], "default": "essential",
        "description": "which rules are asked: what breaks a site; what most hold for mistakes as well; and all"},
      "strict": {"type": "boolean", "default": false,
        "description": "report warnings as errors"}
    }
  })json";

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info);

 private:
  void read_address(Ctx ctx, const Options& given);

  Settings settings_;
  bool has_address_ = false;
  bool is_strict_ = false;
};

}  // namespace deployflow::validate
