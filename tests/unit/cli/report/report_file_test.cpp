#include "cli/report/report_file.hpp"

#include "plugins/host/base/file.hpp"
#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace deployflow::cli {
namespace {

using test::Scratch;
namespace fs = std::filesystem;

std::string content(const std::string& path) {
  return read_file(path, 1U << 24U).value();
}

TEST_CASE("a report takes the place of what was there, as a whole") {
  const Scratch folder;
  const std::string path = folder.write("r.json", "old");
  ::chmod(path.c_str(), 0600);
  CHECK(check_writable(path).ok());
  CHECK(content(path) == "old");
  CHECK(write_report_file(path, [&](Output& out) {
          out.write("new");
          CHECK(content(path) == "old");  // until all is written
          for (int i = 0; i < 100'000; ++i) {
            out.write("0123456789");
          }
        }).ok());
  CHECK(content(path).size() == 1'000'003);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("a link is followed") {
  const Scratch folder;
  folder.write("real", "old");
  fs::create_symlink("real", folder / "link");
  CHECK(write_report_file(folder / "link", [](Output& out) { out.write("new"); }).ok());
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(content(folder / "real") == "new");
}

TEST_CASE("what cannot be written is told, with the path as it was typed") {
  const Scratch folder;
  CHECK(check_writable(folder.path()).error().code == Errc::usage);
  const Error error = check_writable(folder / "none/r.json").error();
  CHECK(error.code == Errc::usage);
  CHECK(error.message == folder / "none/r.json" + ": cannot be written: No such file or directory");
  CHECK_FALSE(write_report_file(folder / "none/r.json", [](Output&) {}).ok());
}

TEST_CASE("a full device is an error, and a device is not replaced") {
  CHECK(check_writable("/dev/full").ok());
  const auto full = write_report_file("/dev/full", [](Output& out) { out.write("x"); });
  REQUIRE_FALSE(full.ok());
  CHECK(full.error().message == "/dev/full: cannot be written: No space left on device");
  CHECK(write_report_file("/dev/null", [](Output& out) { out.write("x"); }).ok());
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("appending keeps what is there") {
  const Scratch folder;
  CHECK(append_to_file(folder / "s.md", "one\n").ok());
  CHECK(append_to_file(folder / "s.md", "two\n").ok());
  CHECK(content(folder / "s.md") == "one\ntwo\n");
  CHECK_FALSE(append_to_file(folder.path(), "x").ok());
}

}  // namespace
}  // namespace deployflow::cli
