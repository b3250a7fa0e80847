#include "cli/report/writers.hpp"
#include "cli/report/xml_text.hpp"
#include "cli/ui/words.hpp"

#include <spdlog/fmt/fmt.h>

namespace deployflow::cli {
namespace {

// Readers take what follows the last dot for the name of the rule.
std::string source_of(const std::string& rule) {
  return "deployflow." + rule;
}

std::string error_element(const Entry& entry) {
  const run::Finding& finding = entry.finding;
  std::string text = "    <error";
  text += finding.line > 0 ? fmt::format(" line=\"{}\"", finding.line) : "";
  text += finding.column > 0 ? fmt::format(" column=\"{}\"", finding.column) : "";
  return text + fmt::format(" severity=\"{}\" message=\"{}\" source=\"{}\"/>\n",
                            name_of(finding.severity),
                            xml_text(finding.message),
                            xml_text(source_of(entry.rule)));
}

std::string failure_element(const Report& report) {
  return fmt::format(
      "  <file name=\"{}\">\n"
      "    <error severity=\"error\" message=\"{}\" source=\"deployflow.run\"/>\n"
      "  </file>\n",
      xml_text(report.site.empty() ? "deployflow" : report.site),
      xml_text(report.failure->message));
}

}  // namespace

void write_checkstyle(const Report& report, Sources& /*sources*/, Output& out) {
  out.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n");
  const std::string* file = nullptr;
  for (const Entry& entry : report.entries) {
    if (file == nullptr || entry.path != *file) {
      out.write(fmt::format(
          "{}  <file name=\"{}\">\n", file == nullptr ? "" : "  </file>\n", xml_text(entry.path)));
      file = &entry.path;
    }
    out.write(error_element(entry));
  }
  if (file != nullptr) {
    out.write("  </file>\n");
  }
  if (report.failure) {
    out.write(failure_element(report));
  }
  out.write("</checkstyle>\n");
}

}  // namespace deployflow::cli
