#include "stages/compress/compressed_cache.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace deployflow::stages {
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

std::uint32_t crc_in(std::string_view name) {
  constexpr int k_hex = 16;
  const std::string digits(name.substr(name.size() - k_crc));
  return static_cast<std::uint32_t>(std::stoul(digits, nullptr, k_hex));
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

/// Not for ever: a process that was stopped while it trimmed must not stop all others.
int shared_lock(const std::string& folder) {
  constexpr int k_tries = 50;
  constexpr std::chrono::milliseconds k_pause(20);
  const int file = ::open((folder + "/.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  for (int i = 0; file >= 0 && i < k_tries && ::flock(file, LOCK_SH | LOCK_NB) != 0; ++i) {
    std::this_thread::sleep_for(k_pause);
  }
  return file;
}

/// To where nothing is, or a damaged file: a good one may be in use, by another thread or process
/// that was first, and stays.
std::error_code move_entry(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return {};
  }
  std::error_code error;
  if (errno == EEXIST && checked_size(to)) {
    fs::remove(from, error);
    return {};
  }
  fs::rename(from, to, error);  // also on a file system that knows no RENAME_NOREPLACE
  return error;
}

}  // namespace

CompressedCache::CompressedCache(std::string folder, std::uint64_t most_bytes)
    : folder_(std::move(folder)), most_bytes_(most_bytes) {
  std::error_code error;
  fs::create_directories(folder_, error);
  lock_ = shared_lock(folder_);
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (const auto what = what_is_in(name); !what.empty()) {
      names_[std::string(what)].crc = crc_in(name);
    }
  }
}

CompressedCache::~CompressedCache() {
  if (lock_ >= 0) {
    ::close(lock_);
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
    entry.path = folder_ + "/" + what + "." + crc_text(known->second.crc);
  }
  const auto size = checked_size(entry.path);
  const std::lock_guard lock(mutex_);
  if (!size) {
    std::error_code ignored;
    fs::remove(entry.path, ignored);
    names_.erase(what);
    return std::nullopt;
  }
  names_[what].is_used = true;
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
  const std::uint32_t crc = file ? file->crc32() : 0;
  const Entry entry{folder_ + "/" + what + "." + crc_text(crc), file ? file->size() : 0};
  std::error_code error;
  if (file) {
    error = move_entry(file->path(), entry.path);
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
  names_[what] = {crc, true};
  return entry;
}

void CompressedCache::trim() {
  struct Old {
    fs::file_time_type used;
    std::uint64_t size = 0;
    fs::path path;
  };
  if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::flock(lock_, LOCK_SH | LOCK_NB);  // which the attempt may have cost
    return;
  }
  const std::lock_guard guard(mutex_);
  const auto is_used = [&](std::string_view name) {
    const auto known = names_.find(what_is_in(name));
    return known != names_.end() && known->second.is_used && known->second.crc == crc_in(name);
  };
  const auto now = fs::file_time_type::clock::now();
  std::vector<Old> entries;
  std::uint64_t total = 0;
  std::error_code error, ignored;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    auto used = at->last_write_time(ignored);
    if (is_used(name)) {
      if (used < now - std::chrono::hours(24)) {
        fs::last_write_time(at->path(), now, ignored);
      }
      used = now;
    }
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
    names_.erase(std::string(what_is_in(old.path.filename().string())));
  }
  if (lock_ >= 0) {
    ::flock(lock_, LOCK_SH | LOCK_NB);
  }
}

}  // namespace deployflow::stages
