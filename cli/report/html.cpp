// One page with all in it: no request to anywhere, which its Content-Security-Policy also forbids.
//
// The findings are JSON in a script element that is no script; page/report.js makes elements of
// them, always as text, 200 at a time. Strings that repeat are there once, in tables, so 10,000
// findings take about 2 MB.

#include "cli/report/frame.hpp"
#include "cli/report/page.hpp"
#include "cli/report/writers.hpp"
#include "cli/report/xml_text.hpp"
#include "cli/ui/json_text.hpp"
#include "plugins/host/base/digest.hpp"
#include "plugins/host/base/text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <string>
#include <unordered_map>
#include <utility>

namespace deployflow::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t k_frame_columns = 100;
constexpr std::size_t k_frame_bytes = 1U << 20U;  // of all frames: a page must stay one that opens

/// Each string once.
class Table {
 public:
  int number_of(const std::string& text) {
    const auto [found, is_new] = numbers_.try_emplace(text, static_cast<int>(numbers_.size()));
    if (is_new) {
      texts_.push_back(&found->first);
    }
    return found->second;
  }
  [[nodiscard]] const std::vector<const std::string*>& texts() const { return texts_; }

 private:
  std::unordered_map<std::string, int> numbers_;
  std::vector<const std::string*> texts_;
};

// No "</script>" and no "<!--" in what a browser reads as the end of the data.
std::string embedded(const Json& json) {
  std::string out;
  for (const char c : to_text(json)) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

// Line breaks stay; all else that is not for the eye is spelled out.
std::string shown(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find('\n', begin);
    out += printable(std::string_view(text).substr(begin, end - begin));
    if (end == std::string::npos) {
      return out;
    }
    out += '\n';
    begin = end + 1;
  }
}

std::string title_of(const Report& report) {
  const std::string what = describe(report);
  return report.site.empty() ? what : fmt::format("{} in {}", what, printable(report.site));
}

std::string source_hash(std::string_view text) {
  return "'sha256-" + to_base64(sha256(text)) + "'";
}

std::string head_of(const Report& report) {
  const std::string title = xml_text(title_of(report));
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; "
      "script-src {}; img-src data:; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"robots\" content=\"noindex\">\n"
      "<meta name=\"description\" content=\"What deployflow {} found: {}.\">\n"
      "<title>{}</title>\n<link rel=\"icon\" "
      "href=\"data:,\">\n<style>{}</style>\n</head>\n<body>\n",
      source_hash(k_page_css),
      source_hash(k_page_js),
      xml_text(report.command),
      title,
      title,
      k_page_css);
}

Json frame_json(const Frame& frame) {
  return Json::array({frame.first, frame.marked, frame.caret, frame.width, frame.lines});
}

/// The findings in order, and the tables that they point into.
class Body {
 public:
  Body(Sources& sources, Output& out) : sources_(sources), out_(out) {}

  void write(const Report& report) {
    out_.write("\"findings\":[");
    const char* before = "\n";
    for (const Entry& entry : report.entries) {
      out_.write(before + embedded(finding_json(entry)));
      before = ",\n";
    }
    out_.write("],\n\"frames\":[" + frames_ + "],\n");
    write_table("rules", rules_);
    write_table("files", files_);
    write_table("texts", texts_);
  }

 private:
  Json finding_json(const Entry& entry) {
    const run::Finding& finding = entry.finding;
    const int severity =
        static_cast<int>(run::Severity::error) - static_cast<int>(finding.severity);
    return Json::array({severity,
                        rules_.number_of(shown(entry.rule)),
                        files_.number_of(shown(entry.path)),
                        finding.line,
                        finding.column,
                        texts_.number_of(shown(finding.message)),
                        finding.hint.empty() ? -1 : texts_.number_of(shown(finding.hint)),
                        frame_number(finding)});
  }

  int frame_number(const run::Finding& finding) {
    if (frames_.size() >= k_frame_bytes) {
      return -1;
    }
    const auto frame = frame_of(finding, sources_, k_frame_columns);
    if (!frame) {
      return -1;
    }
    frames_ += (frame_count_ == 0 ? "\n" : ",\n") + embedded(frame_json(*frame));
    return frame_count_++;
  }

  void write_table(const char* name, const Table& table) {
    out_.write(fmt::format("\"{}\":[", name));
    const char* before = "\n";
    for (const std::string* text : table.texts()) {
      out_.write(before + embedded(*text));
      before = ",\n";
    }
    out_.write("],\n");
  }

  Sources& sources_;
  Output& out_;
  Table rules_, files_, texts_;
  std::string frames_;
  int frame_count_ = 0;
};

std::string facts_of(const Report& report) {
  std::string summary =
      report.code == ExitCode::done || report.code == ExitCode::changes
          ? "passed"
          : fmt::format("failed with exit code {}", static_cast<int>(report.code));
  Json facts{{"command", report.command},
             {"summary", fmt::format("deployflow {} {}", report.command, summary)},
             {"version", DEPLOYFLOW_VERSION},
             {"when",
              fmt::format("{:%Y-%m-%d %H:%M} UTC",
                          fmt::gmtime(std::chrono::system_clock::to_time_t(report.when)))},
             {"url", report.url}};
  if (report.failure) {
    facts["failure"] = shown(report.failure->message + (report.failure->hint.empty() ? "" : "\n") +
                             report.failure->hint);
  }
  return embedded(facts).substr(1);  // without the brace
}

}  // namespace

void write_html(const Report& report, Sources& sources, Output& out) {
  out.write(head_of(report));
  out.write(k_page_html);
  out.write("<script type=\"application/json\" id=\"data\">{");
  Body(sources, out).write(report);
  out.write(facts_of(report));
  out.write("</script>\n<script>");
  out.write(k_page_js);
  out.write("</script>\n</body>\n</html>\n");
}

}  // namespace deployflow::cli
