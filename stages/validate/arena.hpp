// Memory that is handed out piece by piece and freed all at once.

#pragma once

#include <cstddef>

namespace deployflow::validate {

class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Aligned for any type; null when the system has no more. Never throws: C code calls it.
  void* allocate(std::size_t size) noexcept;
  /// Takes everything back. One chunk stays, so that the next user need not ask the system again.
  void clear() noexcept;
  /// What the system has given so far, unused rests included.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Chunk {
    Chunk* previous;
    std::size_t bytes;  // with this head
  };
  static constexpr std::size_t head_bytes();
  bool grow(std::size_t size) noexcept;

  Chunk* last_ = nullptr;
  char* free_ = nullptr;  // the unused rest of last_
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace deployflow::validate
