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

bool Arena::grow(std::size_t size) noexcept {
  constexpr std::size_t k_head = aligned(sizeof(Chunk));
  const std::size_t wanted = std::clamp(bytes_, k_first_chunk, k_largest_chunk);
  const std::size_t chunk_bytes = std::max(wanted, size + k_head);
  auto* chunk = static_cast<Chunk*>(std::malloc(chunk_bytes));
  if (chunk == nullptr) {
    return false;
  }
  chunk->previous = last_;
  last_ = chunk;
  free_ = reinterpret_cast<char*>(chunk) + k_head;
  left_ = chunk_bytes - k_head;
  bytes_ += chunk_bytes;
  return true;
}

}  // namespace deployflow::validate
