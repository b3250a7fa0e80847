// What a provider's test needs: a home, variables, a fake network and a fake clock.

#pragma once

#include "plugins/host/store/credentials/make_credentials.hpp"
#include "tests/unit/store/credentials/fake_fetch.hpp"
#include "tests/unit/store/signing/fake_environment.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace deployflow::store {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] std::chrono::sys_time<std::chrono::milliseconds> now() const override {
    return time;
  }
  std::chrono::sys_time<std::chrono::milliseconds> time =
      WallTime(std::chrono::seconds(1'763'678'000));  // 2025-11-20T22:33:20Z
};

struct World {
  Home home;
  Variables variables;
  FixedClock clock;
  std::shared_ptr<FakeFetch> http = std::make_shared<FakeFetch>();
  std::vector<std::chrono::milliseconds> waits;

  void answer(FakeFetch::Script script) { http = std::make_shared<FakeFetch>(std::move(script)); }

  ProviderTools tools() {
    ProviderTools out;
    out.environment = home.environment(variables);
    out.http = http;
    out.clock = &clock;
    out.wait = [this](std::chrono::milliseconds delay) { waits.push_back(delay); };
    out.random = [] { return 0.5; };
    return out;
  }

  /// As a target with `profile` (or none) gets it.
  Result<Credentials> key(const std::string& profile = "") {
    TargetConfig target;
    target.profile = profile;
    const auto source = make_credentials(target, tools());
    Result<Credentials> out = Error{Errc::internal, "no answer"};
    source->get([&](Result<std::optional<Credentials>> found) {
      if (found.ok()) {
        out = **found;
      } else {
        out = found.error();
      }
    });
    return out;
  }

  Credentials good(const std::string& profile = "") {
    auto found = key(profile);
    REQUIRE_MESSAGE(found.ok(), found.error().message);
    return *found;
  }

  /// The message, in which nothing secret may stand.
  std::string wrong(const std::string& profile = "") {
    const auto found = key(profile);
    REQUIRE_FALSE(found.ok());
    for (const std::string& text : {found.error().message, found.error().hint}) {
      CHECK_MESSAGE(text.find("canary") == std::string::npos, text);
      for (const char c : text) {
        CHECK_MESSAGE((static_cast<unsigned char>(c) >= ' ' && c != 0x7F), text);
      }
    }
    hint = found.error().hint;
    return found.error().message;
  }

  std::string hint;  // of the last wrong()
};

inline std::string sts_answer(std::string_view action, std::string_view key) {
  const std::string name(action);
  return "<" + name + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + name +
         "Result><Credentials><AccessKeyId>" + std::string(key) +
         "</AccessKeyId><SecretAccessKey>canary-secret</SecretAccessKey>"
         "<SessionToken>canary-token</SessionToken><Expiration>2025-11-20T23:33:20Z</Expiration>"
         "</Credentials></" +
         name + "Result></" + name + "Response>";
}

inline std::string json_key(std::string_view key, std::string_view token_name = "Token") {
  return "{\"Code\":\"Success\",\"Version\":1,\"AccessKeyId\":\"" + std::string(key) +
         "\",\"SecretAccessKey\":\"canary-secret\",\"" + std::string(token_name) +
         "\":\"canary-token\",\"Expiration\":\"2025-11-20T23:33:20Z\"}";
}

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Answers that no provider may take, survive badly or repeat.
inline std::vector<std::string> hostile_bodies() {
  return {
      "",
      "canary",
      "null",
      "[]",
      "\"canary\"",
      "{",
      "{}",
      std::string("\0\0\0", 3),
      "\xFF\xFE{}",
      std::string(100'000, '['),
      std::string(100'000, '{'),
      "<a>" + std::string(100'000, '<'),
      "{\"AccessKeyId\":\"K\",\"SecretAccessKey\":\"\"}",
      "{\"AccessKeyId\":{},\"SecretAccessKey\":[\"canary\"]}",
      "{\"Version\":1,\"AccessKeyId\":\"K\\nX: y\",\"SecretAccessKey\":\"canary\"}",
      "{\"Version\":1,\"AccessKeyId\":\"K\",\"SecretAccessKey\":\"canary\",\"Token\":\"a\\r\\nb\","
      "\"SessionToken\":\"a\\r\\nb\"}",
      "{\"Version\":1,\"AccessKeyId\":\"K\",\"SecretAccessKey\":\"canary\\u0000\"}",
      "{\"Version\":1,\"AccessKeyId\":\"K\",\"SecretAccessKey\":\"canary\",\"Expiration\":"
      "\"soon\"}",
      "{\"Version\":1,\"AccessKeyId\":\"K\",\"SecretAccessKey\":\"canary\",\"Expiration\":"
      "\"2001-01-01T00:00:00Z\"}",
      "{\"Code\":\"canary\\u001b[31m\",\"Message\":\"canary\"}"};
}

}  // namespace deployflow::store
