// Files that are no pages and yet refer to others: which there are, and how each is read.
//
// A reader is pure, takes time and memory in proportion to the text, and never throws but
// std::bad_alloc, whatever the bytes. It hands over what it finds; where an address leads, and
// whether there is anything, others find out.

#pragma once

#include "stages/validate/reference.hpp"
#include "stages/validate/rules.hpp"
#include "stages/validate/site_file.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace deployflow::validate {

struct FileSink {
  ReferenceSink reference;
  /// What is wrong at an offset of the text; k_nowhere: with the file as a whole.
  std::function<void(const Rule& rule, std::size_t at, std::string message, std::string hint)>
      finding;
};

struct FileReader {
  void (*read)(std::string_view text, const FileSink& sink);
  std::uint64_t max_bytes;  // a larger file is not read, with a finding
};

/// nullptr: the file refers to nothing that is known.
const FileReader* reader_of(const SiteFile& file);

}  // namespace deployflow::validate
