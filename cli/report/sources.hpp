// The lines of the files that findings are about, read again when they are told.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::cli {

/// Keeps one file, so ask in order of files. One thread.
class Sources {
 public:
  static constexpr std::uint64_t k_largest = 16U << 20U;  // a larger file has no lines here

  /// A file that was changed after `seen` is not the one that was checked.
  explicit Sources(std::chrono::system_clock::time_point seen) : seen_(seen) {}

  /// Line `number`, from 1, without its end; valid until the next call. nullopt: there is none, or
  /// the file vanished, changed, is too large or no file.
  std::optional<std::string_view> line(const std::string& path, std::uint32_t number);

 private:
  void load(const std::string& path);

  std::chrono::system_clock::time_point seen_;
  std::string path_;
  std::string text_;
  std::vector<std::uint32_t> starts_;  // of the lines
};

}  // namespace deployflow::cli
