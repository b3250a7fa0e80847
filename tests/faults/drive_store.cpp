// The S3 client as the host has it, one operation for each line of JSON: for what no stage that
// ships asks for.
//
//   drive_store TARGET_JSON < operations > outcomes
//
// TARGET_JSON: {"endpoint": ..., "bucket": ..., "prefix": ...}; credentials come from the
// environment. An operation: {"do": "put", "key": ..., "body": ..., "if_absent": true}. Its
// outcome, in the same order ("list" is all pages below a "prefix"):
// {"ok": true, "requests": 1, "etag": ...} or {"ok": false, "code": "conflict", "status": 412,
// "s3": ...}.

#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/store/target_store.hpp"

#include <nlohmann/json.hpp>
#include <stdio.h>
#include <stdlib.h>

#include <exception>
#include <map>
#include <string>
#include <vector>

using namespace deployflow;
using namespace deployflow::store;
using Json = nlohmann::json;

namespace {

std::string text(const Json& given, const char* name) {
  return given.value(name, std::string());
}

Put put(const Json& given) {
  Put out;
  out.key = text(given, "key");
  out.payload = make_payload(text(given, "body"));
  out.media_type = "text/plain";
  for (const auto& [name, value] : given.value("headers", std::map<std::string, std::string>())) {
    out.headers.emplace_back(name, value);
  }
  out.if_match = text(given, "if_match");
  out.if_absent = given.value("if_absent", false);
  return out;
}

Operation to_operation(const Json& given) {
  const std::string what = given.at("do");
  const std::string key = text(given, "key");
  if (what == "put") {
    return put(given);
  }
  if (what == "get") {
    return Get{key, 0, std::nullopt, text(given, "if_match"), nullptr};
  }
  if (what == "head") {
    return Head{key};
  }
  if (what == "delete") {
    return Delete{key, text(given, "if_match")};
  }
  if (what == "delete_many") {
    return DeleteMany{given.at("keys").get<std::vector<std::string>>()};
  }
  if (what == "copy") {
    return Copy{text(given, "from"), key, text(given, "if_match"), std::nullopt};
  }
  if (what == "create_bucket") {
    return CreateBucket{};
  }
  return BucketExists{};
}

const char* name_of(Errc code) {
  switch (code) {
    case Errc::auth:
      return "auth";
    case Errc::not_found:
      return "not_found";
    case Errc::conflict:
      return "conflict";
    case Errc::network:
      return "network";
    case Errc::remote:
      return "remote";
    case Errc::cancelled:
      return "cancelled";
    default:
      return "other";
  }
}

Json to_json(const Outcome& outcome) {
  if (!outcome.ok()) {
    const StoreError& error = outcome.error();
    return {{"ok", false},
            {"code", name_of(error.code)},
            {"status", error.http_status},
            {"s3", error.code_text},
            {"message", error.message},
            {"requests", error.requests}};
  }
  Json failures = Json::object();
  for (const DeleteFailure& failure : outcome->failures) {
    failures[failure.key] = failure.code;
  }
  return {{"ok", true},
          {"requests", outcome->requests},
          {"etag", outcome->object.etag},
          {"size", outcome->object.size},
          {"body", outcome->body},
          {"failures", failures}};
}

/// All pages below a prefix, one after the other.
Json list_all(ObjectStore& store, const std::string& prefix) {
  ListPage page{.prefix = prefix, .start_after = {}, .token = {}};
  std::uint64_t objects = 0, requests = 0;
  for (;;) {
    const Outcome outcome = submit_and_wait(store, page);
    if (!outcome.ok()) {
      return to_json(outcome);
    }
    objects += outcome->objects.size();
    requests += outcome->requests;
    if (!outcome->truncated || outcome->objects.empty()) {
      return {{"ok", true}, {"requests", requests}, {"objects", objects}};
    }
    page.token = outcome->next_token;
    page.start_after = outcome->objects.back().key;
  }
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 2) {
    fprintf(stderr, "usage: drive_store TARGET_JSON\n");
    return 2;
  }
  const Json target = Json::parse(arguments[1]);
  TargetConfig config;
  config.name = "target";
  config.endpoint = text(target, "endpoint");
  config.bucket = text(target, "bucket");
  config.prefix = text(target, "prefix");
  config.region = text(target, "region");
  ThreadPool pool(2);
  Engine engine(EngineOptions{}, pool);
  auto opened = open_target(engine, config, process_environment(), DryRun::no);
  if (!opened.ok()) {
    fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  char* line = nullptr;
  size_t capacity = 0;
  while (getline(&line, &capacity, stdin) > 0) {
    const Json given = Json::parse(line);
    ObjectStore& store = (*opened)->store();
    const Json outcome = given.at("do") == "list"
                             ? list_all(store, text(given, "prefix"))
                             : to_json(submit_and_wait(store, to_operation(given)));
    printf("%s\n", outcome.dump().c_str());
    fflush(stdout);
  }
  free(line);
  return 0;
} catch (const std::exception& problem) {
  fprintf(stderr, "%s\n", problem.what());
  return 2;
}
