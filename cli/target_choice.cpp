#include "cli/target_choice.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace deployflow::cli {

Result<std::vector<store::TargetConfig>, Refusal> choose_targets(const CommandLine& line,
                                                                 const pipeline::Pipeline& pipeline,
                                                                 const std::string& wanted) {
  std::vector<store::TargetConfig> all;
  std::vector<std::string> names;
  for (const auto& target : pipeline.targets) {
    all.push_back(target.config);
    names.push_back(target.config.name);
  }
  if (all.empty()) {
    return Refusal{
        {Errc::usage, fmt::format("{} names no targets", printable(pipeline.file)), {}}, {}, {}};
  }
  if (wanted.empty()) {
    return all;
  }
  if (!line.to.empty()) {
    return Refusal{{Errc::usage,
                    fmt::format("--to and the target {} exclude each other", printable(wanted)),
                    "targets with a name are those of a pipeline file"},
                   {},
                   {}};
  }
  std::erase_if(all, [&](const auto& target) { return target.name != wanted; });
  if (!all.empty()) {
    return all;
  }
  const auto guess = nearest(wanted, names);
  return Refusal{{Errc::usage,
                  fmt::format("{} has no target {}", printable(pipeline.file), printable(wanted)),
                  guess ? fmt::format("did you mean {}?", printable(*guess))
                        : fmt::format("its targets are {}",
                                      printable(fmt::format("{}", fmt::join(names, ", "))))},
                 {},
                 {}};
}

}  // namespace deployflow::cli
