#include "plugins/host/store/credentials/profiles.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"

#include <errno.h>
#include <pwd.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

namespace deployflow::store {
namespace {

constexpr std::uint64_t k_largest_file = std::uint64_t{1} << 20U;

// Empty if the user has none.
std::string home_folder(const Environment& environment) {
  if (auto home = set_variable(environment, "HOME")) {
    return *home;
  }
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16384> buffer{};
  const int error = getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found);
  return error == 0 && found != nullptr && found->pw_dir != nullptr ? found->pw_dir : "";
}

struct Place {
  std::string path;  // empty = nowhere
  std::string shown;
};

Place place_of(const Environment& environment, std::string_view variable, std::string_view name) {
  const std::string home = home_folder(environment);
  if (const auto named = set_variable(environment, variable)) {
    return {in_home(*named, environment), printable(*named)};
  }
  return {home.empty() ? "" : fmt::format("{}/.aws/{}", home, name),
          fmt::format("~/.aws/{}", name)};
}

Place config_place(const Environment& environment) {
  return place_of(environment, "AWS_CONFIG_FILE", "config");
}

Place credentials_place(const Environment& environment) {
  return place_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
}

bool is_missing(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

Result<ProfileFile> load(const Place& place, ProfileFileKind kind) {
  // /dev/null is how people say "no such file" to every AWS tool.
  if (place.path.empty() || place.path == "/dev/null" || is_missing(place.path)) {
    return ProfileFile{};
  }
  auto text = read_file(place.path, k_largest_file);
  if (!text) {
    return Error{Errc::auth, printable(text.error().message), std::move(text.error().hint)};
  }
  auto parsed = parse_profile_file(*text, kind);
  if (!parsed) {
    return Error{Errc::auth, fmt::format("{}: {}", place.shown, parsed.error().message)};
  }
  return parsed;
}

}  // namespace

std::optional<std::string> set_variable(const Environment& environment, std::string_view name) {
  auto value = environment(name);
  if (!value || value->find_first_not_of(" \t\r\n") == std::string::npos) {
    return std::nullopt;
  }
  return value;
}

std::string profile_name(std::string_view wanted, const Environment& environment) {
  if (!wanted.empty()) {
    return std::string(wanted);
  }
  for (const std::string_view name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    if (auto value = set_variable(environment, name)) {
      return std::move(*value);
    }
  }
  return "default";
}

std::string property_of(const Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  return found != properties.end() ? found->second : std::string();
}

std::string in_home(const std::string& path, const Environment& environment) {
  const std::string home = path.starts_with("~/") ? home_folder(environment) : std::string();
  return home.empty() ? path : home + path.substr(1);
}

std::string profile_places(const Environment& environment) {
  return fmt::format(
      "{} or {}", credentials_place(environment).shown, config_place(environment).shown);
}

Result<Profiles> load_profiles(const Environment& environment) {
  const Place config_file = config_place(environment);
  const Place credentials_file = credentials_place(environment);
  TRY_ASSIGN(ProfileFile config, load(config_file, ProfileFileKind::config));
  TRY_ASSIGN(ProfileFile credentials, load(credentials_file, ProfileFileKind::credentials));
  Profiles out;
  out.merged = merge_profile_files(std::move(config), credentials);
  out.credentials = std::move(credentials);
  out.config_path = config_file.shown;
  out.credentials_path = credentials_file.shown;
  return out;
}

Error no_such_profile(const std::string& name, const Profiles& profiles) {
  std::vector<std::string> names;
  for (const auto& [known, properties] : profiles.merged.profiles) {
    names.push_back(known);
  }
  const auto close = nearest(name, names);
  return {Errc::auth,
          fmt::format("profile {} is in neither {} nor {}",
                      printable(name),
                      profiles.credentials_path,
                      profiles.config_path),
          close ? fmt::format("did you mean {}?", *close) : ""};
}

}  // namespace deployflow::store
