// What is known of one file once it was read, so that its bytes need not be kept: what is wrong
// inside of it, what others can refer to, and what it refers to itself.
//
// It depends on the bytes, the key, the media type and the options alone, never on another file:
// so files are read in any order and at once, and the cache keeps facts until one of these changes.

#pragma once

#include "stages/validate/finding.hpp"
#include "stages/validate/position.hpp"
#include "stages/validate/reference.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace deployflow::validate {

/// A reference to a place inside of the site or, if they are asked for, outside of it; one for all
/// of a file that say the same.
struct SiteReference {
  std::string path;      // as Destination::path; outside: as UrlResolver::web_address()
  std::string fragment;  // as Destination::fragment
  RefKind kind = RefKind::page;
  bool above_root = false;
  bool is_outside = false;
  Position at;              // of the first
  std::uint32_t count = 1;  // how often the file says it
};

struct FileFacts {
  std::vector<Finding> findings;          // in the order in which they are told
  RuleMask ignored;                       // by a comment of the file; see ignore_marks.hpp
  bool has_anchors = false;               // it is a page that was read to its end
  std::vector<std::uint64_t> anchors;     // hash_of() ids and names, sorted
  std::vector<SiteReference> references;  // to other files, or to fragments that it has not
};

}  // namespace deployflow::validate
