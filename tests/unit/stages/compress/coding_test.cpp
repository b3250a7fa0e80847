#include "stages/compress/coding.hpp"

#include "stages/compress/compressed_file.hpp"
#include "tests/support/scratch.hpp"

#include <deployflow/stage.hpp>

#include <brotli/decode.h>
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>

namespace deployflow::stages {
namespace {

/// Text with some sense in it, and some chance.
std::string page(std::size_t size) {
  std::minstd_rand random;
  std::string text;
  while (text.size() < size) {
    text += "<p class=\"c" + std::to_string(random() % 100) + "\">word " +
            std::to_string(random()) + "</p>\n";
  }
  text.resize(size);
  return text;
}

std::string noise(std::size_t size) {
  std::mt19937 random(1);
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(random());
  }
  return bytes;
}

std::string unbrotli(std::string_view bytes, std::size_t size) {
  std::string out(size + 1, '\0');
  std::size_t count = out.size();
  if (BrotliDecoderDecompress(bytes.size(),
                              reinterpret_cast<const std::uint8_t*>(bytes.data()),
                              &count,
                              reinterpret_cast<std::uint8_t*>(out.data())) !=
      BROTLI_DECODER_RESULT_SUCCESS) {
    return "no brotli";
  }
  out.resize(count);
  return out;
}

/// gzip(1) is somebody else's program.
std::string gunzip(std::string_view bytes) {
  const test::Scratch scratch;
  const std::string packed = scratch.write("a.gz", bytes), plain = scratch / "plain";
  if (std::system(("gzip -dc " + packed + " >" + plain).c_str()) != 0) {
    return "no gzip";
  }
  std::ifstream file(plain, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A source that gives at most `most` bytes at a time.
ByteSource source_of(std::string_view bytes, std::size_t most) {
  return [left = bytes, most](std::span<char> room) mutable {
    const std::size_t count = left.copy(room.data(), std::min(room.size(), most));
    left.remove_prefix(count);
    return count;
  };
}

std::string streamed(const CompressSettings& settings, std::string_view bytes, std::size_t most) {
  std::string out;
  CHECK(compress(settings, bytes.size(), source_of(bytes, most), [&](std::string_view piece) {
          out += piece;
        }) == bytes.size());
  return out;
}

constexpr std::size_t k_sizes[] = {0, 1, 255, 65535, 65536, 65537, 131072, 300000};

TEST_CASE("what was compressed is read back by decoders that are not ours") {
  for (const std::size_t size : k_sizes) {
    CAPTURE(size);
    for (const std::string& bytes : {page(size), noise(size)}) {
      CHECK((gunzip(gzip(bytes)) == bytes));
      CHECK((unbrotli(brotli(bytes, 11), size) == bytes));
      CHECK((unbrotli(brotli(bytes, 5), size) == bytes));
    }
  }
}

TEST_CASE("the same bytes give the same, however the source gives them") {
  const std::string bytes = page(200'000);
  for (const CompressSettings settings :
       {CompressSettings{Coding::gzip, 9}, {Coding::brotli, 11}, {Coding::brotli, 5}}) {
    const std::string whole = streamed(settings, bytes, bytes.size());
    for (const std::size_t most : {1'000U, 65'535U, 65'536U, 65'537U}) {
      CHECK((streamed(settings, bytes, most) == whole));
    }
  }
  CHECK((streamed({Coding::gzip, 9}, bytes, 777) == gzip(bytes)));
  CHECK((streamed({Coding::brotli, 9}, bytes, 777) == brotli(bytes, 9)));
}

TEST_CASE("a gzip file has no name, time or system in its header") {
  const std::string bytes = gzip("x");
  REQUIRE(bytes.size() >= 10);
  CHECK((bytes.substr(0, 10) == std::string("\x1F\x8B\x08\0\0\0\0\0\x02\xFF", 10)));
}

TEST_CASE("text becomes much smaller, brotli smaller than gzip, better quality smaller still") {
  const std::string bytes = page(200'000);
  const std::size_t by_gzip = gzip(bytes).size();
  CHECK(by_gzip < bytes.size() / 3);
  CHECK(brotli(bytes, 11).size() < by_gzip);
  CHECK(brotli(bytes, 11).size() < brotli(bytes, 5).size());
}

TEST_CASE("larger files get a lesser quality of brotli, and the tag tells all settings apart") {
  const std::uint64_t mib = std::uint64_t{1} << 20U;
  CHECK(settings_for(Coding::gzip, 1).tag() == "gz-1q9");
  CHECK(settings_for(Coding::gzip, 1000 * mib).tag() == "gz-1q9");
  CHECK(settings_for(Coding::brotli, 2 * mib).tag() == "br-1q11");
  CHECK(settings_for(Coding::brotli, 2 * mib + 1).tag() == "br-1q9");
  CHECK(settings_for(Coding::brotli, 32 * mib).tag() == "br-1q9");
  CHECK(settings_for(Coding::brotli, 32 * mib + 1).tag() == "br-1q5");
  CHECK(coding_name(Coding::gzip) == "gzip");
  CHECK(coding_name(Coding::brotli) == "br");
}

TEST_CASE("what is text, or was never compressed, is worth it from 256 bytes on") {
  for (const char* type : {"text/html; charset=utf-8",
                           "TEXT/CSS",
                           "text/javascript",
                           "application/json ; charset=utf-8",
                           "application/ld+json",
                           "application/manifest+json; charset=utf-8",
                           "image/svg+xml",
                           "application/atom+xml",
                           "application/xml",
                           "application/wasm",
                           "font/ttf",
                           "font/otf",
                           "image/vnd.microsoft.icon",
                           "image/bmp"}) {
    CAPTURE(type);
    CHECK(is_worth_compressing(type, 256));
    CHECK_FALSE(is_worth_compressing(type, 255));
  }
  for (const char* type : {"",
                           "image/jpeg",
                           "image/png",
                           "image/webp",
                           "image/avif",
                           "video/mp4",
                           "audio/mpeg",
                           "application/zip",
                           "application/gzip",
                           "application/x-brotli",
                           "application/pdf",
                           "application/octet-stream",
                           "font/woff",
                           "font/woff2",
                           "application/jsonx",
                           "xtext/html",
                           "; text/html"}) {
    CAPTURE(type);
    CHECK_FALSE(is_worth_compressing(type, 100'000));
  }
}

TEST_CASE("a gain is 64 bytes and a twentieth at least") {
  CHECK(is_gain(1000, 936));
  CHECK_FALSE(is_gain(1000, 937));
  CHECK(is_gain(10'000, 9'500));
  CHECK_FALSE(is_gain(10'000, 9'501));
  CHECK_FALSE(is_gain(10'001, 9'501));
  CHECK_FALSE(is_gain(100, 100));
  CHECK_FALSE(is_gain(100, 1000));
  CHECK_FALSE(is_gain(0, 0));
  CHECK(is_gain(UINT64_MAX, 0));
}

TEST_CASE("a file is compressed into a file, which is there as long as it is wanted") {
  const test::Scratch scratch;
  const std::string bytes = page(300'000);
  std::string path;
  {
    const auto file =
        compress_to_file({Coding::gzip, 9}, bytes.size(), source_of(bytes, 999), scratch.path());
    REQUIRE(file.has_value());
    path = file->path();
    CHECK(std::filesystem::path(path).parent_path() == scratch.path());
    std::ifstream in(path, std::ios::binary);
    const std::string stored{std::istreambuf_iterator<char>(in), {}};
    CHECK((stored == gzip(bytes)));
    CHECK(file->size() == stored.size());
  }
  CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("what gains nothing, changes meanwhile, or cannot be read or written leaves no file") {
  const test::Scratch scratch;
  const std::string bytes = noise(10'000);
  CHECK_FALSE(
      compress_to_file({Coding::gzip, 9}, bytes.size(), source_of(bytes, 999), scratch.path())
          .has_value());
  const auto compress_as = [&](std::uint64_t size) {
    return compress_to_file({Coding::brotli, 5}, size, source_of(bytes, 999), scratch.path());
  };
  CHECK_THROWS_AS(compress_as(bytes.size() - 1), Failure);
  CHECK_THROWS_AS(compress_as(bytes.size() + 1), Failure);
  const ByteSource unreadable = [](std::span<char>) -> std::size_t {
    throw std::runtime_error("unreadable");
  };
  CHECK_THROWS_AS(compress_to_file({Coding::gzip, 9}, 1, unreadable, scratch.path()),
                  std::runtime_error);
  CHECK(std::filesystem::is_empty(scratch.path()));
  CHECK_THROWS_AS(compress_to_file({Coding::gzip, 9}, 1, unreadable, scratch / "nowhere"), Failure);
}

TEST_CASE("memory does not grow with a file of 256 MiB") {
  constexpr std::uint64_t k_size = std::uint64_t{256} << 20U;
  const auto peak_kib = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const auto before = peak_kib();
  for (const Coding coding : {Coding::gzip, Coding::brotli}) {
    std::uint64_t left = k_size, out = 0;
    const auto source = [&](std::span<char> room) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), left));
      std::fill_n(room.begin(), count, 'x');
      left -= count;
      return count;
    };
    CHECK(compress(settings_for(coding, k_size), k_size, source, [&](std::string_view piece) {
            out += piece.size();
          }) == k_size);
    CHECK(out < k_size / 100);
  }
  CHECK(peak_kib() - before < 80 << 10);
}

}  // namespace
}  // namespace deployflow::stages
