#include "stages/validate/facts_cache.hpp"

#include "stages/validate/descriptor.hpp"
#include "stages/validate/hash.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace deployflow::validate {

/// Of all sources of this folder, made when it is built: what one version found in a file is not
/// what another finds.
extern const std::uint64_t k_source_stamp;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_prefix = "facts-";
constexpr std::string_view k_temporary = ".facts-";

std::string hex(std::uint64_t number) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return text.data();
}

// Read, not mapped: a file that is cut meanwhile would end the process.
std::vector<std::uint64_t> read_words(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  constexpr off_t k_most = off_t{2} << 30U;
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size > k_most) {
    return {};
  }
  std::vector<std::uint64_t> words(static_cast<std::size_t>(status.st_size) / 8);
  auto* at = reinterpret_cast<char*>(words.data());
  for (std::size_t left = words.size() * 8; left > 0;) {
    const ssize_t got = ::read(file.get(), at, left);
    if (got <= 0) {
      return {};
    }
    at += got;
    left -= static_cast<std::size_t>(got);
  }
  return words;
}

bool write_words(int file, std::span<const std::uint64_t> words) {
  const auto* at = reinterpret_cast<const char*>(words.data());
  for (std::size_t left = words.size_bytes(); left > 0;) {
    const ssize_t done = ::write(file, at, left);
    if (done <= 0) {
      return false;
    }
    at += done;
    left -= static_cast<std::size_t>(done);
  }
  return true;
}

}  // namespace

std::uint64_t stamp_of(const Settings& settings) {
  std::string text = std::to_string(k_source_stamp);
  const auto add = [&text](std::string_view part) {
    text += '\0';
    text += part;
  };
  for (const Rule* rule : all_rules()) {  // findings are kept with the place of their rule
    add(rule->code);
  }
  const PageSettings& page = settings.page;
  for (const std::uint64_t number : {settings.max_file_bytes,
                                     settings.max_html_bytes,
                                     std::uint64_t{page.max_findings},
                                     std::uint64_t{page.keeps_all ? 1U : 0U},
                                     static_cast<std::uint64_t>(page.rules),
                                     std::uint64_t{page.is_https ? 1U : 0U},
                                     std::uint64_t{settings.external.is_on ? 1U : 0U},
                                     std::uint64_t{page.limits.depth},
                                     std::uint64_t{page.limits.attributes},
                                     std::uint64_t{page.limits.tags}}) {
    add(std::to_string(number));
  }
  for (const std::string& code : page.ignored) {
    add(code);
  }
  add("severities");
  for (const auto& [code, severity] : page.severities) {
    add(code);
    add(std::to_string(static_cast<int>(severity)));
  }
  add(settings.address.scheme);
  add(settings.address.host);
  add(settings.address.prefix);
  return hash_of(text);
}

FileId id_of(std::string_view key,
             std::string_view media_type,
             std::string_view digest,
             std::uint64_t settings) {
  FileId id{.name = hash_of(key, hash_of(media_type, settings)), .digest = {}};
  constexpr std::size_t k_digits = 16;
  constexpr int k_hex = 16;
  for (std::size_t i = 0; i < id.digest.size() && (i + 1) * k_digits <= digest.size(); ++i) {
    const std::string_view part = digest.substr(i * k_digits, k_digits);
    std::from_chars(part.data(), part.data() + part.size(), id.digest.at(i), k_hex);
  }
  return id;
}

FactsCache::FactsCache(std::string folder, std::string_view site, const Settings& settings)
    : folder_(std::move(folder)), stamp_(stamp_of(settings)) {
  name_ = std::string(k_prefix) + hex(hash_of(site, stamp_));
}

std::string FactsCache::path() const {
  return folder_ + "/" + name_;
}

const StoredFacts& FactsCache::load() {
  words_ = read_words(path());
  if (auto stored = read_facts(words_, stamp_)) {
    stored_ = std::move(*stored);
    std::error_code ignored;  // that it was used lately is what trim() goes by
    fs::last_write_time(path(), fs::file_time_type::clock::now(), ignored);
  }
  return stored_;
}

void FactsCache::save(const SiteFacts& facts, std::span<const std::optional<FileId>> ids) {
  const std::vector<std::uint64_t> words = write_facts(facts, ids, stamp_);
  std::string made = folder_ + "/" + std::string(k_temporary) + "XXXXXX";
  const Descriptor file(::mkostemp(made.data(), O_CLOEXEC));
  if (file.get() < 0) {
    return;
  }
  if (words.empty() || !write_words(file.get(), words) ||
      ::rename(made.c_str(), path().c_str()) != 0) {
    ::unlink(made.c_str());
  }
}

void FactsCache::trim() const {
  constexpr std::uintmax_t k_most_bytes = std::uintmax_t{512} << 20U;
  constexpr auto k_oldest = std::chrono::hours(24 * 60);
  struct Old {
    fs::file_time_type used;
    std::uintmax_t bytes;
    fs::path path;
  };
  std::vector<Old> all;
  std::uintmax_t total = 0;
  std::error_code error, gone;
  const auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const auto used = at->last_write_time(gone);
    const std::uintmax_t bytes = at->file_size(gone);
    if (gone || name == name_) {
      continue;
    }
    if (name.starts_with(k_temporary) && used < now - std::chrono::hours(24)) {
      fs::remove(at->path(), gone);  // of a process that was killed
    } else if (name.starts_with(k_prefix)) {
      all.push_back({used, bytes, at->path()});
      total += bytes;
    }
  }
  std::ranges::sort(all, {}, &Old::used);
  for (const Old& old : all) {
    if (total <= k_most_bytes && old.used > now - k_oldest) {
      break;
    }
    fs::remove(old.path, gone);
    total -= old.bytes;
  }
}

}  // namespace deployflow::validate
