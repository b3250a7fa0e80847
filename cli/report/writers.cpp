#include "cli/report/writers.hpp"

namespace deployflow::cli {

Writer writer_of(Format format) {
  switch (format) {
    case Format::text:
      return write_text;
    case Format::json:
      return write_json;
    case Format::sarif:
      return write_sarif;
    case Format::junit:
      return write_junit;
    case Format::github:
      return write_github;
    case Format::gitlab:
      return write_gitlab;
    case Format::checkstyle:
      return write_checkstyle;
    case Format::html:
      return write_html;
  }
  return write_text;
}

}  // namespace deployflow::cli
