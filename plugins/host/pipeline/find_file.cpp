#include "plugins/host/pipeline/pipeline.hpp"

#include <filesystem>
#include <system_error>

namespace deployflow::pipeline {

// A dead symbolic link counts: passing over it would run another pipeline than the one that is
// meant.
std::optional<std::string> find_pipeline_file(const std::string& folder) {
  std::error_code error;
  std::filesystem::path here = std::filesystem::absolute(folder, error).lexically_normal();
  while (!error && !here.empty()) {
    const std::filesystem::path file = here / "deployflow.yaml";
    std::error_code missing;
    const auto status = std::filesystem::symlink_status(file, missing);
    if (std::filesystem::exists(status) && !std::filesystem::is_directory(file, missing)) {
      return file.string();
    }
    const std::filesystem::path parent = here.parent_path();
    if (parent == here) {
      break;
    }
    here = parent;
  }
  return std::nullopt;
}

}  // namespace deployflow::pipeline
