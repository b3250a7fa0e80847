// The facts of all files, packed: a site of 30,000 pages has two million references.
//
// Texts are kept once and known by a number. What is kept of a file is never changed, so it can lie
// in memory or in a file of the cache alike.

#pragma once

#include "stages/validate/arena.hpp"
#include "stages/validate/file_facts.hpp"
#include "stages/validate/text_table.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

namespace deployflow::validate {

struct PackedReference {
  std::uint32_t path = 0;  // texts, by number; 0 = ""
  std::uint32_t fragment = 0;
  std::uint32_t line = 0, column = 0;
  std::uint32_t count = 0;
  RefKind kind = RefKind::page;
  std::uint8_t above_root = 0;
  std::uint8_t is_outside = 0;  // `path` is a URL of the web
  std::uint8_t unused = 0;
};
static_assert(sizeof(PackedReference) == 24);

struct PackedFacts {
  std::span<const PackedReference> references;
  std::span<const std::uint64_t> anchors;
  std::span<const char> findings;  // see pack_findings()
  RuleMask ignored;
  bool has_anchors = false;
};

class SiteFacts {
 public:
  explicit SiteFacts(std::size_t file_count) : files_(file_count) {}

  /// Before the first set(): the texts of an earlier run, by the same numbers. Their bytes must
  /// outlive this.
  void adopt(std::span<const std::string_view> texts) { texts_ = TextTable(texts); }

  /// Thread-safe.
  void set(std::size_t file, const FileFacts& facts);
  /// Of an earlier run, with the numbers of adopt(). What it is made of must outlive this.
  void set(std::size_t file, const PackedFacts& facts) { files_[file] = facts; }

  [[nodiscard]] std::size_t size() const { return files_.size(); }
  [[nodiscard]] const PackedFacts& operator[](std::size_t file) const { return files_[file]; }
  [[nodiscard]] const TextTable& texts() const { return texts_; }

 private:
  std::mutex mutex_;  // guards all below while there are threads
  std::vector<PackedFacts> files_;
  TextTable texts_;
  Arena memory_;
};

/// Findings as bytes, for the cache, and back.
void pack_findings(std::span<const Finding> findings, std::string& out);
/// What is not as pack_findings() makes it is left out.
std::vector<Finding> unpack_findings(std::span<const char> bytes);

}  // namespace deployflow::validate
