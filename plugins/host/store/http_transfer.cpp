#include "plugins/host/store/http_transfer.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/public_address.hpp"

#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <new>
#include <utility>

namespace deployflow::store {
namespace {

constexpr long k_first_status = 100;
constexpr long k_first_final_status = 200;
constexpr long k_last_status = 999;
constexpr std::size_t k_max_header_bytes = 64U << 10;  // of one answer, interim answers included
constexpr long k_file_buffer = 256L << 10;             // piece of a file body that libcurl asks for
constexpr long k_small_buffer = 64L << 10;
// Of a body that nobody wants: to read so much costs less than a new connection.
constexpr std::uint64_t k_most_dropped = 64U << 10;

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool has_header(const std::vector<Header>& headers, std::string_view name) {
  return std::any_of(
      headers.begin(), headers.end(), [&](const Header& h) { return h.first == name; });
}

}  // namespace

HttpTransfer::HttpTransfer(const HttpEngine::Options& options) : easy_(curl_easy_init()) {
  if (easy_ == nullptr) {
    throw std::bad_alloc();
  }
  set_constant_options(options);
}

HttpTransfer::~HttpTransfer() {
  curl_slist_free_all(header_list_);
  curl_easy_cleanup(easy_);
}

void HttpTransfer::set_constant_options(const HttpEngine::Options& options) {
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy_, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // HTTP/2 retries can skip the rewind of a body and store a mix (curl issue 22563).
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(
      easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, options.user_agent.c_str());
  // Or removing a handle that resolves a name waits for the resolver.
  curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &HttpTransfer::header_callback);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &HttpTransfer::body_callback);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &HttpTransfer::read_callback);
  curl_easy_setopt(easy_, CURLOPT_READDATA, this);
  curl_easy_setopt(easy_, CURLOPT_SEEKFUNCTION, &HttpTransfer::seek_callback);
  curl_easy_setopt(easy_, CURLOPT_SEEKDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &HttpTransfer::ready_callback);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
}

void HttpTransfer::begin(HttpRequest request, std::function<void(HttpOutcome)> done) {
  request_ = std::move(request);
  done_ = std::move(done);
  response_ = {};
  failure_.reset();
  header_bytes_ = 0;
  has_head_ = false;
  dropped_ = 0;
  has_tried_ = false;
  has_refused_ = false;
  read_ = 0;
  sends_ = 0;
  moved_ = 0;
  moved_at_ = std::chrono::steady_clock::now();
  response_.sent = moved_at_;
  error_text_[0] = '\0';
  curl_easy_setopt(easy_, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, request_.fresh_connection ? 1L : 0L);
  set_tls_files();
  set_method_and_body();
  set_headers();
  set_limits();
}

void HttpTransfer::set_limits() {
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.time_limit.count()));
  const bool is_narrow = request_.reach == Reach::public_only;
  curl_easy_setopt(
      easy_, CURLOPT_OPENSOCKETFUNCTION, is_narrow ? &HttpTransfer::open_callback : nullptr);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
  const bool has_proxy = !request_.proxy.empty();
  curl_easy_setopt(easy_, CURLOPT_PROXY, has_proxy ? request_.proxy.c_str() : nullptr);
  curl_easy_setopt(easy_, CURLOPT_NOPROXY, has_proxy ? "" : nullptr);
}

void HttpTransfer::set_tls_files() {
  const TlsFiles& tls = request_.tls;
  // A path or the built-in default: setting NULL would leave no trust at all on some builds.
  if (!tls.ca_file.empty()) {
    curl_easy_setopt(easy_, CURLOPT_CAINFO, tls.ca_file.c_str());
    // Instead of the system's authorities: many builds trust a folder of them besides.
    curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);
  }
  if (!tls.client_cert_file.empty()) {
    const std::string& key =
        tls.client_key_file.empty() ? tls.client_cert_file : tls.client_key_file;
    curl_easy_setopt(easy_, CURLOPT_SSLCERT, tls.client_cert_file.c_str());
    curl_easy_setopt(easy_, CURLOPT_SSLKEY, key.c_str());
    // Or OpenSSL asks the terminal for the passphrase of a key that has one, and waits.
    curl_easy_setopt(easy_, CURLOPT_KEYPASSWD, "");
  }
}

