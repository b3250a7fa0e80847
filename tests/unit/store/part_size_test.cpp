#include "plugins/host/store/part_size.hpp"

#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stop_token>
#include <thread>

using namespace deployflow;
using namespace deployflow::store;
using deployflow::test::Scratch;

namespace {
constexpr std::uint64_t k_mib = 1U << 20;
constexpr std::uint64_t k_gib = 1U << 30;
}  // namespace

TEST_CASE("objects up to 16 MiB are one part") {
  CHECK(part_count(0) == 1);
  CHECK(part_count(16 * k_mib) == 1);
  CHECK(part_count(16 * k_mib + 1) == 3);
}

TEST_CASE("parts are 8 MiB, and grow so that there are at most 1,000") {
  CHECK(part_size(17 * k_mib) == 8 * k_mib);
  CHECK(part_size(8000 * k_mib) == 8 * k_mib);
  CHECK(part_size(8000 * k_mib + 1) == 9 * k_mib);
  for (const std::uint64_t size : {17 * k_mib, k_gib, 4 * k_gib, 100 * k_gib, 500 * k_gib - 1}) {
    CAPTURE(size);
    CHECK(part_size(size) % k_mib == 0);
    CHECK(part_count(size) <= 1000);
  }
}

TEST_CASE("the largest object fits the limits of S3") {
  CHECK(part_count(k_max_object_bytes) <= 10'000);
  CHECK(part_size(k_max_object_bytes) <= 5 * k_gib);
}

TEST_CASE("a composite ETag is the MD5 of the parts' MD5s and their count") {
  // printf 'hello' | md5sum | xxd -r -p | md5sum
  const std::array<Md5, 1> one{md5("hello")};
  CHECK(composite_etag(one) == "62109206880d38a4010a98e11243924a-1");
}

TEST_CASE("an ETag that may be an MD5 is told from one that cannot") {
  CHECK(is_md5_etag("5d41402abc4b2a76b9719d911017c592"));
  CHECK(is_md5_etag("5D41402ABC4B2A76B9719D911017C592"));
  CHECK_FALSE(is_md5_etag("5d41402abc4b2a76b9719d911017c592-1"));
  CHECK_FALSE(is_md5_etag("5d41402abc4b2a76b9719d911017c59g"));
  CHECK_FALSE(is_md5_etag(""));
}

TEST_CASE("hashing a file that takes hours ends when it is told to") {
  ThreadPool pool(2);
  const Scratch scratch;
  const std::string path = scratch.write("large", "");
  REQUIRE(::truncate(path.c_str(), 1LL << 40) == 0);
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stop.request_stop();
  });
  for (ThreadPool* helpers : {&pool, static_cast<ThreadPool*>(nullptr)}) {
    const auto etag = expected_etag(path, stop.get_token(), helpers);
    REQUIRE_FALSE(etag.ok());
    CHECK(etag.error().code == Errc::cancelled);
  }
}

TEST_CASE(
    "the expected ETag of a file is the same whether its parts are hashed at once or in turn") {
  const Scratch scratch;
  std::string content;
  while (content.size() < 20 * k_mib + 3) {
    content += std::to_string(content.size()) + " and counting\n";
  }
  const std::string path = scratch.write("large", content);
  ThreadPool pool(3);
  CHECK(expected_etag(path, {}, &pool).value() == expected_etag_of(content));
  CHECK(expected_etag(path).value() == expected_etag_of(content));
}

TEST_CASE("the expected ETag of bytes is an MD5, above one part a composite") {
  CHECK(expected_etag_of("hello") == "5d41402abc4b2a76b9719d911017c592");
  const std::string large(16 * k_mib + 1, 'x');
  const std::array<Md5, 3> parts{
      md5(std::string(8 * k_mib, 'x')), md5(std::string(8 * k_mib, 'x')), md5("x")};
  CHECK(expected_etag_of(large) == composite_etag(parts));
}
