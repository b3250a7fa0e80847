#include "tests/unit/cli/report/samples.hpp"

#include <doctest/doctest.h>

namespace deployflow::cli {
namespace {

TEST_CASE("Checkstyle: an element a file, and in it one a finding") {
  CHECK(written(write_checkstyle, sample_report()) ==
        R"(<?xml version="1.0" encoding="UTF-8"?>
<checkstyle version="4.3">
  <file name="site/a.html">
    <error line="3" column="7" severity="error" message="no &lt;page&gt;" source="deployflow.link/missing"/>
    <error line="3" severity="warning" message="old" source="deployflow.html/quirks"/>
  </file>
  <file name="site/b.html">
    <error severity="info" message="unused" source="deployflow.orphan"/>
  </file>
</checkstyle>
)");
}

TEST_CASE("Checkstyle: a run that failed is an error of the site") {
  CHECK(written(write_checkstyle, failed_report()) ==
        R"(<?xml version="1.0" encoding="UTF-8"?>
<checkstyle version="4.3">
  <file name="site/">
    <error severity="error" message="no &lt;answer&gt;" source="deployflow.run"/>
  </file>
</checkstyle>
)");
}

}  // namespace
}  // namespace deployflow::cli
