// Reads one file after the other and tells what is known of each. One for each thread.

#pragma once

#include "stages/validate/arena.hpp"
#include "stages/validate/file_facts.hpp"
#include "stages/validate/settings.hpp"
#include "stages/validate/site_file.hpp"

#include <functional>
#include <string>
#include <utility>

namespace deployflow::validate {

/// Puts the bytes of a file into `buffer`, as many as its `size` says: a copy of a SiteFile may ask
/// for the first few.
using ReadBytes = std::function<void(const SiteFile& file, std::string& buffer)>;

/// Is there more to know of this file than its key and size? Only then is it read.
bool is_read(const SiteFile& file, const Settings& settings);

class Inspector {
 public:
  explicit Inspector(ReadBytes read) : read_(std::move(read)) {}

  /// `settings`: those of that file.
  FileFacts inspect(const SiteFile& file, const Settings& settings);

 private:
  ReadBytes read_;
  std::string buffer_;
  Arena memory_;  // of the parser
};

}  // namespace deployflow::validate
