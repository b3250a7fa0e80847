// A file that no name leads to: gone when it is closed, also if the process is killed.

#pragma once

#include <deployflow/stage.hpp>

#include <string>
#include <string_view>

namespace deployflow::release {

class TempFile {
 public:
  /// Throws Failure if none can be made.
  explicit TempFile(Ctx ctx) : descriptor_(ctx.temp_file()) {}
  ~TempFile();
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  /// Behind what was written. Throws Failure, as when the disk is full.
  void write(std::string_view bytes);
  /// For df_op.path, as long as this lives.
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace deployflow::release
