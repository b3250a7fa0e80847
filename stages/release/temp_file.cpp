#include "stages/release/temp_file.hpp"

#include <errno.h>
#include <unistd.h>

#include <system_error>

namespace deployflow::release {

TempFile::~TempFile() {
  ::close(descriptor_);
}

void TempFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(descriptor_, bytes.data(), bytes.size());
    if (wrote < 0 && errno != EINTR) {
      throw Failure{DF_FAILED,
                    "temporary file: " + std::generic_category().message(errno) +
                        "; set TMPDIR to a folder with room"};
    }
    bytes.remove_prefix(wrote > 0 ? static_cast<std::size_t>(wrote) : 0);
  }
}

}  // namespace deployflow::release
