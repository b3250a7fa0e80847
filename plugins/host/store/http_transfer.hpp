// One request on one libcurl easy handle, which is reused for the next. For http*.cpp only.

#pragma once

#include "plugins/host/store/http.hpp"

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace deployflow::store {

/// Loop thread only. The addresses given to libcurl point in here, so it never moves.
class HttpTransfer {
 public:
  explicit HttpTransfer(const HttpEngine::Options& options);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  /// Ready the handle for `request`. The handle is not in a multi handle.
  void begin(HttpRequest request, std::function<void(HttpOutcome)> done);
  /// What came of it, once libcurl said `code`.
  HttpOutcome outcome(CURLcode code);
  /// Forget the request; its completion is handed out.
  std::function<void(HttpOutcome)> release();

  /// Has no byte moved for the request's patience?
  bool is_stalled(std::chrono::steady_clock::time_point now);
  [[nodiscard]] HttpFailure stall_failure() const;

  [[nodiscard]] CURL* easy() const { return easy_; }
  [[nodiscard]] const HttpRequest& request() const { return request_; }
  [[nodiscard]] const HttpResponse& response() const { return response_; }

  std::size_t index = 0;  // in the engine's list of active transfers

 private:
  void set_constant_options(const HttpEngine::Options& options);
  void set_tls_files();
  void set_method_and_body();
  void set_headers();
  void set_limits();
  std::size_t fail(HttpFailure failure);
  HttpFailure to_failure(CURLcode code) const;
  HttpFailure in_words(CURLcode code, int connect_error, bool is_connected) const;

  std::size_t on_header(std::string_view line);
  std::size_t on_body(std::string_view bytes);
  std::size_t on_read(char* out, std::size_t room);
  int on_ready();
  curl_socket_t on_open(const curl_sockaddr& address);

  static std::size_t header_callback(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t body_callback(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t read_callback(char* out, std::size_t size, std::size_t count, void* self);
  static int seek_callback(void* self, curl_off_t offset, int origin);
  static curl_socket_t open_callback(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int ready_callback(void* self, char* ip, char* local_ip, int port, int local_port);

  CURL* easy_;
  curl_slist* header_list_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  HttpRequest request_;
  HttpResponse response_;
  std::function<void(HttpOutcome)> done_;
  std::optional<HttpFailure> failure_;  // of a callback; beats what libcurl makes of it
  std::size_t header_bytes_ = 0;
  bool has_head_ = false;      // of an answer that is none for the time being (1xx)
  std::uint64_t dropped_ = 0;  // bytes of a body that nobody wants
  bool has_tried_ = false;     // to connect to an address
  bool has_refused_ = false;   // to, for the request's reach
  std::uint64_t read_ = 0;     // bytes of a file body given to libcurl
  int sends_ = 0;              // how often libcurl began to send it
  curl_off_t moved_ = 0;       // bytes both ways when they were last counted
  std::chrono::steady_clock::time_point moved_at_;
};

/// "http://127.0.0.1:9000" of a URL: for messages.
std::string_view url_origin(std::string_view url);

/// Lines that tell of a request and its outcome, with everything secret taken out.
std::string trace_request(const HttpRequest& request);
std::string trace_outcome(const HttpRequest& request, const HttpOutcome& outcome, double seconds);

}  // namespace deployflow::store
