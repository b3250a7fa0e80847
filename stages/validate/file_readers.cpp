#include "stages/validate/file_readers.hpp"

#include "stages/validate/css.hpp"
#include "stages/validate/media.hpp"

#include <algorithm>
#include <array>

namespace deployflow::validate {
namespace {

constexpr std::uint64_t k_mib = std::uint64_t{1} << 20U;

struct Row {
  std::string_view media_type;  // without parameters
  FileReader reader;
};

constexpr std::array k_rows{
    Row{"text/css",
        {[](std::string_view text, const FileSink& sink) { read_css(text, sink.reference); },
         16 * k_mib}},
};

}  // namespace

const FileReader* reader_of(const SiteFile& file) {
  const auto* row = std::ranges::find_if(
      k_rows, [&](const Row& r) { return is_media_type(file.media_type, r.media_type); });
  return row != k_rows.end() ? &row->reader : nullptr;
}

}  // namespace deployflow::validate
