#include "plugins/host/base/environment.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

namespace {

TEST_CASE("a variable that is set to nothing is not one that is unset") {
  constexpr const char* k_name = "DEPLOYFLOW_BASE_TEST";
  const auto environment = deployflow::process_environment();
  REQUIRE(::setenv(k_name, "value", 1) == 0);
  CHECK(environment(k_name) == "value");
  REQUIRE(::setenv(k_name, "", 1) == 0);
  CHECK(environment(k_name) == "");
  REQUIRE(::unsetenv(k_name) == 0);
  CHECK_FALSE(environment(k_name).has_value());
}

TEST_CASE("a name is compared in its whole length") {
  const std::string name = "PATHxyz";
  const auto environment = deployflow::process_environment();
  CHECK(environment(std::string_view(name).substr(0, 4)) == environment("PATH"));
}

}  // namespace
