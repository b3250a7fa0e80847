// The stage `validate`: options in, the whole site, findings out. Its reference is the README
// beside this file.

#pragma once

#include "stages/validate/baseline.hpp"
#include "stages/validate/file_settings.hpp"
#include "stages/validate/link_rules.hpp"
#include "stages/validate/settings.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace deployflow::validate {

class Validate {
 public:
  Validate() = default;

  static constexpr auto name = "validate";
  static constexpr auto version = "0.2.0";
  static constexpr auto summary = "Checks file sizes, keys, the HTML of every page, and all links";
  static constexpr std::uint32_t caps = DF_CAP_READS_CONTENT | DF_CAP_WEB;
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
      "max_total_size": {"type": "string", "format": "bytes",
        "description": "a larger site is an error. Without it there is no limit"},
      "max_files": {"type": "integer", "minimum": 1,
        "description": "a site of more files is an error. Without it there is no limit"},
      "max_page_weight": {"type": "string", "format": "bytes",
        "description": "a page that is larger together with what it loads is a warning. Without it 10MiB, if rules is recommended or strict"},
      "max_findings_per_file": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 20,
        "description": "how many findings to show for one page; the rest is counted"},
      "ignore": {"type": "array", "items": {"type": "string"}, "default": [],
        "description": "codes that are not reported, such as html/quirks"},
      "rules": {"type": "string", "enum": ["essential", "recommended", "strict"], "default": "essential",
        "description": "which rules are asked: what breaks a site; what most hold for mistakes as well; and all"},
      "baseline": {"type": "string", "format": "path",
        "description": "a file with known findings, which are not reported; deployflow validate --update-baseline writes it"},
      "strict": {"type": "boolean", "default": false,
        "description": "report warnings as errors"},
      "external": {"type": "boolean", "default": false,
        "description": "ask the web whether links that lead out of the site are answered, by HEAD and GET, also when only a plan is made"},
      "external_allow": {"type": "array", "items": {"type": "string"}, "default": [],
        "description": "ask only these: example.com, *.example.com, https://example.com/docs/. Without it all"},
      "external_deny": {"type": "array", "items": {"type": "string"}, "default": [],
        "description": "and none of these"},
      "external_accept": {"type": "array", "items": {"type": ["integer", "string"]}, "default": ["200-299", 401, 403, 405, 451, 999],
        "description": "statuses that are as good as a page"},
      "external_max_age": {"type": "string", "format": "duration", "default": "7d",
        "description": "how long a good answer is good"},
      "external_timeout": {"type": "string", "format": "duration", "minimum": "1s", "maximum": "5m", "default": "20s",
        "description": "how long one request may take"},
      "external_private": {"type": "boolean", "default": false,
        "description": "ask this machine and private networks as well"},
      "severity": {"type": "object", "default": {},
        "additionalProperties": {"type": "string", "enum": ["error", "warning", "info", "off"]},
        "description": "by code: error, warning, info or off, over what the rule says. A rule that is named here is asked, whatever rules says"},
      "overrides": {"type": "array", "default": [],
        "description": "what is said otherwise of some files: each entry that means a file counts, later ones win",
        "items": {"type": "object", "required": ["files"], "additionalProperties": false,
          "properties": {
            "files": {
              "description": "pattern of keys, or a list of them",
              "anyOf": [
                {"type": "string", "format": "glob"},
                {"type": "array", "minItems": 1, "items": {"type": "string", "format": "glob"}}
              ]
            },
            "max_file_size": {"type": "string", "format": "bytes"},
            "max_html_size": {"type": "string", "format": "bytes"},
            "max_page_weight": {"type": "string", "format": "bytes"},
            "max_findings_per_file": {"type": "integer", "minimum": 1, "maximum": 10000},
            "ignore": {"type": "array", "items": {"type": "string"}},
            "rules": {"type": "string", "enum": ["essential", "recommended", "strict"]},
            "severity": {"type": "object",
              "additionalProperties": {"type": "string", "enum": ["error", "warning", "info", "off"]}},
            "strict": {"type": "boolean"}
          }
        }
      }
    }
  })json";

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info);

 protected:
  enum class Purpose : std::uint8_t {
    check,
    record  // what is found becomes the baseline
  };
  explicit Validate(Purpose purpose) : purpose_(purpose) {}

 private:
  void read_address(Ctx ctx, const Options& given);
  /// What the web says about links out of the site; nothing unless it is to be asked.
  [[nodiscard]] std::vector<FileFinding> ask_outside(Ctx ctx,
                                                     const SiteIndex& index,
                                                     const SiteFacts& facts,
                                                     std::int64_t now_s) const;
  void read_baseline(Ctx ctx, const Options& given);
  void tell_baseline(Ctx ctx, const Baseline& baseline) const;
  void record(Ctx ctx, const RunInfo& info, const Baseline& baseline) const;

  Settings settings_;
  bool has_address_ = false;
  std::vector<Override> overrides_;
  Purpose purpose_ = Purpose::check;
  std::string baseline_path_;  // empty = there is none
  KnownFindings known_;
};

/// The stage `baseline`: the same checks with the same options, and all that they find is known
/// from then on. `deployflow validate --update-baseline` runs it.
class UpdateBaseline : public Validate {
 public:
  static constexpr auto name = "baseline";
  static constexpr auto version = "0.1.0";
  static constexpr auto summary = "writes what validate finds as its known findings";

  UpdateBaseline() : Validate(Purpose::record) {}
};

}  // namespace deployflow::validate
