#include "cli/plan_job.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/replace_file.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/base/time.hpp"

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <utility>
#include <variant>

namespace deployflow::cli {
namespace {

std::string in_folder(const std::string& path, const Surroundings& around) {
  return (std::filesystem::path(around.folder) / path).lexically_normal().string();
}

// Messages name files by their whole path; people know them as they wrote them.
Error as_typed(Error error, const std::string& path, const std::string& typed) {
  const std::size_t at = error.message.find(path);
  if (at != std::string::npos) {
    error.message.replace(at, path.size(), typed);
  }
  return error;
}

Asked asked_by(const CommandLine& line) {
  Asked asked;
  asked.site = line.words.empty() ? "" : line.words.front();
  asked.name = line.name;
  asked.to = line.to;
  asked.endpoint_url = line.endpoint_url;
  asked.region = line.region;
  asked.profile = line.profile;
  asked.url = line.url;
  asked.config = line.config;
  asked.plugins = line.plugins;
  return asked;
}

}  // namespace

Result<PlanFile> read_plan_argument(const CommandLine& line, const Surroundings& around) {
  if (line.words.empty()) {
    return Error{
        Errc::usage,
        "apply needs a plan file",
        "`deployflow plan --out plan.json` makes one; usage: deployflow apply <plan.json>"};
  }
  const std::string& name = line.words.front();
  const std::string path = in_folder(name, around);
  const auto text = read_file(path, k_largest_plan_file);
  if (!text) {
    Error error = as_typed(text.error(), path, name);
    error.code = Errc::usage;
    return error;
  }
  auto file = read_plan_file(*text);
  if (!file) {
    file.error().message = fmt::format("{}: {}", printable(name), file.error().message);
  }
  return file;
}

Result<CommandLine> line_of_plan(const PlanFile& file, const CommandLine& typed) {
  const Asked& asked = file.asked;
  if (!asked.plugins.empty() && typed.plugins.empty()) {
    return Error{Errc::usage,
                 "the plan was made with --plugin, and a plan does not say what code to run",
                 fmt::format("if you trust it: deployflow apply {} --plugin {}",
                             printable(typed.words.front()),
                             printable(asked.plugins.front()))};
  }
  if (asked.site == "-") {
    return Error{Errc::config,
                 "the plan is for a site on standard input, which nobody can see again"};
  }
  CommandLine line = typed;
  line.words.clear();
  if (!asked.site.empty()) {
    line.words.push_back(asked.site);
  }
  line.name = asked.name;
  line.to = asked.to;
  line.endpoint_url = asked.endpoint_url;
  line.region = asked.region;
  line.profile = asked.profile;
  line.url = asked.url;
  line.config = asked.config;
  return line;
}

Result<void> check_pipeline(const PlanFile& file, const pipeline::Pipeline& pipeline) {
  if (file.pipeline_sha256 == pipeline.sha256) {
    return {};
  }
  return Error{Errc::conflict,
               pipeline.file.empty() || file.pipeline.empty()
                   ? "this is not what was planned: the pipeline is another one"
                   : fmt::format("this is not what was planned: {} has changed since",
                                 printable(pipeline.file)),
               "make a new plan with `deployflow plan --out FILE`"};
}

Result<void> check_out(const CommandLine& line, const Job& job, const Surroundings& around) {
  if (line.out == "-") {
    return Error{
        Errc::usage,
        "--out - names no file",
        "standard output has the plan as JSON Lines with --json; a plan to apply is a file"};
  }
  if (job.site.is_input()) {
    return Error{Errc::usage,
                 "--out needs a site that can be looked at again, and standard input cannot",
                 "keep it in a file, and name that"};
  }
  const std::string path = in_folder(line.out, around);
  if (const auto good = check_replaceable(path); !good) {
    Error error = as_typed(good.error(), path, line.out);
    error.message = "--out: " + error.message;
    return error;
  }
  return {};
}

void PlanSaver::on_event(const run::Event& event) {
  const auto* finished = std::get_if<run::RunFinished>(&event);
  if (finished == nullptr) {
    reporter_.on_event(event);
    return;
  }
  finished_ = *finished;
  if (finished_.ok) {
    if (const auto saved = save(finished_.run_id); !saved) {
      finished_.ok = false;
      finished_.error = saved.error();
      finished_.error.code = Errc::internal;  // of the machine: nothing that a user typed is wrong
    } else {
      reporter_.note(
          fmt::format("the plan is in {0}; to carry it out: deployflow apply {0}", line_.out));
    }
  }
  reporter_.on_event(finished_);
}

Result<void> PlanSaver::save(const std::string& run_id) {
  PlanFile file;
  file.version = DEPLOYFLOW_VERSION;
  file.made = format_iso(std::chrono::floor<std::chrono::seconds>(system_clock().now()));
  file.run = run_id;
  file.asked = asked_by(line_);
  file.pipeline = pipeline_.file;
  file.pipeline_sha256 = pipeline_.sha256;
  file.plan = std::move(plan_);
  const std::string text = write_plan_file(file);
  if (text.size() > k_largest_plan_file) {
    return Error{Errc::input,
                 fmt::format("the plan is over {}, more than `apply` reads",
                             format_bytes(k_largest_plan_file))};
  }
  const std::string path = in_folder(line_.out, around_);
  const auto replaced = replace_file(path, text);
  return replaced ? replaced : as_typed(replaced.error(), path, line_.out);
}

}  // namespace deployflow::cli
