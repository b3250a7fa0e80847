// Who holds the lock of a target: the document, and whether its process still lives.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::release {

struct Holder {
  std::string run;                // id of the run
  std::string user, host, job;    // empty = not known
  std::int64_t since_s = 0;       // by the holder's clock
  std::int64_t until_s = 0;       // for people: what counts is the store's clock and ttl_s
  std::uint64_t ttl_s = 0;        // the lease ends so long after its last heartbeat
  std::string machine;            // of the process: a boot of a machine, and its process namespace
  std::uint64_t pid = 0;          // 0 = not known
  std::uint64_t pid_started = 0;  // clock ticks after boot: a pid is used again
};

/// This process on this machine. `machine` is empty where it cannot be told.
Holder this_process();

/// Is it certain that the holder's process has ended? Only known on the same machine.
bool is_dead(const Holder& holder);

std::string write_holder(const Holder& holder);
/// nullopt if the text is no lock of ours.
std::optional<Holder> read_holder(std::string_view text);

/// "run 20261120T… by ada on build-7 (https://…), since 2026-11-20T22:33:11Z"
std::string describe(const Holder& holder);

}  // namespace deployflow::release
