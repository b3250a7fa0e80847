#include "stages/release/holder.hpp"

#include "stages/release/release_json.hpp"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>

namespace deployflow::release {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string link_target(const char* path) {
  std::array<char, 256> text{};
  const auto length = readlink(path, text.data(), text.size());
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string();
}

/// proc(5): field 22 of stat, behind the name in brackets, which may hold anything.
std::uint64_t start_of(std::uint64_t pid) {
  const std::string stat = first_line("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) {
    return 0;
  }
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22 && fields >> field; ++number) {
    if (number == 22) {
      std::uint64_t start = 0;
      std::from_chars(field.data(), field.data() + field.size(), start);
      return start;
    }
  }
  return 0;
}

/// The boot and the process namespace, in which alone a pid means something. Not their ids
/// themselves: a bucket may be public.
std::string this_machine() {
  std::string boot = first_line("/proc/sys/kernel/random/boot_id");
  const std::string space = link_target("/proc/self/ns/pid");
  if (boot.empty() || space.empty()) {
    return {};
  }
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a, 64 bits
  boot.append("/").append(space);
  for (const char c : boot) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  std::array<char, 16> hex{};
  const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), hash, 16).ptr;
  return {hex.data(), end};
}

}  // namespace

Holder this_process() {
  Holder holder;
  holder.machine = this_machine();
  holder.pid = static_cast<std::uint64_t>(getpid());
  holder.pid_started = start_of(holder.pid);
  return holder;
}

bool is_dead(const Holder& holder) {
  if (holder.machine.empty() || holder.pid == 0 || holder.pid_started == 0 ||
      holder.pid > static_cast<std::uint64_t>(std::numeric_limits<pid_t>::max()) ||
      holder.machine != this_machine()) {
    return false;
  }
  const std::uint64_t start = start_of(holder.pid);
  if (start != 0) {
    return start != holder.pid_started;
  }
  return kill(static_cast<pid_t>(holder.pid), 0) != 0 && errno == ESRCH;
}

std::string write_holder(const Holder& holder) {
  Json json{{"format", k_format},
            {"run", holder.run},
            {"since", format_time(holder.since_s)},
            {"since_s", holder.since_s},
            {"until", format_time(holder.until_s)},
            {"until_s", holder.until_s},
            {"ttl_s", holder.ttl_s}};
  const auto put = [&](const char* name, const std::string& text) {
    if (!text.empty()) {
      json[name] = text;
    }
  };
  put("user", holder.user);
  put("host", holder.host);
  put("job", holder.job);
  put("machine", holder.machine);
  json["pid"] = holder.pid;
  json["pid_started"] = holder.pid_started;
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Holder> read_holder(std::string_view text) {
  const Json json = parse_small(text);
  Holder holder;
  holder.run = text_of(json, "run");
  if (number_of(json, "format") == 0 || holder.run.empty()) {
    return std::nullopt;
  }
  constexpr std::uint64_t k_latest = std::uint64_t{1} << 40U;
  constexpr std::uint64_t k_longest_s = 3600;
  holder.user = text_of(json, "user");
  holder.host = text_of(json, "host");
  holder.job = text_of(json, "job");
  holder.since_s = static_cast<std::int64_t>(std::min(number_of(json, "since_s"), k_latest));
  holder.until_s = static_cast<std::int64_t>(std::min(number_of(json, "until_s"), k_latest));
  holder.ttl_s = std::min(number_of(json, "ttl_s"), k_longest_s);
  holder.machine = text_of(json, "machine");
  holder.pid = number_of(json, "pid");
  holder.pid_started = number_of(json, "pid_started");
  return holder;
}

std::string describe(const Holder& holder) {
  std::string out = "run " + holder.run;
  if (!holder.user.empty()) {
    out += " by " + holder.user;
  }
  if (!holder.host.empty()) {
    out += " on " + holder.host;
  }
  if (!holder.job.empty()) {
    out += " (" + holder.job + ")";
  }
  return out + ", since " + format_time(holder.since_s);
}

}  // namespace deployflow::release
