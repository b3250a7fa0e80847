#include "stages/validate/gumbo_page.hpp"

#include <csetjmp>
#include <cstdint>
#include <ctime>

namespace deployflow::validate {
namespace {

using Nanoseconds = std::int64_t;

Nanoseconds thread_cpu_time() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<Nanoseconds>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// What gumbo's callbacks see. Trivially destructible, like all that a longjmp() passes over.
struct Guard {
  Arena* arena;
  std::size_t memory_limit;
  Nanoseconds cpu_limit;  // on thread_cpu_time()
  std::uintptr_t stack_base;
  std::size_t stack_limit;
  std::uint32_t calls;
  std::jmp_buf out;
};

// Two calls a token at least; the clock costs a system call, so it is read now and then.
constexpr std::uint32_t k_calls_per_clock = 512;

[[noreturn]] void abandon(Guard* guard) {
  std::longjmp(guard->out, 1);  // NOLINT(cert-err52-cpp): the only way out of gumbo
}

void check_stack(Guard* guard) {
  // The frame's own address: that of a local may be on a sanitizer's fake stack.
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const std::uintptr_t used =
      here < guard->stack_base ? guard->stack_base - here : here - guard->stack_base;
  if (used > guard->stack_limit) {
    abandon(guard);
  }
}

void* allocate(void* user, std::size_t size) {
  auto* guard = static_cast<Guard*>(user);
  check_stack(guard);
  if (++guard->calls % k_calls_per_clock == 0 && thread_cpu_time() > guard->cpu_limit) {
    abandon(guard);
  }
  void* memory =
      guard->arena->bytes() <= guard->memory_limit ? guard->arena->allocate(size) : nullptr;
  if (memory == nullptr) {
    abandon(guard);
  }
  return memory;
}

// The arena frees. But gumbo's one recursion in a parse, which drops a <body> for a <frameset>,
// passes here at each level.
void release(void* user, void* /*memory*/) {
  check_stack(static_cast<Guard*>(user));
}

GumboOptions options_for(Guard* guard, int errors) {
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = allocate;
  options.deallocator = release;
  options.userdata = guard;
  options.tab_stop = 1;
  options.max_errors = errors;
  return options;
}

// Alone in its function: nothing here has a destructor, and no variable changes after setjmp().
__attribute__((noinline)) const GumboOutput* parse_guarded(Guard* guard,
                                                           const GumboOptions* options,
                                                           const char* text,
                                                           std::size_t size) {
  guard->stack_base = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (setjmp(guard->out) != 0) {  // NOLINT(cert-err52-cpp)
    return nullptr;
  }
  return gumbo_parse_with_options(options, text, size);
}

}  // namespace

ParseBudget budget_for(std::size_t page_bytes) {
  // Measured on generated sites: at most 36 bytes and 30 ns for each byte of a page; the rest is
  // for slower machines. 4 MiB in less than 1 s.
  constexpr std::size_t k_memory_base = 32U << 20U;
  constexpr std::size_t k_memory_per_byte = 64;
  constexpr std::chrono::nanoseconds k_cpu_base = std::chrono::milliseconds{600};
  constexpr std::chrono::nanoseconds k_cpu_per_byte{60};
  return {.memory_bytes = k_memory_base + k_memory_per_byte * page_bytes,
          .cpu = k_cpu_base + k_cpu_per_byte * static_cast<std::int64_t>(page_bytes)};
}

bool GumboPage::parse(std::string_view text, const ParseBudget& budget) {
  Guard guard{};
  guard.arena = arena_;
  guard.memory_limit = budget.memory_bytes;
  guard.cpu_limit = thread_cpu_time() + budget.cpu.count();
  guard.stack_limit = budget.stack_bytes;
  const GumboOptions options = options_for(&guard, budget.errors);
  output_ = parse_guarded(&guard, &options, text.data(), text.size());
  return output_ != nullptr;
}

}  // namespace deployflow::validate
