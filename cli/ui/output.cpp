#include "cli/ui/output.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace deployflow::cli {

void FdOutput::write(std::string_view text) {
  while (failure_ == 0 && !text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // someone else made the terminal or pipe non-blocking
      struct pollfd wait {
        fd_, POLLOUT, 0
      };
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      failure_ = errno;
    }
  }
}

void occupy_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
      // The lowest free number is this one. The wrong direction, so that use is an error, not a
      // loss.
      ::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
    }
  }
}

}  // namespace deployflow::cli
