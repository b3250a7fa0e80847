// What libcurl says, for people and for the retry.

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/store/http_transfer.hpp"

#include <errno.h>
#include <spdlog/fmt/fmt.h>

namespace deployflow::store {
namespace {

HttpFailure transient(std::string message, std::string hint = {}) {
  return {{Errc::network, std::move(message), std::move(hint)}, true};
}

HttpFailure final(std::string message, std::string hint = {}) {
  return {{Errc::network, std::move(message), std::move(hint)}, false};
}

HttpCause cause_of(CURLcode code, int connect_error, bool is_connected) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return HttpCause::unresolved;
    case CURLE_COULDNT_CONNECT:
      return connect_error == ECONNREFUSED ? HttpCause::refused : HttpCause::unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return is_connected ? HttpCause::timeout : HttpCause::unreachable;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
      return HttpCause::tls;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return HttpCause::closed;
    default:
      return HttpCause::other;
  }
}

// The server's alert about our certificate, or about none. With TLS 1.3 it comes after the
// handshake, in place of an answer. libcurl has no code for it; the words are OpenSSL's.
bool is_refusal_of_certificate(CURLcode code, std::string_view why) {
  if (code != CURLE_SSL_CONNECT_ERROR && code != CURLE_RECV_ERROR && code != CURLE_SEND_ERROR) {
    return false;
  }
  const std::size_t alert = why.find(" alert ");
  return alert != std::string_view::npos &&
         (why.find("certificate", alert) != std::string_view::npos ||
          why.find("unknown ca", alert) != std::string_view::npos ||
          why.find("handshake failure", alert) != std::string_view::npos);
}

}  // namespace

std::string_view url_origin(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) {
    return url.substr(0, url.find('/'));
  }
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

HttpFailure HttpTransfer::to_failure(CURLcode code) const {
  long error = 0;
  curl_off_t connected = 0, begun = 0;
  curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &error);
  curl_easy_getinfo(easy_, CURLINFO_CONNECT_TIME_T, &connected);
  // Over a connection that is there already there is no time of connecting.
  curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &begun);
  const bool is_connected = connected > 0 || begun > 0;
  if (code == CURLE_COULDNT_CONNECT && has_refused_ && !has_tried_) {
    HttpFailure failure = final(fmt::format("{}: its address is one of a private network",
                                            printable(url_origin(request_.url))));
    failure.cause = HttpCause::not_public;
    return failure;
  }
  HttpFailure failure = in_words(code, static_cast<int>(error), is_connected);
  failure.cause = cause_of(code, static_cast<int>(error), is_connected);
  return failure;
}

HttpFailure HttpTransfer::in_words(CURLcode code, int connect_error, bool is_connected) const {
  const std::string origin = printable(url_origin(request_.url));
  const std::string why =
      printable(error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code));
  if (is_refusal_of_certificate(code, why)) {
    const bool shown = !request_.tls.client_cert_file.empty();
    return final(
        fmt::format("{}: {}: {}",
                    origin,
                    shown ? "the client certificate was refused" : "the TLS handshake failed",
                    why),
        shown ? "does the store trust the authority that signed `client_cert_file`?"
              : "if the store asks for a client certificate, name it in `client_cert_file`");
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return transient(fmt::format("{}: the host name cannot be resolved", origin),
                       "check the endpoint's spelling and this machine's DNS");
    case CURLE_COULDNT_CONNECT:
      return transient(fmt::format("{}: cannot connect: {}",
                                   origin,
                                   connect_error != 0 ? errno_text(connect_error) : why),
                       fmt::format("is it running at {}?", origin));
    case CURLE_OPERATION_TIMEDOUT:
      if (is_connected) {
        return transient(fmt::format("{}: no answer within the time limit", origin));
      }
      return transient(fmt::format("{}: no connection within the time limit", origin),
                       fmt::format("is it running at {}?", origin));
    case CURLE_PEER_FAILED_VERIFICATION:
      return final(
          fmt::format("{}: its certificate was refused: {}", origin, why),
          "if it is signed by your own authority, name that authority's certificate in `ca_file`");
    case CURLE_SSL_CACERT_BADFILE:
      return final(
          fmt::format("{}: the CA file {} cannot be used", origin, printable(request_.tls.ca_file)),
          "`ca_file` must name a readable file of PEM certificates");
    case CURLE_SSL_CERTPROBLEM:
      return final(fmt::format("{}: the client certificate {} cannot be used: {}",
                               origin,
                               printable(request_.tls.client_cert_file),
                               why),
                   "`client_cert_file` and `client_key_file` must be PEM files that belong "
                   "together; a key with a passphrase cannot be used");
    case CURLE_SSL_CONNECT_ERROR:
      if (why.find("protocol version") != std::string::npos ||
          why.find("unsupported protocol") != std::string::npos) {
        return final(fmt::format("{}: the TLS handshake failed: {}", origin, why),
                     "TLS 1.2 or newer is needed");
      }
      return transient(fmt::format("{}: the TLS handshake failed: {}", origin, why),
                       "does this endpoint speak https, or should it be http?");
    case CURLE_UNSUPPORTED_PROTOCOL:  // of the answer: our URLs are http or https
      return transient(fmt::format("{}: its answer is not HTTP/1.1", origin),
                       "is there an S3 endpoint at this port?");
    case CURLE_URL_MALFORMAT:
      return {{Errc::config, fmt::format("{}: {}", origin, why)}, false};
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
      return {{Errc::internal, fmt::format("{}: {}", origin, why)}, false};
    case CURLE_GOT_NOTHING:
      return transient(fmt::format("{}: closed the connection without an answer", origin));
    case CURLE_PARTIAL_FILE:
      return transient(fmt::format("{}: the answer broke off", origin));
    default:
      return transient(fmt::format("{}: {}", origin, why));
  }
}

}  // namespace deployflow::store
