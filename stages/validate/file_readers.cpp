#include "stages/validate/file_readers.hpp"

#include "stages/validate/css.hpp"
#include "stages/validate/media.hpp"
#include "stages/validate/redirects.hpp"
#include "stages/validate/web_manifest.hpp"
#include "stages/validate/xml_reader.hpp"

#include <algorithm>
#include <array>

namespace deployflow::validate {
namespace {

constexpr std::uint64_t k_mib = std::uint64_t{1} << 20U;

struct Row {
  std::string_view media_type;  // without parameters; empty = any
  std::string_view key;         // empty = any
  FileReader reader;
};

constexpr std::array k_rows{
    Row{"text/css",
        "",
        {[](std::string_view text, const FileSink& sink) { read_css(text, sink.reference); },
         8 * k_mib}},
    Row{"application/xml", "", {read_xml, 16 * k_mib}},
    Row{"text/xml", "", {read_xml, 16 * k_mib}},
    Row{"application/rss+xml", "", {read_xml, 16 * k_mib}},
    Row{"application/atom+xml", "", {read_xml, 16 * k_mib}},
    Row{"",
        "_redirects",
        {[](std::string_view text, const FileSink& sink) { read_redirects(text, sink.reference); },
         8 * k_mib}},
};

constexpr FileReader k_web_manifest{read_web_manifest, k_mib};

}  // namespace

const FileReader* reader_of(const SiteFile& file) {
  if (may_be_web_manifest(file)) {
    return &k_web_manifest;
  }
  const auto* row = std::ranges::find_if(k_rows, [&](const Row& r) {
    return (r.media_type.empty() || is_media_type(file.media_type, r.media_type)) &&
           (r.key.empty() || file.key == r.key);
  });
  return row != k_rows.end() ? &row->reader : nullptr;
}

}  // namespace deployflow::validate
