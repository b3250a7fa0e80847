// What a site leaves out: ".deployflowignore" files, with the rules of gitignore(5).
//
// One may lie in every folder and speaks of what is below it. Of several patterns that match, the
// last of the nearest file decides. What is in a folder that is left out cannot be taken back in.

#pragma once

#include "plugins/host/site/ignore_pattern.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::site {

constexpr std::string_view k_ignore_file = ".deployflowignore";

/// The ignore files that speak of one folder. Cannot change, may be shared.
class IgnoreFiles {
 public:
  using Pointer = std::shared_ptr<const IgnoreFiles>;  // null = none
  using Entry = IgnorePattern::Entry;

  /// `text` is what the file in `folder` holds, a key that is "" or ends in '/'; `above` are those
  /// of the folders that it is in.
  static Pointer add(std::string_view text, std::string folder, Pointer above);

  /// Is `key`, an entry of that folder or of one below it, to be left out? The folders that it is
  /// in are not.
  static bool leave_out(const Pointer& files, std::string_view key, Entry entry);

 private:
  std::vector<IgnorePattern> patterns_;
  std::string folder_;
  Pointer above_;
};

}  // namespace deployflow::site
