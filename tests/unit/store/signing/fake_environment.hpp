// An environment made of a map, and a scratch home folder for AWS files.

#pragma once

#include "plugins/host/base/environment.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>

namespace deployflow::store {

using Variables = std::map<std::string, std::string, std::less<>>;

inline Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found != variables.end() ? std::optional(found->second) : std::nullopt;
  };
}

/// A home folder that goes away with the object.
class Home {
 public:
  Home() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "deployflow-home-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(path_ / ".aws");
  }
  ~Home() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  /// `name` under ~/.aws.
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / ".aws" / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return (path_ / ".aws" / name).string();
  }
  [[nodiscard]] Environment environment(Variables more = {}) const {
    more.emplace("HOME", path_.string());
    return environment_of(std::move(more));
  }

 private:
  std::filesystem::path path_;
};

}  // namespace deployflow::store
