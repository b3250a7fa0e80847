// Where targets keep their state: how it is read, and which places are refused.

#include "plugins/host/pipeline/pipeline.hpp"
#include "tests/unit/pipeline/reading.hpp"

#include <doctest/doctest.h>

namespace deployflow::pipeline {
namespace {

/// Lines of `targets:`, from line 3 on, in a file that is right but for them.
std::string with_targets(const std::string& lines) {
  return "version: 1\ntargets:\n" + lines + "stages: [{uses: validate}]\n";
}

std::optional<store::StatePlace> state_of(const std::string& target) {
  const Parsed parsed = parse(with_targets("  t: {" + target + "}\n"));
  REQUIRE(lines_of(parsed.diagnostics) == Lines{});
  return parsed.pipeline->targets[0].config.state;
}

std::string state_as_text(const std::string& target) {
  const auto state = state_of(target);
  return state ? state->display() : "beside the site";
}

TEST_CASE("what `state` leaves out is as for the site, and the site's own place is none") {
  CHECK(state_as_text("bucket: b, prefix: p") == "beside the site");
  CHECK(state_as_text("bucket: b, prefix: p, state: {bucket: s, prefix: /sites/www}") ==
        "s3://s/sites/www/.deployflow/");
  CHECK(state_as_text("bucket: b, prefix: p, state: {bucket: s}") == "s3://s/p/.deployflow/");
  CHECK(state_as_text("bucket: b, prefix: p, state: {prefix: q}") == "s3://b/q/.deployflow/");
  CHECK(state_as_text("bucket: b, prefix: p, state: {prefix: /}") == "s3://b/.deployflow/");
  CHECK(state_as_text("bucket: b, prefix: p, state: {}") == "beside the site");
  CHECK(state_as_text("bucket: b, prefix: p, state: {bucket: b, prefix: p}") == "beside the site");
  CHECK(state_as_text(R"(bucket: b, prefix: p, state: {bucket: "${EMPTY}", prefix: "${EMPTY}"})") ==
        "beside the site");
  CHECK(state_as_text(R"(bucket: b, state: {bucket: "${SET}"})") == "s3://value/.deployflow/");
}

TEST_CASE("what is wrong in `state` is told with its place") {
  CHECK(
      wrong(with_targets(R"(  a: {bucket: b, state: {bucket: x/y, prefix: a//b}}
  b: {bucket: b, state: {bukket: x}}
  c: {bucket: b, state: private-bucket}
)")) ==
      Lines{
          R"(p:3:34: targets.a.state.bucket: must be the name of a bucket: 1 to 255 letters, digits, ".", "_" and "-" (a path in the bucket goes into "prefix"))",
          R"(p:3:47: targets.a.state.prefix: has an empty, "." or ".." part between slashes)",
          R"(p:4:26: targets.b.state.bukket: unknown key (did you mean "bucket"?))",
          R"(p:5:25: targets.c.state: expected a map, not "private-bucket")",
      });
}

TEST_CASE("a state among the files of a site is refused, of its own or of another target") {
  const auto lies_in = [](const std::string& whose) {
    return "targets.a.state: lies among the files of " + whose +
           " (name another bucket, or a prefix that no site's keys start with)";
  };
  CHECK(wrong(with_targets("  a: {bucket: b, state: {prefix: kept}}\n")) ==
        Lines{"p:3:25: " + lies_in("the site")});
  CHECK(wrong(with_targets("  a: {bucket: b, prefix: www, state: {prefix: www/kept}}\n")) ==
        Lines{"p:3:38: " + lies_in("the site")});
  CHECK(wrong(with_targets("  other: {bucket: s}\n"
                           "  a: {bucket: b, state: {bucket: s, prefix: kept}}\n")) ==
        Lines{"p:4:25: " + lies_in("target \"other\"")});
}

TEST_CASE("a state beside a site, above it or in its reserved folder is not among its files") {
  for (const char* target : {"bucket: b, prefix: www, state: {prefix: kept}",
                             "bucket: b, prefix: www, state: {prefix: /}",
                             "bucket: b, prefix: www, state: {prefix: www2}",
                             "bucket: b, prefix: www/docs, state: {prefix: www}",
                             "bucket: b, state: {prefix: .deployflow/kept}"}) {
    CAPTURE(target);
    CHECK(state_of(target).has_value());
  }
}

TEST_CASE("two sites with one state are refused, at each that names it") {
  constexpr const char* k_hint = " (give each a prefix of its own)";
  CHECK(
      wrong(with_targets("  one: {bucket: b, state: {bucket: s}}\n"
                         "  two: {bucket: c, state: {bucket: s}}\n")) ==
      Lines{std::string("p:3:27: targets.one.state: is that of target \"two\" as well: each would "
                        "take the other's releases for its own") +
                k_hint,
            std::string("p:4:27: targets.two.state: is that of target \"one\" as well: each would "
                        "take the other's releases for its own") +
                k_hint});
  CHECK(
      wrong(with_targets("  one: {bucket: b}\n"
                         "  two: {bucket: c, state: {bucket: b}}\n")) ==
      Lines{std::string("p:4:27: targets.two.state: is that of target \"one\" as well: each would "
                        "take the other's releases for its own") +
            k_hint});
  CHECK(wrong(with_targets("  one: {bucket: b, prefix: www, state: {bucket: s}}\n"
                           "  two: {bucket: c, state: {bucket: s}}\n")) == Lines{});
}

TEST_CASE("one site with two states is refused: its locks would not keep two deployments apart") {
  const std::string why =
      ", which is the same site: two deployments would not be kept apart (name the same `state` in "
      "both)";
  CHECK(wrong(with_targets("  one: {bucket: b, state: {bucket: s}}\n"
                           "  two: {bucket: b}\n")) ==
        Lines{"p:3:27: targets.one.state: is not that of target \"two\"" + why});
  CHECK(wrong(with_targets("  one: {bucket: b, state: {bucket: s}}\n"
                           "  two: {bucket: b, state: {bucket: s}, storage_class: GLACIER}\n")) ==
        Lines{});
}

TEST_CASE("targets of different endpoints have nothing to do with each other") {
  CHECK(wrong(with_targets("  one: {endpoint: \"http://a\", bucket: b, state: {bucket: s}}\n"
                           "  two: {endpoint: \"http://b\", bucket: c, state: {bucket: s}}\n"
                           "  six: {endpoint: \"http://b\", bucket: b}\n"
                           "  ten: {bucket: s}\n")) == Lines{});
  CHECK(wrong(with_targets("  one: {profile: a, bucket: b, state: {bucket: s}}\n"
                           "  two: {profile: b, bucket: c, state: {bucket: s}}\n")) == Lines{});
  CHECK(wrong(with_targets("  one: {profile: a, bucket: b, state: {bucket: s}}\n"
                           "  two: {profile: a, bucket: c, state: {bucket: s}}\n"))
            .size() == 2);
}

}  // namespace
}  // namespace deployflow::pipeline
