#include "stages/compress/compressed_cache.hpp"

#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <tuple>

namespace deployflow::stages {
namespace {

namespace fs = std::filesystem;

constexpr CompressSettings k_brotli{Coding::brotli, 5};
constexpr std::uint64_t k_plenty = 1'000'000;

std::string digest(char digit) {
  return std::string(64, digit);
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Put these bytes as if they were a compressed form.
std::string put(CompressedCache& cache, const std::string& sha256, const std::string& bytes) {
  std::optional<TemporaryFile> file(std::in_place, cache.folder());
  file->write(bytes);
  file->close();
  const auto entry = cache.put(sha256, k_brotli, file);
  REQUIRE(entry.has_value());
  CHECK(entry->size == bytes.size());
  CHECK(file->path().empty());  // nothing is left for it to remove
  return entry->path;
}

void age(const std::string& path, std::chrono::hours hours) {
  fs::last_write_time(path, fs::file_time_type::clock::now() - hours);
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(
      std::count_if(fs::directory_iterator(folder), fs::directory_iterator(), [](const auto& file) {
        return file.path().filename() != ".lock";
      }));
}

TEST_CASE("what was put is found again, in this run and the next") {
  const test::Scratch scratch;
  const std::string folder = scratch / "deep/cache";
  CompressedCache cache(folder, k_plenty);
  CHECK_FALSE(cache.find(digest('a'), k_brotli).has_value());
  const std::string path = put(cache, digest('a'), "packed");
  CHECK(fs::path(path).filename().string().rfind(digest('a') + ".br-1q5.", 0) == 0);
  CompressedCache next(folder, k_plenty);
  for (CompressedCache* each : {&cache, &next}) {
    const auto found = each->find(digest('a'), k_brotli);
    REQUIRE(found.has_value());
    CHECK(found->path == path);
    CHECK(found->is_gain());
    CHECK(found->size == 6);
    CHECK(read(found->path) == "packed");
    CHECK_FALSE(each->find(digest('b'), k_brotli).has_value());
    CHECK_FALSE(each->find(digest('a'), {Coding::brotli, 9}).has_value());
    CHECK_FALSE(each->find(digest('a'), {Coding::gzip, 5}).has_value());
  }
  CHECK(files_in(folder) == 1);
}

TEST_CASE("that there is nothing to gain is kept too") {
  const test::Scratch scratch;
  CompressedCache cache(scratch.path(), k_plenty);
  std::optional<TemporaryFile> none;
  REQUIRE(cache.put(digest('a'), k_brotli, none).has_value());
  const auto found = CompressedCache(scratch.path(), k_plenty).find(digest('a'), k_brotli);
  REQUIRE(found.has_value());
  CHECK_FALSE(found->is_gain());
}

TEST_CASE("a damaged, cut, longer or emptied entry is not found and goes") {
  const test::Scratch scratch;
  for (const char* damaged : {"pAcked", "packe", "packed!", ""}) {
    CAPTURE(damaged);
    CompressedCache cache(scratch.path(), k_plenty);
    const std::string path = put(cache, digest('a'), "packed");
    std::ofstream(path, std::ios::binary | std::ios::trunc) << damaged;
    CHECK_FALSE(CompressedCache(scratch.path(), k_plenty).find(digest('a'), k_brotli).has_value());
    CHECK_FALSE(cache.find(digest('a'), k_brotli).has_value());
    CHECK_FALSE(fs::exists(path));
    put(cache, digest('a'), "packed");
    CHECK(cache.find(digest('a'), k_brotli).has_value());
  }
}

TEST_CASE("an entry that another process removed is not found") {
  const test::Scratch scratch;
  CompressedCache cache(scratch.path(), k_plenty);
  fs::remove(put(cache, digest('a'), "packed"));
  CHECK_FALSE(cache.find(digest('a'), k_brotli).has_value());
}

TEST_CASE("files with other names are none of its entries, and stay") {
  const test::Scratch scratch;
  const std::string crc = "00000000";
  for (const std::string& name : {digest('a'),
                                  digest('a') + ".br-1q5",
                                  digest('A') + ".br-1q5." + crc,
                                  digest('a') + "x.br-1q5." + crc,
                                  digest('a') + ".br-1q5.0000000g",
                                  digest('a') + ".br-1q5.000000000",
                                  digest('a') + "." + crc,
                                  std::string("readme.txt")}) {
    scratch.write(name, "");
  }
  CompressedCache cache(scratch.path(), 0);
  CHECK_FALSE(cache.find(digest('a'), k_brotli).has_value());
  for (const auto& file : fs::directory_iterator(scratch.path())) {
    age(file.path().string(), std::chrono::hours(100));
  }
  cache.trim();
  CHECK(files_in(scratch.path()) == 8);
}

TEST_CASE("a digest that is none is not looked for, nor does it lead out of the folder") {
  const test::Scratch scratch;
  CompressedCache cache(scratch / "cache", k_plenty);
  for (const std::string& bad :
       {std::string(), std::string("../") + std::string(61, 'a'), digest('A'), digest('a') + "a"}) {
    std::optional<TemporaryFile> file(std::in_place, cache.folder());
    file->close();
    CHECK_FALSE(cache.put(bad, k_brotli, file).has_value());
    CHECK(file.has_value());
    CHECK(fs::exists(file->path()));
    CHECK_FALSE(cache.find(bad, k_brotli).has_value());
  }
  CHECK(files_in(scratch.path()) == 1);
}

TEST_CASE("what was used longest ago goes when there is too much, and nothing of the last hour") {
  const test::Scratch scratch;
  const std::string kib(1024, 'x');
  std::map<char, std::string> paths;
  {
    CompressedCache cache(scratch.path(), k_plenty);
    for (const char name : {'a', 'b', 'c', 'd'}) {
      paths[name] = put(cache, digest(name), kib);
    }
  }
  age(paths['a'], std::chrono::hours(50));
  age(paths['b'], std::chrono::hours(90));
  age(paths['c'], std::chrono::hours(70));
  age(paths['d'], std::chrono::hours(30));
  CompressedCache(scratch.path(), 5'000).trim();  // three of 1,024 + 512
  CHECK_FALSE(fs::exists(paths['b']));
  CHECK(files_in(scratch.path()) == 3);
  {
    CompressedCache cache(scratch.path(), 3'500);
    REQUIRE(cache.find(digest('c'), k_brotli).has_value());
    cache.trim();
  }
  CHECK_FALSE(fs::exists(paths['a']));
  CHECK(files_in(scratch.path()) == 2);
  CompressedCache(scratch.path(), 0).trim();
  CHECK(files_in(scratch.path()) == 1);  // c, which was used in this hour
  CHECK(fs::exists(paths['c']));
}

TEST_CASE("an entry that is used keeps its times for a day, and is what it was until trim()") {
  const test::Scratch scratch;
  const auto inode_and_times = [](const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return std::tuple(status.st_ino, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
  };
  std::string path;
  {
    CompressedCache cache(scratch.path(), k_plenty);
    path = put(cache, digest('a'), "packed");
  }
  age(path, std::chrono::hours(23));
  const auto before = inode_and_times(path);
  {
    CompressedCache cache(scratch.path(), 0);
    CHECK(cache.find(digest('a'), k_brotli).has_value());
    CHECK(put(cache, digest('a'), "packed") == path);  // made twice at the same time
    CHECK(inode_and_times(path) == before);
    cache.trim();
  }
  CHECK(inode_and_times(path) == before);
  CHECK(files_in(scratch.path()) == 1);
  age(path, std::chrono::hours(25));
  CompressedCache cache(scratch.path(), 0);
  CHECK(cache.find(digest('a'), k_brotli).has_value());
  cache.trim();
  CHECK(fs::last_write_time(path) > fs::file_time_type::clock::now() - std::chrono::hours(1));
}

TEST_CASE("while another has the folder nothing goes") {
  const test::Scratch scratch;
  std::optional<CompressedCache> other(std::in_place, scratch.path(), k_plenty);
  const std::string path = put(*other, digest('a'), "packed");
  age(path, std::chrono::hours(50));
  CompressedCache cache(scratch.path(), 0);
  cache.trim();
  CHECK(fs::exists(path));
  other.reset();
  cache.trim();
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("what a killed process left goes after a day") {
  const test::Scratch scratch;
  age(scratch.write(".tmp-old", "x"), std::chrono::hours(25));
  age(scratch.write(".tmp-new", "x"), std::chrono::hours(23));
  CompressedCache(scratch.path(), k_plenty).trim();
  CHECK_FALSE(fs::exists(scratch / ".tmp-old"));
  CHECK(fs::exists(scratch / ".tmp-new"));
}

TEST_CASE("a folder that cannot be made is a cache that holds nothing") {
  const test::Scratch scratch;
  scratch.write("file", "x");
  CompressedCache cache(scratch / "file/cache", k_plenty);
  CHECK_FALSE(cache.find(digest('a'), k_brotli).has_value());
  std::optional<TemporaryFile> file(std::in_place, scratch.path());
  file->close();
  CHECK_FALSE(cache.put(digest('a'), k_brotli, file).has_value());
  CHECK(fs::exists(file->path()));
  std::optional<TemporaryFile> none;
  CHECK_FALSE(cache.put(digest('a'), k_brotli, none).has_value());
  cache.trim();
}

}  // namespace
}  // namespace deployflow::stages
