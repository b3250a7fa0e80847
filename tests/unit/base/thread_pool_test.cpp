#include "plugins/host/base/thread_pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <set>

namespace {

using deployflow::ThreadPool;

TEST_CASE("for_each calls the work once for each index and returns when all is done") {
  ThreadPool pool(4);
  for (const std::size_t count : {0UL, 1UL, 3UL, 4UL, 5UL, 10'000UL}) {
    std::vector<std::atomic<int>> calls(count);
    pool.for_each(count, [&](std::size_t i) { ++calls[i]; });
    for (const auto& n : calls) {
      REQUIRE(n == 1);
    }
  }
}

TEST_CASE("the threads of a pool work at the same time") {
  constexpr std::size_t k_threads = 3;
  ThreadPool pool(k_threads);
  std::latch all_here(k_threads);
  pool.for_each(k_threads,
                [&](std::size_t) { all_here.arrive_and_wait(); });  // else: never returns
  CHECK(pool.size() == k_threads);
}

TEST_CASE("a pool of one thread runs tasks in the order of submission") {
  std::vector<int> order;
  {
    ThreadPool pool(1);
    for (int i = 0; i < 100; ++i) {
      pool.submit([&order, i] { order.push_back(i); });
    }
  }
  REQUIRE(order.size() == 100);
  for (int i = 0; i < 100; ++i) {
    CHECK(order[static_cast<std::size_t>(i)] == i);
  }
}

TEST_CASE("the destructor runs what was submitted before it joins") {
  std::atomic<int> ran = 0;
  {
    ThreadPool pool(2);
    for (int i = 0; i < 1000; ++i) {
      pool.submit([&] { ++ran; });
    }
  }
  CHECK(ran == 1000);
}

TEST_CASE("two threads can share a pool with for_each and both get all of their work done") {
  ThreadPool pool(2);
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
  std::thread other([&] { pool.for_each(500, [&](std::size_t) { ++first; }); });
  pool.for_each(500, [&](std::size_t) { ++second; });
  other.join();
  CHECK(first == 500);
  CHECK(second == 500);
}

TEST_CASE("zero threads means one per core, never none") {
  CHECK(ThreadPool(0).size() >= 1);
}

}  // namespace
