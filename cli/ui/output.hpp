// Standard output and standard error as descriptors: whole lines, and a failure is remembered, not
// fatal.
//
// A closed or full standard output must not stop a deployment half way.

#pragma once

#include <string>
#include <string_view>

namespace deployflow::cli {

/// Where text goes. One thread at a time.
class Output {
 public:
  virtual ~Output() = default;
  virtual void write(std::string_view text) = 0;
};

/// Writes all of it to a descriptor that it does not own; after a failure it drops the rest.
class FdOutput : public Output {
 public:
  explicit FdOutput(int fd) : fd_(fd) {}
  void write(std::string_view text) override;
  /// errno of the first failure; 0 = none.
  [[nodiscard]] int failure() const { return failure_; }

 private:
  int fd_;
  int failure_ = 0;
};

/// Open /dev/null where descriptor 0, 1 or 2 is closed, else a file of the site could become
/// "standard output". Reading from and writing to the replacements fails. Call first of all.
void occupy_standard_descriptors();

}  // namespace deployflow::cli
