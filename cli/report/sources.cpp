#include "cli/report/sources.hpp"

#include "plugins/host/base/file.hpp"

namespace deployflow::cli {

void Sources::load(const std::string& path) {
  path_ = path;
  text_.clear();
  starts_.clear();
  const auto file = open_regular(path);
  const auto seen =
      std::chrono::duration_cast<std::chrono::nanoseconds>(seen_.time_since_epoch()).count();
  if (!file || file->stamp.size > k_largest || file->stamp.ctime_ns > seen) {
    return;
  }
  std::string text(file->stamp.size, '\0');
  const auto got = read_at(file->fd, 0, text, path);
  if (!got || *got != text.size()) {
    return;
  }
  text_ = std::move(text);
  starts_.push_back(0);
  for (std::size_t end = text_.find('\n'); end != std::string::npos;
       end = text_.find('\n', end + 1)) {
    starts_.push_back(static_cast<std::uint32_t>(end + 1));
  }
}

std::optional<std::string_view> Sources::line(const std::string& path, std::uint32_t number) {
  if (path.empty()) {
    return std::nullopt;
  }
  if (path != path_) {
    load(path);
  }
  if (number == 0 || number > starts_.size()) {
    return std::nullopt;
  }
  const std::size_t start = starts_[number - 1];
  const std::size_t end = number < starts_.size() ? starts_[number] - 1 : text_.size();
  std::string_view line = std::string_view(text_).substr(start, end - start);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace deployflow::cli