void HttpTransfer::set_method_and_body() {
  const std::string& method = request_.method;
  curl_easy_setopt(easy_, CURLOPT_NOBODY, 0L);
  curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);  // forgets an upload or a POST before
  if (method == "HEAD") {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, nullptr);
    return;
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, method == "GET" ? nullptr : method.c_str());
  if (!request_.body) {
    return;
  }
  const Payload& body = *request_.body;
  if (body.file == nullptr) {
    // Bytes in memory go as POSTFIELDS whatever the method: up to 64 KiB leave in one segment with
    // the head.
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.bytes != nullptr ? body.bytes->data() : "");
    curl_easy_setopt(easy_, CURLOPT_UPLOAD_BUFFERSIZE, k_small_buffer);
    return;
  }
  curl_easy_setopt(easy_, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body.size));
  curl_easy_setopt(easy_, CURLOPT_UPLOAD_BUFFERSIZE, k_file_buffer);
}

void HttpTransfer::set_headers() {
  curl_slist_free_all(header_list_);
  header_list_ = nullptr;
  const auto append = [this](const std::string& line) {
    header_list_ = curl_slist_append(header_list_, line.c_str());
  };
  std::string line;
  for (const auto& [name, value] : request_.headers) {
    line.assign(name);
    // "name:" alone makes libcurl leave the header out; "name;" sends it empty.
    if (value.empty()) {
      line += ';';
    } else {
      line.append(": ").append(value);
    }
    append(line);
  }
  // What libcurl would add by itself.
  append("Expect:");
  append("Accept:");
  if (request_.body && !has_header(request_.headers, "content-type")) {
    append("Content-Type:");
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, header_list_);
}

HttpOutcome HttpTransfer::outcome(CURLcode code) {
  if (failure_) {
    return std::move(*failure_);
  }
  if (code != CURLE_OK && !(request_.head_is_enough && has_head_)) {
    return to_failure(code);
  }
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  if (status < k_first_status || status > k_last_status) {  // "HTTP/2-1 200": libcurl reads -1
    return HttpFailure{{Errc::remote,
                        fmt::format("{}: answered with no status that HTTP has",
                                    printable(url_origin(request_.url)))},
                       true};
  }
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

std::function<void(HttpOutcome)> HttpTransfer::release() {
  request_ = {};
  response_ = {};
  return std::exchange(done_, nullptr);
}

bool HttpTransfer::is_stalled(std::chrono::steady_clock::time_point now) {
  curl_off_t up = 0;
  curl_off_t down = 0;
  curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &up);
  curl_easy_getinfo(easy_, CURLINFO_SIZE_DOWNLOAD_T, &down);
  const curl_off_t moved = up + down + static_cast<curl_off_t>(header_bytes_);
  if (moved != moved_) {
    moved_ = moved;
    moved_at_ = now;
  }
  return now - moved_at_ >= request_.patience;
}

HttpFailure HttpTransfer::stall_failure() const {
  return {
      {Errc::network,
       fmt::format("{}: nothing moved for {} s",
                   printable(url_origin(request_.url)),
                   std::chrono::duration_cast<std::chrono::seconds>(request_.patience).count())},
      true,
      HttpCause::timeout};
}

std::size_t HttpTransfer::fail(HttpFailure failure) {
  failure_ = std::move(failure);
  return 0;
}

