// A page parsed by gumbo, inside walls that gumbo does not have.
//
// gumbo has no limit of depth, time or memory, never looks at what malloc() returns, and frees its
// tree by recursion. So all its memory comes from an arena that is dropped as a whole, and the
// allocator, which gumbo calls for every token, ends a parse that is over budget by a longjmp()
// through gumbo's frames: C code that owns nothing but arena memory. A small stack is enough.

#pragma once

#include "stages/validate/arena.hpp"

#include <gumbo.h>

#include <chrono>
#include <cstddef>
#include <string_view>

namespace deployflow::validate {

constexpr int k_most_errors = 1000;  // recorded of one page; each copies the stack of open elements

struct ParseBudget {
  std::size_t memory_bytes;      // of gumbo's allocations
  std::chrono::nanoseconds cpu;  // of this thread, so a busy machine does not change the outcome
  std::size_t stack_bytes = std::size_t{96} << 10U;  // below the call of parse()
  int errors = k_most_errors;
};

/// Enough for any page that outline_of() lets through.
ParseBudget budget_for(std::size_t page_bytes);

class GumboPage {
 public:
  GumboPage() : arena_(&own_) {}
  /// In memory that the next page uses again: it is cleared first, and must outlive this.
  explicit GumboPage(Arena& arena) : arena_(&arena) { arena.clear(); }
  GumboPage(const GumboPage&) = delete;
  GumboPage& operator=(const GumboPage&) = delete;

  /// `text`: UTF-8 without byte order mark; must outlive this page. False: over budget, and there
  /// is no tree. Call once.
  bool parse(std::string_view text, const ParseBudget& budget);

  [[nodiscard]] const GumboOutput& tree() const { return *output_; }
  [[nodiscard]] std::size_t memory_bytes() const { return arena_->bytes(); }

 private:
  Arena own_;
  Arena* arena_;
  const GumboOutput* output_ = nullptr;  // in the arena
};

}  // namespace deployflow::validate
