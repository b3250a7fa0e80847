// The one thread on which every request, timer and completion of a run happens.
//
// Code that runs on the loop needs no locks among itself; it must not block. CPU work and file
// reads go to the ThreadPool and come back by post().

#pragma once

#include <chrono>
#include <functional>

namespace deployflow::store {

class Loop {
 public:
  virtual ~Loop() = default;

  /// Run `task` on the loop soon, after what was posted before. Any thread.
  virtual void post(std::function<void()> task) = 0;

  /// Run `task` on the loop once `delay` of monotonic time has passed. Any thread. When the loop is
  /// cancelled, waiting tasks run at once: they ask `cancelled()`.
  virtual void after(std::chrono::milliseconds delay, std::function<void()> task) = 0;

  /// Has the run been interrupted? Any thread.
  [[nodiscard]] virtual bool cancelled() const = 0;

  /// Monotonic; advances by hand in tests.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;
};

}  // namespace deployflow::store
