// Where probes work: a scratch prefix of a store, and a record of all that was put there.

#pragma once

#include "plugins/host/store/probe/asker.hpp"
#include "plugins/host/store/probe/row.hpp"

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow::store {

/// The page that `put` writes and the other probes read.
inline constexpr std::string_view k_probe_page = "page.html";
inline constexpr std::string_view k_probe_media_type = "text/html; charset=utf-8";

class Bench {
 public:
  /// `scratch` ends in '/'; nobody else writes there.
  Bench(ObjectStore& store, std::string scratch, StopToken stop);

  /// The key of a probe's object.
  [[nodiscard]] std::string key(std::string_view name) const {
    return scratch_ + std::string(name);
  }
  /// Bytes of the page; no two runs have the same.
  [[nodiscard]] std::string page_body() const;
  [[nodiscard]] const std::string& scratch() const { return scratch_; }
  [[nodiscard]] bool stopped() const { return asker_.stopped(); }

  /// As Asker::ask; what it may leave in the store is remembered first.
  Outcome ask(Operation operation);

  /// All of an object, by the key of key().
  Outcome read(const std::string& object);

  /// Remove everything under the scratch prefix, what is listed and what was written; also after
  /// the stop, for 20 s at most. `limited` if something may have stayed.
  ProbeRow clean();
  /// Wait for every operation that was given up; after its engine was stopped.
  void settle();

 private:
  void note_what_is_listed();
  void abort_uploads();
  void delete_objects();

  std::string scratch_;
  Asker asker_;
  Asker cleaner_;                                          // does not end with the stop
  std::set<std::string> keys_;                             // to delete
  std::set<std::pair<std::string, std::string>> uploads_;  // to abort: key, upload id
  bool wrote_ = false;
};

}  // namespace deployflow::store
