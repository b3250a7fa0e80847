// Facts of a site as one block of bytes: the format of the cache.
//
//   Head | file rows, by id | references | anchors | ends of texts | texts | findings
//
// Numbers are as the machine writes them: a cache does not travel. The bytes may be anybody's, cut
// or damaged: read_facts() looks at every number before it is used, and a checksum stands for the
// rest. A file of another version or other options is no error, only of no use.

#pragma once

#include "stages/validate/site_facts.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace deployflow::validate {

/// What makes the facts of a file what they are, besides the options: of its key and media type,
/// and of its bytes.
struct FileId {
  std::uint64_t name = 0;
  std::array<std::uint64_t, 4> digest{};  // SHA-256

  friend bool operator==(const FileId&, const FileId&) = default;
  // Written out: clang-tidy 14 takes the comparison of a spaceship with 0 for a null pointer.
  friend bool operator<(const FileId& a, const FileId& b) {
    return a.name != b.name ? a.name < b.name : a.digest < b.digest;
  }
};

struct StoredFile {
  FileId id;
  PackedFacts facts;
};

/// What was read; views of the bytes.
struct StoredFacts {
  std::vector<std::string_view> texts;  // by number
  std::vector<StoredFile> files;        // by id

  [[nodiscard]] const PackedFacts* find(const FileId& id) const;
};

/// `stamp` is of all that the facts depend on and that is the same for all files.
std::optional<StoredFacts> read_facts(std::span<const std::uint64_t> words, std::uint64_t stamp);

/// The checksum that such bytes must have; 0 if there are too few of them.
std::uint64_t facts_checksum(std::span<const std::uint64_t> words);

/// The bytes of those files of a site that have an id. Texts that none of them uses are left out.
std::vector<std::uint64_t> write_facts(const SiteFacts& facts,
                                       std::span<const std::optional<FileId>> ids,
                                       std::uint64_t stamp);

}  // namespace deployflow::validate
