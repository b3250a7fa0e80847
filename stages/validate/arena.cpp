#include "stages/validate/arena.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_alignment = alignof(std::max_align_t);
constexpr std::size_t k_first_chunk = std::size_t{64} << 10U;
constexpr std::size_t k_largest_chunk = std::size_t{4} << 20U;

constexpr std::size_t aligned(std::size_t size) {
  return (size + k_alignment - 1) / k_alignment * k_alignment;
}

}  // namespace

constexpr std::size_t Arena::head_bytes() {
  return aligned(sizeof(Chunk));
}

Arena::~Arena() {
  while (last_ != nullptr) {
    Chunk* previous = last_->previous;
    std::free(last_);
    last_ = previous;
  }
}

void* Arena::allocate(std::size_t size) noexcept {
  if (size > std::numeric_limits<std::size_t>::max() / 2) {
    return nullptr;
  }
  size = aligned(std::max<std::size_t>(size, 1));
  if (size > left_ && !grow(size)) {
    return nullptr;
  }
  void* memory = free_;
  free_ += size;
  left_ -= size;
  return memory;
}

void Arena::clear() noexcept {
  constexpr std::size_t k_head = head_bytes();
  constexpr std::size_t k_most_kept = k_largest_chunk;
  while (last_ != nullptr && (last_->previous != nullptr || last_->bytes > k_most_kept)) {
    // The last one is the largest, but for one that was made for a large piece.
    Chunk* gone = last_->bytes > k_most_kept ? last_ : last_->previous;
    (gone == last_ ? last_ : last_->previous) = gone->previous;
    std::free(gone);
  }
  bytes_ = last_ != nullptr ? last_->bytes : 0;
  free_ = last_ != nullptr ? reinterpret_cast<char*>(last_) + k_head : nullptr;
  left_ = last_ != nullptr ? last_->bytes - k_head : 0;
}

bool Arena::grow(std::size_t size) noexcept {
  constexpr std::size_t k_head = head_bytes();
  const std::size_t wanted = std::clamp(bytes_, k_first_chunk, k_largest_chunk);
  const std::size_t chunk_bytes = std::max(wanted, size + k_head);
  auto* chunk = static_cast<Chunk*>(std::malloc(chunk_bytes));
  if (chunk == nullptr) {
    return false;
  }
  chunk->previous = last_;
  chunk->bytes = chunk_bytes;
  last_ = chunk;
  free_ = reinterpret_cast<char*>(chunk) + k_head;
  left_ = chunk_bytes - k_head;
  bytes_ += chunk_bytes;
  return true;
}

}  // namespace deployflow::validate
