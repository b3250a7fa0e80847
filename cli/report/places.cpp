#include "cli/report/places.hpp"

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <utility>

namespace deployflow::cli {
namespace {

namespace fs = std::filesystem;

bool is_inside(const fs::path& path, const fs::path& folder) {
  const std::string relative = path.lexically_relative(folder).string();
  return !relative.empty() && relative != ".." && !relative.starts_with("../");
}

}  // namespace

Places::Places(std::string folder, const Environment& environment)
    : folder_(std::move(folder)), base_(folder_) {
  for (const std::string_view name : {"GITHUB_WORKSPACE", "CI_PROJECT_DIR"}) {
    const std::string root = environment(name).value_or("");
    if (root.starts_with('/') && is_inside(folder_, fs::path(root).lexically_normal())) {
      base_ = fs::path(root).lexically_normal().string();
      return;
    }
  }
}

std::string Places::path_of(const run::Finding& finding, const std::string& fallback) const {
  if (finding.file.empty() && !finding.key.empty()) {
    return finding.key;
  }
  const std::string& named = finding.file.empty() ? fallback : finding.file;
  const fs::path path = (fs::path(folder_) / named).lexically_normal();
  std::string told =
      is_inside(path, base_) ? path.lexically_relative(base_).string() : path.string();
  while (told.size() > 1 && told.back() == '/') {
    told.pop_back();
  }
  return told;
}

std::string uri_of(std::string_view path) {
  constexpr std::string_view k_kept =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!$&'()*+,;=@:";
  std::string uri = path.starts_with('/') ? "file://" : "";
  if (path.substr(0, path.find('/')).find(':') != std::string_view::npos) {
    uri = "./";
  }
  for (const char c : path) {
    if (k_kept.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

}  // namespace deployflow::cli
