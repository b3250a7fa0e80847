#include "stages/release/compressed_cache.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

namespace deployflow::release {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_digest = 64, k_crc = 8;  // hex digits

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

std::string crc_text(std::uint32_t crc) {
  std::array<char, k_crc + 1> text{};
  std::snprintf(text.data(), text.size(), "%08x", crc);
  return text.data();
}

/// "<sha256>.<tag>" of a name of ours; "" of any other.
std::string_view what_is_in(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot <= k_digest + 1 || name.size() - dot - 1 != k_crc ||
      name[k_digest] != '.' || !is_hex(name.substr(0, k_digest)) || !is_hex(name.substr(dot + 1))) {
    return {};
  }
  return name.substr(0, dot);
}

/// The size, if the bytes are those that the name tells of.
std::optional<std::uint64_t> checked_size(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> piece(std::size_t{64} << 10);
  std::uint64_t size = 0;
  auto crc = static_cast<std::uint32_t>(crc32_z(0, nullptr, 0));
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    crc = static_cast<std::uint32_t>(
        crc32_z(crc, reinterpret_cast<const Bytef*>(piece.data()), count));
    size += count;
  }
  const bool good = file.eof() && path.compare(path.size() - k_crc, k_crc, crc_text(crc)) == 0;
  return good ? std::optional(size) : std::nullopt;
}

}  // namespace

CompressedCache::CompressedCache(std::string folder, std::uint64_t most_bytes)
    : folder_(std::move(folder)), most_bytes_(most_bytes) {
  std::error_code error;
  fs::create_directories(folder_, error);
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    std::string name = at->path().filename().string();
    std::string what(what_is_in(name));
    if (!what.empty()) {
      names_[std::move(what)] = std::move(name);
    }
  }
}

std::optional<CompressedCache::Entry> CompressedCache::find(std::string_view sha256,
                                                            const CompressSettings& settings) {
  const std::string what = std::string(sha256) + "." + settings.tag();
  Entry entry;
  {
    const std::lock_guard lock(mutex_);
    const auto known = names_.find(what);
    if (known == names_.end()) {
      return std::nullopt;
    }
    entry.path = folder_ + "/" + known->second;
  }
  std::error_code ignored;
  const auto size = checked_size(entry.path);
  if (!size) {
    fs::remove(entry.path, ignored);
    const std::lock_guard lock(mutex_);
    names_.erase(what);
    return std::nullopt;
  }
  fs::last_write_time(entry.path, fs::file_time_type::clock::now(), ignored);  // used just now
  entry.size = *size;
  return entry;
}

std::optional<CompressedCache::Entry> CompressedCache::put(std::string_view sha256,
                                                           const CompressSettings& settings,
                                                           std::optional<TemporaryFile>& file) {
  const std::string what = std::string(sha256) + "." + settings.tag();
  if (what_is_in(what + "." + crc_text(0)).empty()) {
    return std::nullopt;
  }
  std::string name = what + "." + crc_text(file ? file->crc32() : 0);
  const Entry entry{folder_ + "/" + name, file ? file->size() : 0};
  std::error_code error;
  if (file) {
    fs::rename(file->path(), entry.path, error);
  } else if (!std::ofstream(entry.path, std::ios::binary)) {
    error = std::make_error_code(std::errc::io_error);
  }
  if (error) {
    return std::nullopt;
  }
  if (file) {
    file->release();
  }
  const std::lock_guard lock(mutex_);
  names_[what] = std::move(name);
  return entry;
}

void CompressedCache::trim() {
  struct Old {
    fs::file_time_type used;
    std::uint64_t size = 0;
    fs::path path;
  };
  const auto now = fs::file_time_type::clock::now();
  std::vector<Old> entries;
  std::uint64_t total = 0;
  std::error_code error, ignored;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const auto used = at->last_write_time(ignored);
    if (!what_is_in(name).empty()) {
      // Every file takes a block, an empty one an inode: else those would never be counted.
      constexpr std::uint64_t k_overhead = 512;
      std::error_code gone;
      const std::uint64_t size = at->file_size(gone) + k_overhead;
      if (!gone) {
        total += size;
        entries.push_back({used, size, at->path()});
      }
    } else if (name.rfind(".tmp-", 0) == 0 && used < now - std::chrono::hours(24)) {
      fs::remove(at->path(), ignored);
    }
  }
  std::sort(
      entries.begin(), entries.end(), [](const Old& a, const Old& b) { return a.used < b.used; });
  for (const Old& old : entries) {
    if (total <= most_bytes_ || old.used > now - std::chrono::hours(1)) {
      break;
    }
    fs::remove(old.path, ignored);
    total -= old.size;
    const std::lock_guard lock(mutex_);
    names_.erase(std::string(what_is_in(old.path.filename().string())));
  }
}

}  // namespace deployflow::release
