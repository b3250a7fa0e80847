#include "stages/validate/workers.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace deployflow::validate {

void work_on_all(std::size_t count, const std::function<Work()>& make) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;  // guards thrown
  std::exception_ptr thrown;
  const auto take = [&] {
    try {
      const Work work = make();
      for (std::size_t i = next++; i < count; i = next++) {
        work(i);
      }
    } catch (...) {
      next = count;  // nobody begins another
      const std::lock_guard lock(mutex);
      if (!thrown) {
        thrown = std::current_exception();
      }
    }
  };
  const std::size_t wanted =
      std::min<std::size_t>(count, std::max(1U, std::thread::hardware_concurrency()));
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < wanted; ++i) {
      try {
        threads.emplace_back(take);
      } catch (const std::system_error&) {  // the system has no more: fewer do it, too
        break;
      }
    }
    take();
  }
  if (thrown) {
    std::rethrow_exception(thrown);
  }
}

}  // namespace deployflow::validate
