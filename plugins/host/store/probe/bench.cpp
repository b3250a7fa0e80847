#include "plugins/host/store/probe/bench.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <utility>
#include <vector>

namespace deployflow::store {
namespace {

using namespace std::chrono_literals;

constexpr auto k_patience = 60s;        // a probe's operation, its retries included
constexpr auto k_clean_patience = 10s;  // one of the cleaning
constexpr auto k_clean_time = 20s;      // for the whole cleaning
constexpr int k_clean_rounds = 3;       // what was given up may arrive late

}  // namespace

Bench::Bench(ObjectStore& store, std::string scratch, StopToken stop)
    : scratch_(std::move(scratch)),
      asker_(store, std::move(stop), k_patience),
      cleaner_(store, {}, k_clean_patience) {}

Outcome Bench::ask(Operation operation) {
  const std::string key(operation_key(operation));
  const bool makes_object = std::holds_alternative<Put>(operation) ||
                            std::holds_alternative<Copy>(operation) ||
                            std::holds_alternative<CompleteUpload>(operation);
  const bool begins_upload = std::holds_alternative<CreateUpload>(operation);
  wrote_ = wrote_ || makes_object || begins_upload;
  if (makes_object) {
    keys_.insert(key);
  }
  Outcome outcome = asker_.ask(std::move(operation));
  if (begins_upload && outcome.ok()) {
    uploads_.emplace(key, outcome->upload_id);
  }
  return outcome;
}

// Also what an operation left whose answer never came. A store that cannot list leaves us with what
// was recorded.
void Bench::note_what_is_listed() {
  ListPage objects;
  objects.prefix = scratch_;
  if (const Outcome listed = cleaner_.ask(objects); listed.ok()) {
    keys_.clear();
    for (const ObjectInfo& object : listed.value().objects) {
      keys_.insert(object.key);
    }
  }
  ListUploads uploads;
  uploads.prefix = scratch_;
  if (const Outcome listed = cleaner_.ask(uploads); listed.ok()) {
    uploads_.clear();
    for (const UnfinishedUpload& upload : listed.value().uploads) {
      // Some stores ignore the prefix: another's upload is never ours to abort.
      if (upload.key.compare(0, scratch_.size(), scratch_) == 0) {
        uploads_.emplace(upload.key, upload.upload_id);
      }
    }
  }
}

void Bench::abort_uploads() {
  std::erase_if(uploads_, [&](const auto& upload) {
    return cleaner_.ask(AbortUpload{upload.first, upload.second}).ok();
  });
}

void Bench::delete_objects() {
  if (keys_.empty()) {
    return;
  }
  const Outcome all = cleaner_.ask(DeleteMany{{keys_.begin(), keys_.end()}});
  if (all.ok() && all.value().failures.empty()) {
    keys_.clear();
    return;
  }
  std::erase_if(keys_, [&](const std::string& key) { return cleaner_.ask(Delete{key, {}}).ok(); });
}

ProbeRow Bench::clean() {
  ProbeRow row{.name = "clean"};
  if (!wrote_) {
    row.detail = "nothing was written";
    return row;
  }
  const auto end = std::chrono::steady_clock::now() + k_clean_time;
  for (int round = 0; round < k_clean_rounds && !cleaner_.gave_up(); ++round) {
    if (round == 0) {
      // What was written is deleted even where the listing lags behind.
      const auto recorded = keys_;
      const auto begun = uploads_;
      note_what_is_listed();
      keys_.insert(recorded.begin(), recorded.end());
      uploads_.insert(begun.begin(), begun.end());
    }
    abort_uploads();
    delete_objects();
    const bool emptied = keys_.empty() && uploads_.empty();
    note_what_is_listed();
    if ((emptied && keys_.empty() && uploads_.empty()) || std::chrono::steady_clock::now() > end) {
      break;
    }
  }
  if (keys_.empty() && uploads_.empty() && !cleaner_.gave_up()) {
    row.detail = "nothing is left";
    return row;
  }
  row.verdict = Verdict::limited;
  row.detail = cleaner_.gave_up() ? "the store stopped answering"
                                  : fmt::format("{} objects and {} unfinished uploads stayed",
                                                keys_.size(),
                                                uploads_.size());
  row.meaning = fmt::format("remove by hand what is under {}", printable(scratch_));
  return row;
}

void Bench::settle() {
  asker_.settle();
  cleaner_.settle();
}

std::string Bench::page_body() const {
  return fmt::format("<!doctype html><title>deployflow doctor</title><p>{}\n", scratch_);
}

Outcome Bench::read(const std::string& object) {
  Get get;
  get.key = object;
  return ask(std::move(get));
}

}  // namespace deployflow::store
