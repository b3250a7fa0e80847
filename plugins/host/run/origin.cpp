#include "plugins/host/run/origin.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <system_error>

namespace deployflow::run {
namespace {

constexpr std::size_t k_longest = 1024;  // of a value that is kept

/// The first of these variables that is set, as one printable line.
std::string first_of(const Environment& environment,
                     std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto value = environment(name);
    if (value && !value->empty() && value->size() <= k_longest && is_utf8(*value)) {
      return printable(*value);
    }
  }
  return {};
}

std::string job_url(const Environment& environment) {
  const std::string server = first_of(environment, {"GITHUB_SERVER_URL"});
  const std::string repository = first_of(environment, {"GITHUB_REPOSITORY"});
  const std::string run = first_of(environment, {"GITHUB_RUN_ID"});
  if (!server.empty() && !repository.empty() && !run.empty()) {
    return server + "/" + repository + "/actions/runs/" + run;
  }
  return first_of(environment,
                  {"CI_JOB_URL",
                   "BUILD_URL",
                   "CIRCLE_BUILD_URL",
                   "BUILDKITE_BUILD_URL",
                   "TRAVIS_JOB_WEB_URL",
                   "DRONE_BUILD_LINK"});
}

bool is_commit(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string first_line(const std::string& path, std::uint64_t max_bytes) {
  auto text = read_file(path, max_bytes);
  return text ? text->substr(0, text->find('\n')) : std::string();
}

/// What HEAD of this git folder (gitrepository-layout(5)) names; empty if that cannot be told.
std::string head_of(const std::filesystem::path& git) {
  constexpr std::uint64_t k_small = 4096;
  constexpr std::uint64_t k_packed = 4U << 20;
  const std::string head = first_line((git / "HEAD").string(), k_small);
  constexpr std::string_view k_reference = "ref: ";
  if (!head.starts_with(k_reference)) {
    return is_commit(head) ? head : std::string();
  }
  const std::string name = head.substr(k_reference.size());
  if (!name.starts_with("refs/") || name.find("..") != std::string::npos) {
    return {};
  }
  if (std::string loose = first_line((git / name).string(), k_small); is_commit(loose)) {
    return loose;
  }
  const auto packed = read_file((git / "packed-refs").string(), k_packed);
  const std::size_t at = packed ? packed->find(" " + name + "\n") : std::string::npos;
  if (at == std::string::npos || at < 40) {
    return {};
  }
  const std::string commit = packed->substr(at - 40, 40);
  return is_commit(commit) ? commit : std::string();
}

std::string commit_of(const Environment& environment, const std::string& site) {
  std::string told = first_of(environment,
                              {"GITHUB_SHA",
                               "CI_COMMIT_SHA",
                               "GIT_COMMIT",
                               "CIRCLE_SHA1",
                               "BUILDKITE_COMMIT",
                               "TRAVIS_COMMIT",
                               "DRONE_COMMIT_SHA",
                               "BUILD_SOURCEVERSION",
                               "BITBUCKET_COMMIT"});
  if (!told.empty()) {
    return told;
  }
  std::error_code error;
  std::filesystem::path folder = std::filesystem::absolute(site, error).lexically_normal();
  while (!error && !site.empty()) {
    if (std::filesystem::is_directory(folder / ".git", error)) {
      return head_of(folder / ".git");
    }
    if (folder == folder.parent_path()) {
      break;
    }
    folder = folder.parent_path();
    error.clear();
  }
  return {};
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? printable(name.data()) : std::string();
}

}  // namespace

Origin find_origin(const Environment& environment, const std::string& site, const Clock& clock) {
  Origin origin;
  origin.started_s =
      std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count();
  origin.user = first_of(environment, {"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME"});
  origin.host = host_name();
  origin.job_url = job_url(environment);
  origin.commit = commit_of(environment, site);
  return origin;
}

}  // namespace deployflow::run
