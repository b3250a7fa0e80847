// A report in each format: one file of source for one of them, all fed by the same Report.

#pragma once

#include "cli/report/format.hpp"
#include "cli/report/report.hpp"
#include "cli/report/sources.hpp"
#include "cli/ui/output.hpp"

namespace deployflow::cli {

/// Writes all of it, in pieces: 100,000 findings are never one string.
using Writer = void (*)(const Report& report, Sources& sources, Output& out);

Writer writer_of(Format format);

/// What standard error shows without colour, all of it.
void write_text(const Report& report, Sources& sources, Output& out);
/// One JSON object; cli/README.md has its fields.
void write_json(const Report& report, Sources& sources, Output& out);
/// https://docs.oasis-open.org/sarif/sarif/v2.1.0/
void write_sarif(const Report& report, Sources& sources, Output& out);
/// JUnit XML as GitLab and Jenkins read it.
void write_junit(const Report& report, Sources& sources, Output& out);
/// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
void write_github(const Report& report, Sources& sources, Output& out);
/// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
void write_gitlab(const Report& report, Sources& sources, Output& out);
/// What Checkstyle writes and many read.
void write_checkstyle(const Report& report, Sources& sources, Output& out);
/// One page that needs nothing else.
void write_html(const Report& report, Sources& sources, Output& out);

}  // namespace deployflow::cli
