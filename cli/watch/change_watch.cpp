#include "cli/watch/change_watch.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace deployflow::cli {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto k_stop_check = 50ms;  // how late a Ctrl-C may be heard

bool arm_inotify(Inotify& inotify, const Watched& watched) {
  bool all = true;
  for (const std::string& file : watched.files) {
    all = all && inotify.add_file(file);
  }
  if (!watched.site.empty()) {
    // Its own folder as well: a generator may remove and make the whole of it.
    all = all && inotify.add_file(watched.site);
  }
  for (const std::string& folder : folders_of(watched.site)) {
    all = all && inotify.add_folder(folder);
  }
  return all;
}

void add_all(std::vector<std::string>& to, std::vector<std::string> paths, const Watched& watched) {
  std::copy_if(std::make_move_iterator(paths.begin()),
               std::make_move_iterator(paths.end()),
               std::back_inserter(to),
               [&](const std::string& path) { return watched.counts(path); });
}

std::vector<std::string> sorted(std::vector<std::string> paths) {
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

}  // namespace

void ChangeWatch::arm(const Watched& watched) {
  Watched wanted = watched;
  while (wanted.site.size() > 1 && wanted.site.back() == '/') {
    wanted.site.pop_back();
  }
  if (wanted != watched_) {
    last_.reset();  // it shows other files
  }
  watched_ = std::move(wanted);
  if (!armed_) {
    armed_ = true;
    inotify_ = Inotify::open();
  }
  if (!inotify_ || !arm_inotify(*inotify_, watched_)) {
    poll_instead();
  }
}

void ChangeWatch::poll_instead() {
  inotify_.reset();
  if (!last_) {
    last_ = take_snapshot(watched_);
  }
}

std::vector<std::string> ChangeWatch::wait(const StopToken& stop) {
  if (inotify_) {
    std::vector<std::string> paths = wait_by_inotify(stop);
    if (!paths.empty() || stop.stop_requested()) {
      return paths;
    }
  }
  return wait_by_looking(stop);
}

std::vector<std::string> ChangeWatch::wait_by_inotify(const StopToken& stop) {
  std::vector<std::string> paths;
  Clock::time_point first;
  Clock::time_point last;
  while (!stop.stop_requested()) {
    Inotify::Changes changes = inotify_->read(k_stop_check);
    const std::size_t before = paths.size();
    add_all(paths, std::move(changes.paths), watched_);
    if (changes.lost) {
      // Folders came or went, and files in them before they were watched.
      if (!arm_inotify(*inotify_, watched_)) {
        poll_instead();
        paths.push_back(watched_.site);
        return sorted(std::move(paths));
      }
      paths.push_back(watched_.site);
    }
    const auto now = Clock::now();
    if (paths.size() > before) {
      first = before == 0 ? now : first;
      last = now;
    }
    if (!paths.empty() && (now - last >= pace_.quiet || now - first >= pace_.longest)) {
      return sorted(std::move(paths));
    }
  }
  return {};
}

std::vector<std::string> ChangeWatch::wait_by_looking(const StopToken& stop) {
  while (!stop.stop_requested()) {
    for (auto end = Clock::now() + pace_.polling; Clock::now() < end && !stop.stop_requested();) {
      std::this_thread::sleep_for(std::min<Clock::duration>(k_stop_check, pace_.polling));
    }
    Snapshot now = take_snapshot(watched_);
    std::vector<std::string> paths = differences(*last_, now);
    if (!paths.empty() && !stop.stop_requested()) {
      last_ = std::move(now);
      return paths;
    }
  }
  return {};
}

}  // namespace deployflow::cli
