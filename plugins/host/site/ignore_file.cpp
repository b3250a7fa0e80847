#include "plugins/host/site/ignore_file.hpp"

#include <algorithm>
#include <utility>

namespace deployflow::site {

IgnoreFiles::Pointer IgnoreFiles::add(std::string_view text, std::string folder, Pointer above) {
  constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(k_byte_order_mark)) {
    text.remove_prefix(k_byte_order_mark.size());
  }
  auto out = std::make_shared<IgnoreFiles>();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (auto pattern = IgnorePattern::parse(line)) {
      out->patterns_.push_back(*std::move(pattern));
    }
  }
  out->folder_ = std::move(folder);
  out->above_ = std::move(above);
  return out;
}

bool IgnoreFiles::leave_out(const Pointer& files, std::string_view key, Entry entry) {
  for (const IgnoreFiles* file = files.get(); file != nullptr; file = file->above_.get()) {
    const std::string_view path = key.substr(file->folder_.size());
    const auto last =
        std::find_if(file->patterns_.rbegin(), file->patterns_.rend(), [&](const auto& pattern) {
          return pattern.matches(path, entry);
        });
    if (last != file->patterns_.rend()) {
      return !last->is_negated();
    }
  }
  return false;
}

}  // namespace deployflow::site
