// One small HTTP request, waited for: what the credentials providers ask of STS, a metadata
// service or a portal. The S3 client never uses it.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/store/http.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::store {

enum class FetchProxy : std::uint8_t {
  environment,  // as libcurl reads https_proxy, HTTPS_PROXY, http_proxy, no_proxy
  none,         // for addresses of the machine itself, which no proxy may see
};

struct FetchRequest {
  std::string method = "GET";
  std::string url;              // encoded; sent as it is
  std::vector<Header> headers;  // names in lower case
  std::string body;             // of a POST; empty = none, with Content-Length: 0 for POST and PUT
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{20'000};  // of the whole
  FetchProxy proxy = FetchProxy::environment;
};

/// Thread-safe.
class HttpFetch {
 public:
  virtual ~HttpFetch() = default;

  /// Blocking, up to request.timeout. Any status is an answer; a redirect is not followed. Errors:
  /// as HttpEngine::send, a body over 1 MiB among them; `cancelled` within a second of the stop.
  virtual HttpOutcome fetch(const FetchRequest& request) = 0;
};

struct FetchOptions {
  StopToken stop;
  TlsFiles tls;
  /// A line for each request and answer, as HttpEngine has it. Called on the fetching thread.
  std::function<void(std::string_view)> trace;
};

/// Over libcurl, a fresh connection for each request.
std::shared_ptr<HttpFetch> make_http_fetch(FetchOptions options);

}  // namespace deployflow::store
