#include "plugins/host/base/result.hpp"

#include <doctest/doctest.h>

#include <memory>

namespace {

using namespace deployflow;

Result<int> half(int number) {
  if (number % 2 != 0) {
    return Error{Errc::input, "odd"};
  }
  return number / 2;
}

Result<int> quarter(int number) {
  TRY_ASSIGN(const int first, half(number));
  TRY_ASSIGN(const int second, half(first));
  return second;
}

Result<void> check_quarter(int number) {
  TRY(quarter(number));
  return {};
}

struct Refusal : Error {
  int http_status;
};

Result<int, Refusal> ask(bool allowed) {
  if (!allowed) {
    return Refusal{{Errc::auth, "refused"}, 403};
  }
  return 1;
}

Result<int> ask_plainly() {
  TRY_ASSIGN(const int answer, ask(false));
  return answer;
}

TEST_CASE("a result is a value or an error") {
  const Result<int> good = half(4);
  CHECK(good.ok());
  CHECK(*good == 2);
  const Result<int> bad = half(3);
  CHECK_FALSE(bad);
  CHECK(bad.error().code == Errc::input);
  CHECK(bad.error().message == "odd");
  CHECK(bad.error().hint.empty());
}

TEST_CASE("TRY_ASSIGN goes on with the value and returns the first error") {
  CHECK(*quarter(8) == 2);
  CHECK(quarter(6).error().message == "odd");
  CHECK(quarter(5).error().message == "odd");
}

TEST_CASE("TRY drops the value and returns the error") {
  CHECK(check_quarter(8).ok());
  CHECK(check_quarter(6).error().code == Errc::input);
}

TEST_CASE("an error that knows more is an Error to a caller that does not ask") {
  CHECK(ask(false).error().http_status == 403);
  CHECK(ask_plainly().error().code == Errc::auth);
  CHECK(ask(true).value() == 1);
}

TEST_CASE("a value that only moves gets out") {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(7);
  CHECK(**made == 7);
  const std::unique_ptr<int> taken = std::move(made).value();
  CHECK(*taken == 7);
}

}  // namespace
