#include "cli/site_argument.hpp"

#include "plugins/host/base/file.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stop_token>
#include <string>
#include <thread>

namespace deployflow::cli {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "deployflow-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string at(const std::string& name) const { return (path / name).string(); }
  [[nodiscard]] Environment environment() const {
    return [folder = path.string()](std::string_view name) -> std::optional<std::string> {
      return name == "TMPDIR" ? std::optional(folder) : std::nullopt;
    };
  }

  fs::path path;
};

void write_file(const std::string& path, const std::string& text) {
  FILE* file = std::fopen(path.c_str(), "w");
  REQUIRE(file != nullptr);
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
}

std::string refused(const std::string& word, const std::string& name = {}) {
  const auto site = check_site(word, name);
  REQUIRE_FALSE(site.ok());
  CHECK(site.error().code == Errc::usage);
  return site.error().message;
}

TEST_CASE("a folder and a file are sites; a name is for a file") {
  const Folder folder;
  write_file(folder.at("a.html"), "x");
  CHECK(check_site(folder.path.string(), "").ok());
  CHECK(check_site(folder.at("a.html"), "").ok());
  CHECK(check_site(folder.at("a.html"), "sub/b.html")->single_key == "sub/b.html");
  CHECK(refused(folder.path.string(), "b.html").find("--name is for one file") !=
        std::string::npos);
}

TEST_CASE("what does not exist, leads nowhere or is a pipe is refused before anything else") {
  const Folder folder;
  CHECK(refused(folder.at("none")) == folder.at("none") + ": No such file or directory");
  fs::create_symlink("nowhere", folder.at("dead"));
  CHECK(refused(folder.at("dead")) == folder.at("dead") + ": symbolic link to nothing");
  REQUIRE(::mkfifo(folder.at("pipe").c_str(), 0600) == 0);
  CHECK(refused(folder.at("pipe")).find("neither a file nor a folder") != std::string::npos);
  CHECK(refused("") == "the site is an empty word");
}

TEST_CASE("standard input needs a good name") {
  CHECK(refused("-") == "standard input needs a name in the store");
  CHECK(check_site("-", "index.html")->is_input());
  for (const std::string name : {"/abs", "a/../b", "..", "a/", "\xFF"}) {
    CAPTURE(name);
    refused("-", name);
  }
  refused("-", std::string(1025, 'x'));
  CHECK(check_site("-", std::string(1024, 'x')).ok());
}

TEST_CASE("standard input of any size arrives, privately, and is removed") {
  const Folder folder;
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const std::string text(3'000'001, 'x');
  std::thread writer([&] {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t written = ::write(ends[1], text.data() + done, text.size() - done);
      done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
    ::close(ends[1]);
  });
  {
    auto spooled = spool_input(ends[0], folder.environment(), {});
    writer.join();
    REQUIRE(spooled.ok());
    const SpooledInput moved = std::move(*spooled);
    CHECK(*read_file(moved.path(), 10'000'000) == text);
    struct stat status {};
    REQUIRE(::stat(fs::path(moved.path()).parent_path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700U);
  }
  CHECK(fs::is_empty(folder.path));
  ::close(ends[0]);
}

TEST_CASE("empty standard input is an error and leaves nothing behind") {
  const Folder folder;
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  ::close(ends[1]);
  const auto spooled = spool_input(ends[0], folder.environment(), {});
  REQUIRE_FALSE(spooled.ok());
  CHECK(spooled.error().code == Errc::input);
  CHECK(fs::is_empty(folder.path));
  ::close(ends[0]);
}

TEST_CASE("Ctrl-C ends the wait for input that does not come") {
  const Folder folder;
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  std::stop_source stop;
  stop.request_stop();
  const auto spooled = spool_input(ends[0], folder.environment(), stop.get_token());
  REQUIRE_FALSE(spooled.ok());
  CHECK(spooled.error().code == Errc::cancelled);
  CHECK(fs::is_empty(folder.path));
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace deployflow::cli
