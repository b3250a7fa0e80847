// The stage type `validate`: options in, one artifact at a time, findings out.

#include "stages/validate/encoding.hpp"
#include "stages/validate/key.hpp"
#include "stages/validate/page.hpp"

#include <deployflow/stage.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow::validate {
namespace {

bool is_html(std::string_view media_type) {
  return equals_ignoring_case(trimmed(media_type.substr(0, media_type.find(';'))), "text/html");
}

std::string sized(std::uint64_t bytes) {
  constexpr std::uint64_t k_mib = std::uint64_t{1} << 20U;
  if (bytes < k_mib) {
    return std::to_string(bytes) + " bytes";
  }
  const std::uint64_t tenths = bytes / (k_mib / 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

struct Validate {
  static constexpr auto name = "validate";
  static constexpr auto version = "0.1.0";
  static constexpr auto summary = "Checks file sizes, keys and the HTML of every page";
  static constexpr std::uint32_t caps = DF_CAP_READS_CONTENT | DF_CAP_PARALLEL;
  static constexpr auto options = R"json({
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "max_file_size": {"type": "string", "format": "bytes", "default": "100MiB",
        "description": "a larger file is an error"},
      "max_html_size": {"type": "string", "format": "bytes", "default": "4MiB",
        "description": "the HTML of a larger page is not checked, with a warning"},
      "max_findings_per_file": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 20,
        "description": "how many findings to show for one page; the rest is counted"},
      "ignore": {"type": "array", "items": {"type": "string"}, "default": [],
        "description": "codes that are not reported, such as html/quirks"},
      "strict": {"type": "boolean", "default": false,
        "description": "report warnings as errors"}
    }
  })json";

  void configure(Ctx ctx, Options o) {
    max_file_bytes_ = o.get<std::uint64_t>("max_file_size");
    max_html_bytes_ = o.get<std::uint64_t>("max_html_size");
    settings_.max_findings = o.get<std::size_t>("max_findings_per_file");
    strict_ = o.get<bool>("strict");
    bool all_known = true;
    o.each<std::string>("ignore", [&](std::string code) {
      if (!is_rule(code)) {
        ctx.error("validate", "ignore: there is no code " + code)
            .at(o.pos("ignore"))
            .hint("the reference of validate lists all codes");
        all_known = false;
      }
      settings_.ignored.insert(std::move(code));
    });
    if (!all_known) {
      throw Failure{DF_BAD_OPTIONS, ""};
    }
  }

  void process(Ctx ctx, const Artifact& a) const {
    for (const Finding& finding : check_key(a.key())) {
      report(ctx, a, finding);
    }
    if (a.size() > max_file_bytes_) {
      report(ctx,
             a,
             rules::k_file_size,
             sized(a.size()) + ", the limit is " + sized(max_file_bytes_),
             "raise max_file_size, or leave the file out of the site");
      return;
    }
    if (is_html(a.media_type())) {
      check_html(ctx, a);
    }
  }

 private:
  void check_html(Ctx ctx, const Artifact& a) const {
    const std::string_view charset = charset_parameter(a.media_type());
    if (!charset.empty() && !names_utf8(charset)) {
      report(ctx,
             a,
             rules::k_charset,
             "served as " + std::string(charset) + ": only UTF-8 pages are checked",
             "convert the page to UTF-8");
    } else if (a.size() > max_html_bytes_) {
      report(ctx,
             a,
             rules::k_too_large,
             sized(a.size()) + " of HTML was not checked, the limit is " + sized(max_html_bytes_),
             "raise max_html_size");
    } else {
      ctx.check();
      for (const Finding& finding : check_page(ctx.read(a, a.size()), settings_)) {
        report(ctx, a, finding);
      }
    }
  }

  void report(
      Ctx ctx, const Artifact& a, const Rule& rule, std::string message, std::string hint) const {
    report(ctx,
           a,
           Finding{.code = rule.code,
                   .severity = rule.severity,
                   .message = std::move(message),
                   .hint = std::move(hint)});
  }

  void report(Ctx ctx, const Artifact& a, const Finding& f) const {
    if (!settings_.ignored.contains(f.code)) {
      const bool is_error = strict_ || f.severity == Severity::error;
      ctx.finding(is_error ? DF_ERROR : DF_WARN, f.code, f.message)
          .on(a)
          .at(f.line, f.column)
          .hint(f.hint);
    }
  }

  std::uint64_t max_file_bytes_ = 0, max_html_bytes_ = 0;
  bool strict_ = false;
  PageSettings settings_;
};

}  // namespace
}  // namespace deployflow::validate

DEPLOYFLOW_PLUGIN("validate", "0.1.0", "Apache-2.0", deployflow::validate::Validate)
