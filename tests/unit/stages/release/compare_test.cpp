#include "stages/release/compare.hpp"

#include "stages/release/etag.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace deployflow::release;

namespace {

Inventory two_files() {
  Inventory site;
  site.add("a", 10, Role::file, 1);
  site.add("b", 20, Role::file, 2);
  site.seal();
  return site;
}

}  // namespace

TEST_CASE("an object that the target lacks is absent, one of another size differs in size") {
  const Inventory site = two_files();
  Holdings held(site);
  held.note("b", 21, "same");
  int asked = 0;
  const auto etag = [&](std::size_t) {
    ++asked;
    return std::string("same");
  };
  const Verdicts verdicts = compare(site, held, etag, Verdict::content_differs);
  CHECK(verdicts == Verdicts{Verdict::absent, Verdict::size_differs});
  CHECK(asked == 0);  // no file is read for what its size tells
}

TEST_CASE("with equal sizes the ETag decides") {
  const Inventory site = two_files();
  Holdings held(site);
  held.note("a", 10, "\"E0\"");
  held.note("b", 20, "other");
  const auto etag = [](std::size_t i) { return "e" + std::to_string(i); };
  CHECK(compare(site, held, etag, Verdict::content_differs) ==
        Verdicts{Verdict::same, Verdict::content_differs});
  CHECK(compare(site, held, etag, Verdict::undecided) ==
        Verdicts{Verdict::same, Verdict::undecided});
}

TEST_CASE("ETags are equal but for case and quotes, and an empty one equals none") {
  CHECK(is_same_etag("0aF3", "\"0Af3\""));
  CHECK(is_same_etag("0af3-2", "0af3-2"));
  CHECK_FALSE(is_same_etag("0af3", "0af3-2"));
  CHECK_FALSE(is_same_etag("0af3-1", "0af3-2"));
  CHECK_FALSE(is_same_etag("", ""));
  CHECK_FALSE(is_same_etag("\"\"", "\"\""));
  CHECK_FALSE(is_same_etag("\"", "\"a\""));
}

TEST_CASE("every verdict has a reason for the plan") {
  CHECK(reason(Verdict::same) == "same content");
  CHECK(reason(Verdict::absent) == "new");
  CHECK(reason(Verdict::size_differs) == "size differs");
  CHECK(reason(Verdict::content_differs) == "content differs");
}
