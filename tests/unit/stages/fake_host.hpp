// A small host for tests of stages: artifacts and stores in memory, the real stage table driven as
// stage.h says. It keeps many operations in flight and completes them in a seeded random order, so
// that what only works by luck of timing fails; copies what an operation points to when it is
// given, as the contract allows no longer; and takes an operation to bits if the stage breaks the
// protocol.

#pragma once

#include <deployflow/stage.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace fake {

struct Artifact {
  std::uint64_t id = 0;
  std::string key, bytes, media_type;
};

struct Object {
  std::string bytes, etag, media_type;
  std::map<std::string, std::string> headers;
  std::int64_t modified_s = 0;
  std::string version = "null";
};

/// How a bucket is served as a website.
struct Website {
  std::string index, error;
  bool has_more = false;
};

struct Upload {
  std::string key, id;
};

struct Bucket {
  std::map<std::string, Object> objects;
  std::vector<Upload> uploads;       // unfinished
  df_status list_status = DF_OK;     // of a listing of objects
  df_status uploads_status = DF_OK;  // of a listing of unfinished uploads
  df_status write_status = DF_OK;    // of every write: a bucket that is down or refuses
  bool invents_etags = false;        // as one that encrypts with a managed key
  bool lists_backwards = false;      // as a store that does not sort
  bool ignores_conditions = false;   // of writes
  std::string state;                 // where ".deployflow/" is said to be; empty = in this target
  std::map<std::string, Object> beside;  // with `state`: what DF_OP_BESIDE_SITE finds
  bool keeps_versions = false;
  df_status versions_status = DF_UNSUPPORTED;      // of what is asked about versions
  std::map<std::string, std::vector<Object>> old;  // versions, newest first
  std::size_t versions_listed = 0;                 // listings of versions
  std::optional<Website> website;
  df_status website_status = DF_OK;  // of what is asked about it

  void keep_versions() {
    keeps_versions = true;
    versions_status = DF_OK;
  }
  /// The live object goes: into the history, where there is one.
  void retire(const std::string& key);
};

/// An operation as it was completed.
struct Record {
  std::int32_t kind = 0;
  std::string target, key, upload_id;  // of the bucket, with the folder of "target/folder/"
  std::map<std::string, std::string> headers;
  df_status status = DF_OK;
  std::string from_key = {}, from_version = {};
};

struct Finding {
  std::int32_t severity = 0;
  std::string code, message, hint;
  std::uint64_t artifact_id = 0;
};

struct PlanEntry {
  std::int32_t action = 0;
  std::string target, key, reason;
  std::uint64_t size = 0;
};

/// Options of a stage: a name is one string, or a list of them, or a map.
struct Option;
using Options = std::map<std::string, Option>;
struct Option {
  std::vector<std::string> texts;
  bool is_list = false;
  std::optional<std::int64_t> number = {};
  std::shared_ptr<const Options> map = {};
};

inline Option text(std::string value) {
  return {{std::move(value)}, false};
}
inline Option list(std::vector<std::string> values) {
  return {std::move(values), true};
}

inline Option number(std::int64_t value) {
  return {{}, false, value};
}

inline Option map(Options members) {
  return {{}, false, {}, std::make_shared<const Options>(std::move(members))};
}

/// The ETag of an object as the fake stores make it: 32 hex digits of the bytes.
std::string etag_of(const std::string& bytes);

struct World {
  std::vector<Artifact> site;
  std::map<std::string, Bucket> buckets;
  bool dry_run = false;
  bool site_is_file = false;  // the user named one file
  bool confirms = true;       // stores prove what they stored
  std::size_t concurrency = 5;
  std::uint32_t seed = 1;
  // Of the writes, those of the lock not among them: a thread of its own makes these.
  std::size_t fail_at = 0;  // the n-th write from 1; 0 = none
  df_status fail_with = DF_IO;
  std::size_t cancel_at = 0;  // the run is interrupted when the n-th write is given
  bool cut_farewell = false;  // the run is interrupted while its first farewell is under way
  std::function<void(const Record&)> on_write;  // after each write that changed a bucket

  df_status plan_answer = DF_OK;  // to a plan that is whole; DF_CONFLICT: the user wants another

  std::int64_t now_s = 1'000'000;  // the stores' clock

  // What the stage did.
  std::vector<Record> operations;  // on the site's keys, in the order of completion
  std::vector<Record> reserved;    // on its own
  std::vector<std::string> answers;
  std::vector<std::string> log;
  std::vector<Finding> findings;
  std::vector<PlanEntry> plan;
  std::vector<std::pair<std::string, std::string>> bases;  // target, what its plan was made against
  std::vector<std::pair<std::string, std::int32_t>> states;  // target, DF_SITE_*
  std::map<std::string, std::string> outputs;
  std::vector<std::string> violations;  // of the contract, by the stage
  std::size_t most_in_flight = 0, etags_asked = 0;
  std::string prefix;         // of every target
  bool planned_late = false;  // a plan entry, or its end, came after the first write
  std::size_t runs = 0;
  std::size_t versions_made = 0;
  /// Targets whose website was set, and how many writes to sites there had been.
  std::vector<std::pair<std::string, std::size_t>> websites_set;
  std::size_t writes_given = 0;  // in the last run
  std::uint64_t files_done = 0, files_total = 0, bytes_done = 0, bytes_total = 0;

  void add(const std::string& key, const std::string& bytes, const std::string& media_type = "");
  void hold(const std::string& target, const std::string& key, const std::string& bytes);
  [[nodiscard]] std::size_t count(const std::string& begin) const;  // of writes to such keys
  /// Forget what the stage did; site and buckets stay.
  void reset();
  /// Create, configure, run and destroy. An ERROR finding fails the stage, as in the real host.
  df_status run(const df_stage& stage, const Options& options);

  [[nodiscard]] std::vector<std::string> written(const std::string& target) const;
  [[nodiscard]] std::int32_t state(const std::string& target) const;
  [[nodiscard]] std::size_t errors() const;
  [[nodiscard]] std::size_t writes() const;
};

}  // namespace fake
