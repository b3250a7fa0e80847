#include "cli/run.hpp"

#include <malloc.h>

int main(int argc, char** argv) {
  // A large buffer goes back to the system when it is freed. By itself glibc would keep all up to
  // the largest that it has seen, 4 MiB of a manifest, in the heap, with holes.
  constexpr int k_large = 256 << 10;
  mallopt(M_MMAP_THRESHOLD, k_large);
  return deployflow::cli::run(argc, argv);
}
