// Lines for -vvv. Secrets are left out here, where the text is made.

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/http_transfer.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace deployflow::store {
namespace {

bool is_secret_header(std::string_view name) {
  return name == "authorization" || name == "proxy-authorization" || name == "cookie" ||
         name == "set-cookie" || name.find("token") != std::string_view::npos ||
         name.find("customer-key") != std::string_view::npos ||
         name.find("secret") != std::string_view::npos;
}

// A presigned URL is a password: all of its query goes.
std::string redacted_url(std::string_view url) {
  std::string low(url);
  std::transform(low.begin(), low.end(), low.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::size_t query = low.find('?');
  if (query != std::string::npos && (low.find("x-amz-", query) != std::string::npos ||
                                     low.find("signature", query) != std::string::npos ||
                                     low.find("token=", query) != std::string::npos)) {
    // continuation-token is no secret, but a listing that is cut short here is no loss either
    return printable(url.substr(0, query)) + "?[redacted]";
  }
  return printable(url);
}

void append_headers(std::string& out, const std::vector<Header>& headers) {
  for (const auto& [name, value] : headers) {
    out += fmt::format(
        " {}={}", printable(name), is_secret_header(name) ? "[redacted]" : printable(value));
  }
}

}  // namespace

std::string trace_request(const HttpRequest& request) {
  std::string out = fmt::format("> {} {}", request.method, redacted_url(request.url));
  append_headers(out, request.headers);
  if (request.body) {
    out += fmt::format(" ({})", format_bytes(request.body->size));
  }
  return out;
}

std::string trace_outcome(const HttpRequest& request, const HttpOutcome& outcome, double seconds) {
  std::string out = fmt::format("< {} {} ", request.method, redacted_url(request.url));
  if (!outcome.ok()) {
    out += fmt::format("{} ({:.3f} s)", outcome.error().message, seconds);
    return out;
  }
  out += fmt::format("{} ({:.3f} s)", outcome->status, seconds);
  append_headers(out, outcome->headers);
  return out;
}

}  // namespace deployflow::store
