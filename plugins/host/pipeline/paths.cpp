#include "plugins/host/pipeline/paths.hpp"

#include <cstddef>

namespace deployflow::pipeline {

std::string resolve_path(std::string_view folder, std::string_view path) {
  const bool absolute = path.substr(0, 1) == "/";
  const std::string whole = absolute || folder.empty()
                                ? std::string(path)
                                : std::string(folder) + "/" + std::string(path);
  const bool rooted = whole.substr(0, 1) == "/";
  std::string out;
  for (std::size_t start = 0; start < whole.size();) {
    std::size_t end = whole.find('/', start);
    end = end == std::string::npos ? whole.size() : end;
    const std::string_view segment = std::string_view(whole).substr(start, end - start);
    if (!segment.empty() && segment != ".") {
      out += out.empty() && !rooted ? "" : "/";
      out += segment;
    }
    start = end + 1;
  }
  if (out.empty()) {
    return rooted ? "/" : ".";
  }
  return out;
}

}  // namespace deployflow::pipeline
