// An open file that is closed with its scope.

#pragma once

#include <unistd.h>

namespace deployflow::validate {

class Descriptor {
 public:
  /// As open() gave it; negative = none.
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

}  // namespace deployflow::validate
