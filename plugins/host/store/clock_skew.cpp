#include "plugins/host/store/clock_skew.hpp"

namespace deployflow::store {

bool ClockSkew::learn(const HttpResponse& response, std::chrono::steady_clock::duration took) {
  const std::string* date = response.header("date");
  const auto theirs = date != nullptr ? parse_time(*date) : std::nullopt;
  if (!theirs || response.header("age") != nullptr) {
    return false;
  }
  // The store wrote its date somewhere between request and answer: take the middle.
  const auto middle =
      clock_.now() - std::chrono::duration_cast<std::chrono::milliseconds>(took / 2);
  const auto offset = *theirs - std::chrono::floor<std::chrono::seconds>(middle);
  if (offset > std::chrono::hours(24) || offset < -std::chrono::hours(24) || offset == offset_) {
    return false;
  }
  offset_ = offset;
  return true;
}

}  // namespace deployflow::store
