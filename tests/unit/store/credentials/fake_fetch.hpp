// HTTP without a network: answers as a test says, and keeps what was asked.

#pragma once

#include "plugins/host/store/http_fetch.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace deployflow::store {

class FakeFetch final : public HttpFetch {
 public:
  using Script = std::function<HttpOutcome(const FetchRequest& request, std::size_t number)>;

  /// Nobody answers.
  FakeFetch()
      : script_([](const FetchRequest&, std::size_t) {
          return HttpFailure{{Errc::network, "nobody there"}, true};
        }) {}
  explicit FakeFetch(Script script) : script_(std::move(script)) {}

  HttpOutcome fetch(const FetchRequest& request) override {
    seen.push_back(request);
    return script_(request, seen.size());
  }

  std::vector<FetchRequest> seen;

 private:
  Script script_;
};

inline HttpOutcome answer_of(int status, std::string body) {
  HttpResponse out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

inline std::string header_of(const FetchRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) {
      return value;
    }
  }
  return "(none)";
}

}  // namespace deployflow::store
