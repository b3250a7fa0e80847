// What stands for the site on the command line: a folder, a file, or - for standard input.

#pragma once

#include "cli/ui/reporter.hpp"
#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/result.hpp"

#include <string>

namespace deployflow::cli {

struct SiteArgument {
  std::string path;        // "-" for standard input
  std::string shown;       // as the user wrote it: "site/", "standard input"
  std::string single_key;  // empty unless --name was given
  SiteKind kind = SiteKind::folder;

  [[nodiscard]] bool is_input() const { return path == "-"; }
};

/// Check `word` and --name against the disk. Errors: `usage`.
Result<SiteArgument> check_site(const std::string& word, const std::string& name);

/// Standard input as a file in a private folder (mode 0700) of its own; both vanish with the
/// object.
class SpooledInput {
 public:
  SpooledInput(std::string folder, std::string path)
      : folder_(std::move(folder)), path_(std::move(path)) {}
  ~SpooledInput();
  SpooledInput(SpooledInput&& other) noexcept;
  SpooledInput& operator=(SpooledInput&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string folder_;
  std::string path_;
};

/// Read `fd` to its end, of any size, into a file below $TMPDIR or /tmp.
/// Errors: `input` if there was nothing to read or it failed; `cancelled` within 0.1 s of `stop`.
Result<SpooledInput> spool_input(int fd, const Environment& environment, const StopToken& stop);

}  // namespace deployflow::cli
