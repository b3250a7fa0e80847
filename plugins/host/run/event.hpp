// What happens in a run, as data. The host says it; the command line decides how it is shown.

#pragma once

#include "plugins/host/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace deployflow::run {

enum class Severity : std::uint8_t { info, warning, error };
enum class LogLevel : std::uint8_t { trace, debug, info, warning, error };
enum class Action : std::uint8_t { put, update, headers, copy, remove, keep, setting };
/// How far visitors of a target can see this run (stage.h, DF_SITE_*). Ordered: a later one is
/// further.
enum class SiteState : std::uint8_t { unchanged, prepared, changing, current };

struct SiteScanned {
  std::string site;  // as the user named it
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};
struct StageStarted {
  std::string stage;  // id
};
struct StageFinished {
  std::string stage;
  bool ok = false;
  double seconds = 0;
};
struct Finding {
  std::string stage;
  Severity severity = Severity::error;
  std::string code;
  std::string message;
  std::string hint;
  std::string file;        // path on disk or pipeline file; empty = none
  std::string key;         // artifact; empty = none
  std::uint32_t line = 0;  // 0 = none; both count from 1, columns in characters
  std::uint32_t column = 0;
  std::uint32_t end_line = 0;    // 0 = none; never before the start
  std::uint32_t end_column = 0;  // the one after the last character
  bool hides_source = false;     // what stands at its place or near it is not to be shown
};
struct PlanEntry {  // `keep` entries are only counted in PlanTotals
  std::string stage;
  Action action = Action::put;
  std::string target;
  std::string key;
  std::uint64_t size = 0;
  std::string reason;
};
struct PlanTotals {  // of one stage and target, sent before the first operation of the stage on
                     // that target
  std::string stage;
  std::string target;
  std::string display;  // "s3://bucket/prefix"
  std::uint64_t put = 0, update = 0, headers = 0, copy = 0, remove = 0, keep = 0, setting = 0;
  std::uint64_t bytes = 0;  // to be moved
};
struct OperationDone {  // one object was stored, changed or deleted, or a setting of the bucket
                        // set; only successes
  std::string stage;
  std::string target;
  Action action = Action::put;
  std::string key;
  std::uint64_t size = 0;
  double seconds = 0;
};
struct Progress {  // at most ten a second
  std::string stage;
  std::uint64_t done = 0, total = 0;  // total 0 = unknown
  std::uint64_t bytes_done = 0, bytes_total = 0;
  std::string what;  // "files"
};
struct LogLine {
  LogLevel level = LogLevel::info;
  std::string source;  // stage id, or "host"
  std::string text;
};

struct Answer {  // a line of what the user asked for, for standard output
  std::string stage;
  std::string line;
};

struct TargetResult {
  std::string name;
  std::string display;
  std::string
      url;  // where the site can be looked at: `url:` of the target or the object at the endpoint
  SiteState state = SiteState::unchanged;
  std::uint64_t stored = 0;  // objects put, updated or copied in this run
  std::uint64_t deleted = 0;
  std::uint64_t kept = 0;
  std::uint64_t bytes = 0;  // moved
};
struct RunFinished {
  std::string run_id;
  bool ok = false;
  bool dry_run = false;
  bool has_site = true;       // false: a command about what targets hold, such as `rollback`
  std::uint64_t changes = 0;  // planned: puts, updates, copies, headers, deletes
  bool checks_only = false;   // no stage of the run writes anywhere, such as `deployflow validate`
  Error error = {Errc::internal, {}, {}};  // meaningful when !ok
  bool checks_failed = false;  // it ended because of findings in the site; nothing was written
  std::uint64_t errors = 0, warnings = 0;  // findings
  bool too_many_warnings = false;          // that is why it ended
  std::vector<TargetResult> targets;  // in the pipeline's order; only those that a stage asked for
  std::vector<std::pair<std::string, std::string>> outputs;  // "stage.name" -> JSON text
  std::string url;  // the one to show: empty if nothing was deployed
  double seconds = 0;
};

using Event = std::variant<SiteScanned,
                           StageStarted,
                           StageFinished,
                           Finding,
                           PlanEntry,
                           PlanTotals,
                           OperationDone,
                           Progress,
                           LogLine,
                           Answer,
                           RunFinished>;

/// Thread-safe: events come from any thread, one at a time (the runner serialises them). Must not
/// throw.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const Event& event) = 0;
};

}  // namespace deployflow::run
