#include "cli/report/format.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::cli {
namespace {

std::vector<FormatChoice> choices(const std::vector<std::string>& values) {
  std::vector<FormatChoice> all;
  for (const std::string& value : values) {
    all.push_back(parse_format(value).value());
  }
  return all;
}

bool fit(const std::vector<std::string>& values, JsonLines json = JsonLines::no) {
  return check_formats(choices(values), json).ok();
}

TEST_CASE("a format is shown, or has a file") {
  for (const FormatRow& row : formats()) {
    CAPTURE(row.name);
    const FormatChoice shown = parse_format(row.name).value();
    CHECK(shown.format == row.format);
    CHECK(shown.file.empty());
    const FormatChoice written = parse_format(std::string(row.name) + "=a=b.out").value();
    CHECK(written.format == row.format);
    CHECK(written.file == "a=b.out");
  }
}

TEST_CASE("an unknown format is refused, and the nearest one offered") {
  const Error error = parse_format("sarfi=x").error();
  CHECK(error.code == Errc::usage);
  CHECK(error.message == "--format sarfi: unknown format");
  CHECK(error.hint.find("did you mean sarif?") == 0);
  CHECK_FALSE(parse_format("").ok());
  CHECK_FALSE(parse_format("json=").ok());
  CHECK_FALSE(parse_format("json=-").ok());
}

TEST_CASE("one format is shown, and each file is written once") {
  CHECK(fit({"sarif", "html=a", "html=b"}));
  CHECK_FALSE(fit({"sarif", "github"}));
  CHECK_FALSE(fit({"sarif=a", "html=a"}));
  CHECK(shown_format(choices({"html=a", "github"}))->format == Format::github);
  CHECK(shown_format(choices({"html=a"})) == nullptr);
}

TEST_CASE("standard output has one text alone") {
  CHECK_FALSE(fit({"sarif"}, JsonLines::yes));
  CHECK(fit({"sarif=a"}, JsonLines::yes));
  CHECK(fit({"github"}, JsonLines::yes));
  CHECK(fit({"text"}, JsonLines::yes));
}

}  // namespace
}  // namespace deployflow::cli
