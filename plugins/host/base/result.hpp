// What can fail because of the world returns Result<T>; a broken precondition is an assertion.
//
// C++20 has no std::expected. "Not there" is std::optional inside the Result, never an Error.

#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace deployflow {

/// What the caller can do about it. Decides retry and the exit code; text never does.
enum class Errc : std::uint8_t {
  usage,      // the command line is wrong
  config,     // the pipeline file is wrong
  input,      // the site is wrong: a file is missing, unreadable, failed a check
  auth,       // credentials are missing, refused or expired
  not_found,  // a bucket or object that must exist does not
  conflict,   // the target changed meanwhile, or is locked
  network,    // no usable answer: resolve, connect, TLS, reset, timeout
  remote,     // the store answered with an error
  plugin,     // a plugin cannot be loaded or broke its contract
  cancelled,  // interrupted by the user or a deadline
  internal,   // a bug of ours
};

struct Error {
  Errc code;
  std::string message;    // one clause naming its subject; no capital, full stop or secret
  std::string hint = {};  // what to do next; empty if we do not know
};

/// A value or an error; converts from both. E is Error, or a struct derived from it that knows
/// more.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & { return assert(ok()), std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return assert(ok()), std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return assert(ok()), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] E& error() { return assert(!ok()), std::get<1>(state_); }
  [[nodiscard]] const E& error() const { return assert(!ok()), std::get<1>(state_); }

 private:
  std::variant<T, E> state_;
};

/// Success without a value: `return {};` or `return Error{...};`.
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  Result(E error) : error_(std::move(error)) {}

  [[nodiscard]] bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] E& error() { return assert(!ok()), *error_; }
  [[nodiscard]] const E& error() const { return assert(!ok()), *error_; }

 private:
  std::optional<E> error_;
};

}  // namespace deployflow

#define DEPLOYFLOW_CONCAT_(a, b) a##b
#define DEPLOYFLOW_CONCAT(a, b) DEPLOYFLOW_CONCAT_(a, b)

/// Evaluate `expression`, a Result; return its Error to our caller, if it has one.
#define TRY(expression)                      \
  do {                                       \
    auto try_result_ = (expression);         \
    if (!try_result_.ok()) {                 \
      return std::move(try_result_.error()); \
    }                                        \
  } while (false)

#define DEPLOYFLOW_TRY_ASSIGN_(temporary, declaration, expression) \
  auto temporary = (expression);                                   \
  if (!temporary.ok()) {                                           \
    return std::move(temporary.error());                           \
  }                                                                \
  declaration = std::move(temporary).value()

/// TRY_ASSIGN(auto key, load_key(path)): declare `key`, or return the Error to our caller.
#define TRY_ASSIGN(declaration, expression) \
  DEPLOYFLOW_TRY_ASSIGN_(DEPLOYFLOW_CONCAT(try_result_, __LINE__), declaration, expression)
