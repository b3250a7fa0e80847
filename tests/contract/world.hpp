// What the cases of the contract are written in.

#pragma once

#include "tests/contract/subjects.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace deployflow::store::contract {

constexpr std::size_t k_part = 5U << 20;  // the smallest that S3 takes, but for the last

/// One test case: its subject, and short words for what it does.
class World {
 public:
  explicit World(std::unique_ptr<Subject> subject) : subject_(std::move(subject)) {}

  [[nodiscard]] bool is_there() const { return subject_->store() != nullptr; }
  Outcome submit(Operation operation) {
    Outcome outcome = submit_and_wait(*subject_->store(), std::move(operation));
    if (!outcome.ok()) {
      last_refusal_ = outcome.error().message;
    }
    return outcome;
  }
  /// The reply of what a case takes for granted.
  Reply must(Operation operation) {
    Outcome outcome = submit(std::move(operation));
    REQUIRE(outcome.ok());
    return std::move(*outcome);
  }
  std::string body(const std::string& key) {
    Get get;
    get.key = key;
    return must(std::move(get)).body;
  }
  /// Does the server say that it has no such operation? Then there is nothing to look at.
  bool lacks(const Outcome& outcome) {
    const bool lacking = !outcome.ok() && is_lacking(outcome.error());
    if (lacking) {
      MESSAGE("skipped: " << outcome.error().message);
    }
    return lacking;
  }
  /// For the report of a case that fails.
  [[nodiscard]] std::string last_refusal() const {
    return last_refusal_.empty() ? "nothing was refused"
                                 : "refused last: " + last_refusal_.substr(0, 300);
  }

  Outcome put(const std::string& key, std::string bytes) {
    Put put;
    put.key = key;
    put.payload = make_payload(std::move(bytes));
    put.media_type = "text/plain; charset=utf-8";
    return submit(std::move(put));
  }

  Outcome get(const std::string& key) {
    Get get;
    get.key = key;
    return submit(std::move(get));
  }

  std::vector<std::string> keys(const std::string& prefix = {}) {
    ListPage page;
    page.prefix = prefix;
    const Outcome listed = submit(page);
    REQUIRE(listed.ok());
    std::vector<std::string> out;
    for (const ObjectInfo& object : listed.value().objects) {
      out.push_back(object.key);
    }
    return out;
  }

  std::string begin_upload(const std::string& key) {
    const Outcome created = submit(CreateUpload{key, "video/mp4", {{"cache-control", "no-cache"}}});
    REQUIRE(created.ok());
    return created.value().upload_id;
  }

  UploadedPart part(const std::string& key,
                    const std::string& id,
                    std::uint32_t number,
                    std::string bytes) {
    const Outcome sent = submit(UploadPart{key, id, number, make_payload(std::move(bytes))});
    REQUIRE(sent.ok());
    REQUIRE(sent.value().parts.size() == 1);
    return sent.value().parts.front();
  }

  /// nullopt = the server lists none.
  std::optional<std::vector<UnfinishedUpload>> uploads(const std::string& prefix) {
    ListUploads list;
    list.prefix = prefix;
    const Outcome listed = submit(list);
    if (lacks(listed)) {
      return std::nullopt;
    }
    REQUIRE(listed.ok());
    return listed.value().uploads;
  }

  template <class Config>
  Config config(BucketAspect aspect) {
    return std::get<Config>(must(GetBucketConfig{aspect}).config);
  }
  /// false = the server has no such setting.
  bool set(BucketConfig config) {
    const Outcome outcome = submit(SetBucketConfig{std::move(config)});
    if (lacks(outcome)) {
      return false;
    }
    REQUIRE(outcome.ok());
    return true;
  }

 private:
  std::unique_ptr<Subject> subject_;
  std::string last_refusal_;
};

}  // namespace deployflow::store::contract

#define EVERY_STORE Memory, Retry, Limit, Prefix, BesideState, State, Stack, S3
#define WORLD(name)       \
  World name(T::make());  \
  if (!name.is_there()) { \
    return;               \
  }                       \
  INFO(name.last_refusal())
