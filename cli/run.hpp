// The edge of the process: argv in, exit status out.

#pragma once

namespace deployflow::cli {

/// The exit status; every failure has been told. Never throws.
int run(int argc, char** argv) noexcept;

}  // namespace deployflow::cli
