#include "plugins/host/base/replace_file.hpp"

#include "plugins/host/base/file.hpp"
#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <iterator>
#include <string>

using namespace deployflow;
using deployflow::test::Scratch;

namespace {

std::ptrdiff_t count(const Scratch& scratch) {
  return std::distance(std::filesystem::directory_iterator(scratch.path()), {});
}

}  // namespace

TEST_CASE("a file is made, and replaced, and nothing is left beside it") {
  Scratch scratch;
  const std::string path = scratch / "plan.json";
  REQUIRE(check_replaceable(path).ok());
  REQUIRE(replace_file(path, "first").ok());
  REQUIRE(check_replaceable(path).ok());
  REQUIRE(replace_file(path, "second").ok());
  CHECK(read_file(path, 100).value() == "second");
  CHECK(count(scratch) == 1);
}

TEST_CASE("whoever has the old file open keeps it whole") {
  Scratch scratch;
  const std::string path = scratch / "plan.json";
  REQUIRE(replace_file(path, "first").ok());
  const auto old = open_regular(path);
  REQUIRE(old.ok());
  REQUIRE(replace_file(path, "second and longer").ok());
  std::array<char, 32> bytes{};
  REQUIRE(read_at(old->fd, 0, bytes, path).value() == 5);
  CHECK(std::string(bytes.data(), 5) == "first");
}

TEST_CASE("what is no file is refused and left as it is") {
  Scratch scratch;
  const std::string folder = scratch / "folder";
  std::filesystem::create_directory(folder);
  CHECK(check_replaceable(folder).error().code == Errc::usage);
  CHECK(check_replaceable(folder + "/").error().code == Errc::usage);
  CHECK(check_replaceable("").error().code == Errc::usage);
  CHECK(check_replaceable("/dev/null").error().message == "/dev/null is not a file");
  CHECK(check_replaceable(scratch / "none/plan.json").error().code == Errc::usage);
  CHECK_FALSE(replace_file(folder, "x").ok());
  CHECK_FALSE(replace_file(scratch / "none/plan.json", "x").ok());
  CHECK(std::filesystem::is_directory(folder));
  CHECK(count(scratch) == 1);
}