std::size_t HttpTransfer::on_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > k_max_header_bytes) {
    return fail({{Errc::remote,
                  fmt::format("{}: answered with over {} of headers",
                              printable(url_origin(request_.url)),
                              format_bytes(k_max_header_bytes))}});
  }
  if (line.substr(0, 5) == "HTTP/") {
    response_.headers.clear();  // those before belong to an interim answer
    response_.status = 0;
    return line.size();
  }
  if (trimmed(line).empty()) {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    has_head_ = status >= k_first_final_status;
    return line.size();
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    response_.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

std::size_t HttpTransfer::on_body(std::string_view bytes) {
  if (response_.status == 0) {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
  }
  if (request_.head_is_enough) {
    dropped_ += bytes.size();
    return dropped_ > k_most_dropped ? 0 : bytes.size();
  }
  if (request_.sink && response_.status / 100 == 2) {
    if (auto taken = request_.sink(response_, bytes); !taken.ok()) {
      return fail({std::move(taken.error())});
    }
    return bytes.size();
  }
  if (response_.body.size() + bytes.size() > request_.max_body) {
    return fail({{Errc::remote,
                  fmt::format("{}: answered with over {}",
                              printable(url_origin(request_.url)),
                              format_bytes(request_.max_body))}});
  }
  if (response_.body.empty()) {
    // Growing by doubling would hold up to three times a large body.
    curl_off_t length = 0;
    curl_easy_getinfo(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    const auto declared = static_cast<std::uint64_t>(std::max<curl_off_t>(length, 0));
    response_.body.reserve(static_cast<std::size_t>(std::min(declared, request_.max_body)));
  }
  response_.body.append(bytes);
  return bytes.size();
}

// Never more than was declared: libcurl would send the surplus and derange the connection. Short of
// it: abort, or libcurl waits until its time-out.
std::size_t HttpTransfer::on_read(char* out, std::size_t room) {
  const Payload& body = *request_.body;
  const std::uint64_t rest = body.size - std::min(read_, body.size);
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(rest, room));
  if (want == 0) {
    return 0;
  }
  auto got = read_at(body.file->fd, body.offset + read_, {out, want}, body.path);
  if (!got.ok()) {
    fail({std::move(got.error())});
    return CURL_READFUNC_ABORT;
  }
  if (*got < want) {
    fail({{Errc::conflict, fmt::format("{}: changed while it was being deployed", body.path)}});
    return CURL_READFUNC_ABORT;
  }
  read_ += want;
  return want;
}

std::size_t HttpTransfer::header_callback(char* data,
                                          std::size_t size,
                                          std::size_t count,
                                          void* self) {
  return static_cast<HttpTransfer*>(self)->on_header({data, size * count});
}

std::size_t HttpTransfer::body_callback(char* data,
                                        std::size_t size,
                                        std::size_t count,
                                        void* self) {
  return static_cast<HttpTransfer*>(self)->on_body({data, size * count});
}

std::size_t HttpTransfer::read_callback(char* out,
                                        std::size_t size,
                                        std::size_t count,
                                        void* self) {
  return static_cast<HttpTransfer*>(self)->on_read(out, size * count);
}

// When a kept connection ends without an answer, libcurl sends the request again by itself. With
// that nobody knows that a write may have been done twice, the signature is the old one, and after
// half of a body 7.88 can leave the server waiting for the rest. So that is ours to decide.
int HttpTransfer::on_ready() {
  if (sends_++ == 0) {
    return CURL_PREREQFUNC_OK;
  }
  HttpFailure failure;
  failure.code = Errc::network;
  failure.message = fmt::format("{}: closed the connection without an answer",
                                printable(url_origin(request_.url)));
  failure.transient = true;
  failure.cause = HttpCause::closed;
  failure.stale = true;
  fail(std::move(failure));
  return CURL_PREREQFUNC_ABORT;
}

// Whatever a name resolves to, and however often it is asked, nothing is connected that was not
// looked at. A proxy is the user's own choice, and it connects for itself.
curl_socket_t HttpTransfer::on_open(const curl_sockaddr& address) {
  if (request_.proxy.empty() && !is_public_address(address.addr)) {
    has_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  has_tried_ = true;
  return ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
}

curl_socket_t HttpTransfer::open_callback(void* self,
                                          curlsocktype /*purpose*/,
                                          curl_sockaddr* address) {
  return static_cast<HttpTransfer*>(self)->on_open(*address);
}

int HttpTransfer::ready_callback(
    void* self, char* /*ip*/, char* /*local_ip*/, int /*port*/, int /*local_port*/) {
  return static_cast<HttpTransfer*>(self)->on_ready();
}

// For what libcurl has to send a second time on one connection.
int HttpTransfer::seek_callback(void* self, curl_off_t offset, int origin) {
  if (origin != SEEK_SET || offset < 0) {
    return CURL_SEEKFUNC_FAIL;
  }
  static_cast<HttpTransfer*>(self)->read_ = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

const std::string* HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) {
      return &value;
    }
  }
  return nullptr;
}

}  // namespace deployflow::store
