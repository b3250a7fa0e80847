// What can be wrong with the database of digests: it costs time, and nothing else.

#include "tests/unit/site/cache_world.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using deployflow::Fd;
using deployflow::FileStamp;
using deployflow::test::CacheWorld;
using deployflow::test::digests_of;

namespace fs = std::filesystem;

namespace {

constexpr FileStamp k_stamp{.size = 5, .mtime_ns = 7, .ctime_ns = 9, .inode = 11, .device = 13};

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::vector<FileStamp> many() {
  std::vector<FileStamp> stamps;
  for (std::uint64_t inode = 1'000; inode < 3'000; ++inode) {
    FileStamp stamp = k_stamp;
    stamp.inode = inode;
    stamps.push_back(stamp);
  }
  return stamps;
}

/// Nothing is known, and what is added now is known afterwards.
void check_made_anew(const CacheWorld& world) {
  CHECK_FALSE(world.find(k_stamp));
  world.remember({k_stamp}, digests_of("new"));
  CHECK(world.find(k_stamp) == digests_of("new"));
}

/// Run `work` in a process of its own: true if it returned.
template <class F>
bool in_child(F&& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = -1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

TEST_CASE("a corrupt database is removed and made anew") {
  const CacheWorld world;
  world.remember(many(), digests_of("a"));
  world.remember({k_stamp}, digests_of("a"));
  std::string bytes = bytes_of(world.file);
  REQUIRE(bytes.size() > 100'000);
  SUBCASE("no database at all") {
    write(world.file,
          "this is not a database, and it is longer than a header of one would be, "
          "which is a hundred bytes");
  }
  SUBCASE("cut short") {
    write(world.file, bytes.substr(0, 5'000));
  }
  SUBCASE("garbage behind the header") {
    std::fill(bytes.begin() + 100, bytes.end(), 'x');
    write(world.file, bytes);
  }
  SUBCASE("garbage in the pages, found only when a row is wanted") {
    std::fill(bytes.begin() + 3L * 4096, bytes.end(), '\xA5');
    write(world.file, bytes);
  }
  SUBCASE("without its tables") {
    const auto at = bytes.find("CREATE TABLE digests");
    REQUIRE(at != std::string::npos);
    bytes.replace(at + 13, 7, "zigests");
    for (std::size_t name = 0; (name = bytes.find("digestsdigests")) != std::string::npos;) {
      bytes.replace(name, 14, "zigestszigests");
    }
    write(world.file, bytes);
  }
  check_made_anew(world);
}

TEST_CASE("an empty file becomes a database") {
  const CacheWorld world;
  fs::create_directory(world.folder);
  write(world.file, "");
  check_made_anew(world);
}

TEST_CASE("a digest in which a bit flipped is not believed") {
  const CacheWorld world;
  world.remember({k_stamp}, digests_of("a"));
  std::string bytes = bytes_of(world.file);
  const auto md5 = digests_of("a").md5;
  const auto at = bytes.find(deployflow::as_chars(md5));
  REQUIRE(at != std::string::npos);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  write(world.file, bytes);
  check_made_anew(world);
}

TEST_CASE("the database of a newer deployflow is left alone") {
  const CacheWorld world;
  world.remember({k_stamp}, digests_of("a"));
  std::string bytes = bytes_of(world.file);
  REQUIRE(bytes[63] ==
          1);  // user_version, https://www.sqlite.org/fileformat.html#the_database_header
  bytes[63] = 2;
  write(world.file, bytes);
  CHECK_FALSE(world.find(k_stamp));
  world.remember({k_stamp}, digests_of("b"));
  CHECK(bytes_of(world.file) == bytes);
}

TEST_CASE("a corrupt database that another process uses is left to it") {
  const CacheWorld world;
  fs::create_directory(world.folder);
  const std::string text(500, 'x');
  write(world.file, text);
  const Fd other(::open((world.folder + "/digests.lock").c_str(), O_RDWR | O_CREAT, 0600));
  REQUIRE(::flock(other.get(), LOCK_SH) == 0);
  CHECK_FALSE(world.find(k_stamp));
  world.remember({k_stamp}, digests_of("a"));
  CHECK(bytes_of(world.file) == text);
}

TEST_CASE("while another process removes the database nobody opens it") {
  const CacheWorld world;
  world.remember({k_stamp}, digests_of("a"));
  {
    const Fd other(::open((world.folder + "/digests.lock").c_str(), O_RDWR));
    REQUIRE(::flock(other.get(), LOCK_EX) == 0);
    CHECK_FALSE(world.find(k_stamp));
  }
  CHECK(world.find(k_stamp));
}

TEST_CASE("a database that another process writes to is read, and not waited for long") {
  const CacheWorld world;
  world.remember({k_stamp}, digests_of("a"));
  // SQLite's lock of who writes is byte 120 of the file beside it:
  // https://www.sqlite.org/walformat.html
  const auto cache = world.open();
  const auto find_here = [&](const FileStamp& stamp) {
    std::vector<deployflow::site::DigestCache::Wanted> wanted{{stamp, 1}};
    bool found = false;
    cache->find(wanted, [&](auto, const auto&) { found = true; });
    return found;
  };
  CHECK(find_here(k_stamp));
  int ready[2], done[2];
  REQUIRE(::pipe(ready) == 0);
  REQUIRE(::pipe(done) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const int fd = ::open((world.file + "-shm").c_str(), O_RDWR);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_start = 120;
    lock.l_len = 1;
    char byte = ::fcntl(fd, F_SETLK, &lock) == 0 ? 'y' : 'n';
    (void)!::write(ready[1], &byte, 1);
    (void)!::read(done[0], &byte, 1);
    ::_exit(0);
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  REQUIRE(answer == 'y');
  FileStamp another = k_stamp;
  ++another.inode;
  const auto started = std::chrono::steady_clock::now();
  CHECK(find_here(k_stamp));
  cache->add(another, digests_of("b"), world.clock.now());
  cache->save();
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(5));
  CHECK_FALSE(find_here(k_stamp));  // it is not asked again in this run
  REQUIRE(::write(done[1], "x", 1) == 1);
  ::waitpid(child, nullptr, 0);
  CHECK(world.find(k_stamp) == digests_of("a"));
  CHECK_FALSE(world.find(another));
  for (const int fd : {ready[0], ready[1], done[0], done[1]}) {
    ::close(fd);
  }
}

TEST_CASE("a folder that cannot be written to is no cache, and no harm") {
  const CacheWorld world;
  world.remember({k_stamp}, digests_of("a"));
  const std::string bytes = bytes_of(world.file);
  fs::permissions(world.scratch.path(), fs::perms(0755));
  fs::permissions(world.folder, fs::perms(0555));
  fs::permissions(world.file, fs::perms(0444));
  CHECK(in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) {  // root may write anywhere
      ::_exit(2);
    }
    world.remember(many(), digests_of("b"));
    (void)world.find(k_stamp);
  }));
  fs::permissions(world.folder, fs::perms(0700));
  CHECK(bytes_of(world.file) == bytes);
}

TEST_CASE("a disk that is full keeps what it has") {
  const CacheWorld world;
  world.remember({k_stamp}, digests_of("a"));
  CHECK(in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit few{50'000, 50'000};
    ::setrlimit(RLIMIT_FSIZE, &few);
    world.remember(many(), digests_of("b"));
    ::_exit(world.find(k_stamp) == digests_of("a") && !world.find(many().back()) ? 0 : 3);
  }));
  CHECK(world.find(k_stamp) == digests_of("a"));
}
