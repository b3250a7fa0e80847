#include "cli/presign_command.hpp"

#include "cli/deploy.hpp"
#include "cli/interrupt.hpp"
#include "cli/job.hpp"
#include "cli/target_choice.hpp"
#include "cli/ui/json_text.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/base/time.hpp"
#include "plugins/host/store/presign.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

namespace deployflow::cli {
namespace {

constexpr std::chrono::seconds k_usual_ttl{3600};
constexpr std::chrono::seconds k_longest_ttl{7 * 24 * 3600};  // that S3 accepts

Result<std::chrono::seconds> ttl_of(const CommandLine& line) {
  if (line.expires.empty()) {
    return k_usual_ttl;
  }
  const auto parsed = parse_duration_ms(line.expires);
  const std::chrono::seconds ttl(parsed ? static_cast<std::int64_t>(*parsed / 1000) : 0);
  if (!parsed || *parsed % 1000 != 0 || ttl.count() < 1 || ttl > k_longest_ttl) {
    return Error{Errc::usage,
                 fmt::format("--expires {}: not a time from 1s to 168h", printable(line.expires)),
                 "write it as 15m, 12h or 168h"};
  }
  return ttl;
}

}  // namespace

ExitCode presign(const CommandLine& line, Surroundings& around) {
  if (line.words.empty()) {
    return refuse(
        {{Errc::usage, "no key is given", "usage: deployflow presign KEY [target]"}, {}, {}},
        line,
        around);
  }
  const auto ttl = ttl_of(line);
  if (!ttl) {
    return refuse({ttl.error(), {}, {}}, line, around);
  }
  std::vector<std::string> notes;
  const auto pipeline = find_pipeline(line, around, notes);
  if (!pipeline) {
    return refuse(pipeline.error(), line, around);
  }
  const auto targets =
      choose_targets(line, *pipeline, line.words.size() > 1 ? line.words[1] : std::string());
  if (!targets) {
    return refuse(targets.error(), line, around);
  }
  const Interrupts interrupts([] {}, [] {});
  const std::string& key = line.words.front();
  const auto link =
      store::presign_object(targets->front(), around.environment, {key, *ttl, interrupts.token()});
  if (!link) {
    return refuse({link.error(), {}, {}}, line, around);
  }
  if (line.json) {
    const nlohmann::ordered_json result{{"type", "result"},
                                        {"schema", 1},
                                        {"ok", true},
                                        {"exit_code", 0},
                                        {"target", targets->front().name},
                                        {"key", key},
                                        {"url", link->url.reveal()},
                                        {"expires", format_iso(link->expires)}};
    around.out.write(to_text(result) + "\n");
    return ExitCode::done;
  }
  around.out.write(link->url.reveal() + "\n");
  return ExitCode::done;
}

}  // namespace deployflow::cli
