#include "plugins/host/store/credentials/process.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/credentials/child_process.hpp"
#include "plugins/host/store/credentials/command_line.hpp"
#include "plugins/host/store/credentials/json_key.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace deployflow::store {
namespace {

constexpr KeyNames k_names{.token = "SessionToken"};

}  // namespace

Result<Credentials> load_from_process(const ProviderTools& tools, const KeyProcess& process) {
  const std::string profile =
      fmt::format("credential_process of profile {}", printable(process.profile));
  auto argv = split_command(process.command);
  if (!argv || argv->empty() || argv->front().empty()) {
    return Error{Errc::auth,
                 fmt::format("{}: {}", profile, argv ? "it names no program" : "a quote is open")};
  }
  argv->front() = in_home(argv->front(), tools.environment);
  std::string source = fmt::format("{} ({})", profile, printable(argv->front()));
  auto ran = run_child(*argv, {.timeout = tools.process_timeout, .stop = tools.stop});
  if (!ran) {
    if (ran.error().code == Errc::cancelled) {
      return std::move(ran.error());
    }
    return Error{ran.error().code, fmt::format("{}: {}", source, ran.error().message)};
  }
  if (ran->status != 0) {
    return Error{Errc::auth,
                 fmt::format("{}: failed with exit status {}", source, ran->status),
                 "run it by hand to see why; what it says is not shown here"};
  }
  const auto members = read_json_members(ran->out);
  if (!members) {
    return Error{Errc::auth, fmt::format("{}: what it printed is not JSON", source)};
  }
  if (member_of(*members, "Version") != "1") {
    return Error{Errc::auth, fmt::format("{}: the answer's Version is not 1", source)};
  }
  return key_of_members(*members, k_names, std::move(source));
}

}  // namespace deployflow::store
