// Waits until something of a site changes: by inotify, or by looking again and again where the
// system has no more watches to give.

#pragma once

#include "cli/watch/inotify.hpp"
#include "cli/watch/snapshot.hpp"
#include "cli/watch/watched.hpp"
#include "plugins/host/base/cancel.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace deployflow::cli {

struct Pace {
  std::chrono::milliseconds quiet{100};  // a change is told when nothing followed it for so long,
  std::chrono::milliseconds longest{2000};  // or when the first is so old
  std::chrono::milliseconds polling{1000};  // between two looks
};

class ChangeWatch {
 public:
  explicit ChangeWatch(Pace pace = {}) : pace_(pace) {}

  /// Watch these from here on. Call it before they are read, and again for folders that are new:
  /// what changes in between is told by the next wait().
  void arm(const Watched& watched);

  /// Paths that changed, sorted; empty = `stop`.
  std::vector<std::string> wait(const StopToken& stop);

  [[nodiscard]] bool is_polling() const { return !inotify_; }

 private:
  void poll_instead();
  std::vector<std::string> wait_by_inotify(const StopToken& stop);
  std::vector<std::string> wait_by_looking(const StopToken& stop);

  Pace pace_;
  Watched watched_;
  std::optional<Inotify> inotify_;
  std::optional<Snapshot> last_;  // when polling
  bool armed_ = false;
};

}  // namespace deployflow::cli
