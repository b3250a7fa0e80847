#include "stages/release/catalog.hpp"

#include "stages/release/etag.hpp"

#include <algorithm>

namespace deployflow::release {
namespace {

constexpr std::uint8_t k_no_digit = 0xFF;

/// What each byte is worth as a hex digit. A manifest is mostly such digits.
constexpr auto k_worth = [] {
  std::array<std::uint8_t, 256> worth{};
  worth.fill(k_no_digit);
  for (std::uint8_t i = 0; i < 10; ++i) {
    worth[std::size_t{'0'} + i] = i;
  }
  for (std::uint8_t i = 0; i < 6; ++i) {
    worth[std::size_t{'a'} + i] = worth[std::size_t{'A'} + i] = static_cast<std::uint8_t>(10 + i);
  }
  return worth;
}();

}  // namespace

std::string to_hex(const std::uint8_t* bytes, std::size_t count) {
  static constexpr std::string_view k_digits = "0123456789abcdef";
  std::string out(2 * count, '0');
  for (std::size_t i = 0; i < count; ++i) {
    out[2 * i] = k_digits[bytes[i] >> 4U];
    out[2 * i + 1] = k_digits[bytes[i] & 0xFU];
  }
  return out;
}

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> from_hex(std::string_view text) {
  if (text.size() != 2 * N) {
    return std::nullopt;
  }
  std::array<std::uint8_t, N> out{};
  for (std::size_t i = 0; i < N; ++i) {
    const unsigned high = k_worth[static_cast<std::uint8_t>(text[2 * i])];
    const unsigned low = k_worth[static_cast<std::uint8_t>(text[2 * i + 1])];
    if ((high | low) == k_no_digit) {
      return std::nullopt;
    }
    out[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return out;
}
template std::optional<Sha256> from_hex<32>(std::string_view);
template std::optional<Md5> from_hex<16>(std::string_view);

std::uint32_t Catalog::intern(StoredHeaders headers) {
  const auto next = static_cast<std::uint32_t>(header_sets_.size());
  const auto [at, is_new] = header_numbers_.emplace(std::move(headers), next);
  if (is_new) {
    header_sets_.push_back(at->first);
  }
  return at->second;
}

void Catalog::add(Lent key,
                  std::uint64_t size,
                  const Sha256& sha256,
                  const Md5& md5,
                  std::string_view etag,
                  std::uint32_t headers,
                  std::string_view last) {
  const std::size_t i = objects_.size();
  Object& object = objects_.emplace_back();
  object.key = key.text.data();
  object.key_size = key.text.size() & 0xFFFFU;
  object.size = size & k_most_size;
  object.sha256 = sha256;
  object.md5 = md5;
  object.headers = headers;
  if (!last.empty()) {
    if (texts_.at(last_slice_) != last) {
      last_slice_ = texts_.add(last);
    }
    extra_of(i).last = last_slice_;
  }
  set_etag(i, etag);
}

Catalog::Extra& Catalog::extra_of(std::size_t i) {
  if (objects_[i].extra == 0) {
    objects_[i].extra = static_cast<std::uint32_t>(extras_.size());
    extras_.emplace_back();
  }
  return extras_[objects_[i].extra];
}

bool Catalog::seal() {
  const auto by_key = [](const Object& a, const Object& b) { return a.key_text() < b.key_text(); };
  if (!std::is_sorted(objects_.begin(), objects_.end(), by_key)) {
    std::stable_sort(objects_.begin(), objects_.end(), by_key);
  }
  const auto is_same = [](const Object& a, const Object& b) {
    return a.key_text() == b.key_text();
  };
  return std::adjacent_find(objects_.begin(), objects_.end(), is_same) == objects_.end();
}

std::string Catalog::etag(std::size_t i) const {
  const std::string_view own = own_etag(i);
  return own.empty() ? to_hex(md5(i)) : std::string(own);
}

bool Catalog::has_etag(std::size_t i, std::string_view etag) const {
  const std::string_view own = own_etag(i);
  if (!own.empty()) {
    return is_same_etag(own, etag);
  }
  const auto given = from_hex<16>(without_quotes(etag));
  return given && *given == md5(i);
}

void Catalog::set_etag(std::size_t i, std::string_view etag) {
  const auto given = from_hex<16>(without_quotes(etag));
  const bool is_other = !etag.empty() && (!given || *given != md5(i));
  if (is_other ? own_etag(i) != etag : !own_etag(i).empty()) {
    extra_of(i).etag = is_other ? texts_.add(etag) : TextPool::Slice{0};
  }
}

std::optional<std::size_t> Catalog::find(std::string_view key) const {
  const auto at = std::lower_bound(
      objects_.begin(), objects_.end(), key, [](const Object& object, std::string_view wanted) {
        return object.key_text() < wanted;
      });
  if (at == objects_.end() || at->key_text() != key) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(at - objects_.begin());
}

std::string_view header_of(const StoredHeaders& headers, std::string_view name) {
  const auto found = std::find_if(
      headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<std::string> differing_headers(const StoredHeaders& a, const StoredHeaders& b) {
  std::vector<std::string> names;
  for (const auto* set : {&a, &b}) {
    for (const auto& [name, value] : *set) {
      if (header_of(a, name) != header_of(b, name)) {
        names.push_back(name);
      }
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace deployflow::release
