#include "plugins/host/store/part_size.hpp"

#include "plugins/host/base/file.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace deployflow::store {
namespace {

constexpr std::uint64_t k_mib = 1U << 20;
constexpr std::uint64_t k_least_part = 8 * k_mib;
constexpr std::uint64_t k_comfortable_part = 512 * k_mib;
constexpr std::size_t k_piece = 256U << 10;

std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

Result<Md5> md5_of_range(const OpenFile& file,
                         const std::string& path,
                         std::uint64_t offset,
                         std::uint64_t size,
                         const StopToken& stop) {
  StreamDigest digest(StreamDigest::Of::md5);
  std::vector<char> piece(static_cast<std::size_t>(std::min<std::uint64_t>(size, k_piece)));
  while (size > 0) {
    if (stop.stop_requested()) {
      return cancelled_error();
    }
    const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(size, piece.size()));
    TRY_ASSIGN(const std::size_t got, read_at(file.fd, offset, {piece.data(), want}, path));
    if (got < want) {
      return Error{Errc::input, fmt::format("{}: became shorter while it was read", path)};
    }
    digest.update({piece.data(), got});
    offset += got;
    size -= got;
  }
  return digest.finish_md5();
}

}  // namespace

std::uint64_t part_size(std::uint64_t size) {
  const std::uint64_t in_1000 = divide_up(divide_up(size, 1000), k_mib) * k_mib;
  if (in_1000 <= k_comfortable_part) {
    return std::max(k_least_part, in_1000);
  }
  const std::uint64_t in_10000 = divide_up(divide_up(size, 10'000), k_mib) * k_mib;
  return std::max(k_comfortable_part, in_10000);
}

std::uint32_t part_count(std::uint64_t size) {
  if (size <= k_single_put_bytes) {
    return 1;
  }
  return static_cast<std::uint32_t>(divide_up(size, part_size(size)));
}

std::string composite_etag(std::span<const Md5> parts) {
  std::string all;
  all.reserve(parts.size() * sizeof(Md5));
  for (const Md5& part : parts) {
    all += as_chars(part);
  }
  return fmt::format("{}-{}", to_hex(md5(all)), parts.size());
}

bool is_md5_etag(std::string_view etag) {
  return etag.size() == 32 && std::all_of(etag.begin(), etag.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

bool may_have_our_parts(std::string_view etag, std::uint64_t size) {
  const std::size_t dash = etag.find('-');
  return dash != std::string_view::npos && is_md5_etag(etag.substr(0, dash)) &&
         etag.substr(dash + 1) == std::to_string(part_count(size));
}

Result<std::string> expected_etag(const std::string& path,
                                  const StopToken& stop,
                                  ThreadPool* pool) {
  TRY_ASSIGN(const OpenFile file, open_regular(path));
  const std::uint64_t size = file.stamp.size;
  if (size <= k_single_put_bytes) {
    TRY_ASSIGN(const Md5 whole, md5_of_range(file, path, 0, size, stop));
    return to_hex(whole);
  }
  const std::uint64_t step = part_size(size);
  std::vector<Md5> parts(part_count(size));
  std::vector<std::optional<Error>> errors(parts.size());
  const auto digest_part = [&](std::size_t i) {
    const std::uint64_t offset = i * step;
    const auto part = md5_of_range(file, path, offset, std::min(step, size - offset), stop);
    if (part) {
      parts[i] = *part;
    } else {
      errors[i] = part.error();
    }
  };
  if (pool != nullptr) {
    pool->for_each(parts.size(), digest_part);
  } else {
    for (std::size_t i = 0; i < parts.size() && (i == 0 || !errors[i - 1]); ++i) {
      digest_part(i);
    }
  }
  for (auto& error : errors) {
    if (error) {
      return std::move(*error);
    }
  }
  return composite_etag(parts);
}

std::string expected_etag_of(std::string_view bytes) {
  if (bytes.size() <= k_single_put_bytes) {
    return to_hex(md5(bytes));
  }
  std::vector<Md5> parts;
  const auto step = static_cast<std::size_t>(part_size(bytes.size()));
  for (std::size_t offset = 0; offset < bytes.size(); offset += step) {
    parts.push_back(md5(bytes.substr(offset, step)));
  }
  return composite_etag(parts);
}

}  // namespace deployflow::store
