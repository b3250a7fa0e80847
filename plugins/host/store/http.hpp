// HTTP/1.1 over libcurl: one thread, one multi handle, and with it the Loop of a run.
//
// Order of a turn: posted tasks, due timers, perform, completions (which start further requests);
// only when none came does the thread sleep until a socket is ready. Reading completions after the
// sleep instead costs a request per second on an idle loop (measured).
//
// Sends exactly what it is given: the path as it is, an exact Content-Length, no Expect, no chunked
// body, no redirect followed, no ~/.netrc, no decoding. Proxies as curl has them: http_proxy,
// https_proxy, no_proxy.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"
#include "plugins/host/store/tls_files.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::store {

struct HttpResponse {
  int status = 0;
  std::vector<Header> headers;                 // names in lower case, values trimmed
  std::string body;                            // unless a sink took it
  std::chrono::steady_clock::time_point sent;  // when the request began

  /// The first header of that name; nullptr if there is none.
  [[nodiscard]] const std::string* header(std::string_view name) const;
};

/// What kept an answer from coming, as far as it is known.
enum class HttpCause : std::uint8_t {
  other,
  unresolved,   // nobody knows the host's name, or nobody could be asked
  refused,      // the machine is there, but nobody listens
  unreachable,  // no way to the machine, or it does not answer at all
  tls,          // no handshake, or a certificate that does not hold
  timeout,      // connected, but the answer did not come in time
  closed,       // it ended before the answer did
  not_public    // not tried: see Reach
};

/// No usable answer came.
struct HttpFailure : Error {
  bool transient = false;  // the same request may succeed later
  HttpCause cause = HttpCause::other;
  bool stale = false;  // a connection kept from before ended without a word: try a fresh one
};

using HttpOutcome = Result<HttpResponse, HttpFailure>;
/// Bytes of a 2xx body in order; `head` has status and headers. An Error ends the request with it.
using HttpSink = std::function<Result<void>(const HttpResponse& head, std::string_view bytes)>;

/// Which machines a request may go to.
enum class Reach : std::uint8_t {
  anywhere,
  public_only  // no address of this machine or of a private network, whatever name leads to it; see
               // public_address.hpp
};

struct HttpRequest {
  std::string method;
  std::string url;              // encoded; sent as it is
  std::vector<Header> headers;  // sent as given; "host" included
  std::optional<Payload>
      body;  // its size is Content-Length; nullopt = no body and no Content-Length
  std::uint64_t max_body = 1U << 20;  // bytes of the answer that are collected; more is an error
  HttpSink sink;                      // takes 2xx bodies of any size; null = HttpResponse::body
  std::chrono::milliseconds patience{30'000};  // without a byte moved, then it fails
  std::chrono::milliseconds time_limit{0};     // of the whole; 0 = none
  bool head_is_enough = false;  // the answer counts once its head is there; the body is dropped,
                                // and ended when it is long
  Reach reach = Reach::anywhere;
  std::string proxy;  // for this request, and never mind no_proxy; empty = as the environment says
  TlsFiles tls;
  bool fresh_connection = false;  // not one that has carried a request before
};

class HttpEngine final : public Loop {
 public:
  struct Options {
    StopToken stop;
    std::string user_agent = "deployflow";
    std::chrono::milliseconds connect_timeout{10'000};
    /// A line for each request and answer, secrets taken out; null = none. Called on the loop.
    std::function<void(std::string_view)> trace;
  };

  explicit HttpEngine(Options options);
  /// Everything in flight completes with `cancelled`, then the thread is joined. Nothing may be
  /// posted from another thread afterwards.
  ~HttpEngine() override;
  HttpEngine(const HttpEngine&) = delete;
  HttpEngine& operator=(const HttpEngine&) = delete;

  /// Any thread. `done` runs once, on the loop, never inside the call.
  /// Errors: `network`; `cancelled`; `config` for an impossible URL; `input` and `conflict` for the
  /// file of the body; `remote` for an answer over its limits; what the sink returned.
  void send(HttpRequest request, std::function<void(HttpOutcome)> done);

  [[nodiscard]] bool on_loop() const;

  void post(std::function<void()> task) override;
  void after(std::chrono::milliseconds delay, std::function<void()> task) override;
  [[nodiscard]] bool cancelled() const override;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override {
    return std::chrono::steady_clock::now();
  }

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace deployflow::store
