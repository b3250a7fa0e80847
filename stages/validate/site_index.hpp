// Which addresses a site answers, and with which file.
//
// A server does more than a store: it adds "index.html" to a folder, sends "blog" to "blog/", and
// many add ".html". A reference that works on such a server is no mistake.

#pragma once

#include "stages/validate/redirects.hpp"
#include "stages/validate/reference.hpp"
#include "stages/validate/site_file.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace deployflow::validate {

class SiteIndex {
 public:
  /// `files` are in order of key, and outlive this.
  explicit SiteIndex(std::span<const SiteFile> files);

  /// A server answers the paths of this pattern; see redirects.hpp. Of those with placeholders the
  /// first 100 count.
  void add_answer(std::string_view pattern);
  /// Is a place answered, though no file stands for it?
  [[nodiscard]] bool is_answered(std::string_view path) const;

  /// The file of exactly this key.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view key) const;
  /// The file that a server gives for a path (Destination::path) of a place; see is_place().
  [[nodiscard]] std::optional<std::size_t> find_place(std::string_view path) const;
  /// Is there a file below "path/"?
  [[nodiscard]] bool is_folder(std::string_view path) const;

  /// A path that differs from this one in upper and lower case only, and is answered.
  [[nodiscard]] std::optional<std::string> other_case(std::string_view path, bool is_place) const;
  /// What the writer of a path that is not answered probably meant; empty if nobody knows.
  [[nodiscard]] std::string nearest(std::string_view path) const;

  [[nodiscard]] std::span<const SiteFile> files() const { return files_; }

 private:
  [[nodiscard]] std::span<const SiteFile> below(std::string_view folder) const;
  void fold() const;

  std::span<const SiteFile> files_;
  std::unordered_set<std::string> answers_;  // without the slash at the end
  std::vector<AnswerPattern> patterns_;
  // Made when the first is asked for: a site without mistakes needs neither.
  using ByHash = std::vector<std::pair<std::uint64_t, std::size_t>>;  // sorted
  mutable ByHash folded_;  // by hash of the key in lower case
  mutable ByHash named_;   // ... of its last segment
};

}  // namespace deployflow::validate
