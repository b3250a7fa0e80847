#include "cli/sign_command.hpp"

#include "cli/ui/json_text.hpp"
#include "cli/ui/words.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/store/sign_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <stdio.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace deployflow::cli {
namespace {

std::string error_line(const Error& error, std::uint64_t number) {
  nlohmann::ordered_json json{
      {"line", number}, {"error", {{"code", name_of(error.code)}, {"message", error.message}}}};
  return to_text(json);
}

struct FreeLine {
  void operator()(char* line) const { std::free(line); }  // NOLINT: getline() allocates with malloc
};

}  // namespace

ExitCode sign_lines(Surroundings& around) {
  char* buffer = nullptr;
  std::size_t capacity = 0;
  ExitCode code = ExitCode::done;
  for (std::uint64_t number = 1;; ++number) {
    const ssize_t size = ::getline(&buffer, &capacity, stdin);
    if (size < 0) {
      break;
    }
    std::string_view line(buffer, static_cast<std::size_t>(size));
    if (!line.empty() && line.back() == '\n') {
      line.remove_suffix(1);
    }
    const auto answer = store::sign_json_line(line);
    code = answer ? code : ExitCode::usage;
    around.out.write((answer ? *answer : error_line(answer.error(), number)) + "\n");
  }
  const std::unique_ptr<char, FreeLine> owned(buffer);
  return code;
}

}  // namespace deployflow::cli
