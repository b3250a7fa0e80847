#include "cli/run.hpp"

int main(int argc, char** argv) {
  return deployflow::cli::run(argc, argv);
}
