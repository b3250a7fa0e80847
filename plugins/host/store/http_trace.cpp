// Lines for -vvv. Secrets are left out here, where the text is made.

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/http_transfer.hpp"
#include "plugins/host/store/redact.hpp"

#include <spdlog/fmt/fmt.h>

namespace deployflow::store {
namespace {

void append_headers(std::string& out, const std::vector<Header>& headers) {
  for (const auto& [name, value] : headers) {
    out += fmt::format(" {}={}", printable(name), redacted_value(name, value));
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
