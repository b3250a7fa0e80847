#include "plugins/host/store/credentials/local_url.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/uri.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

// Of names only "localhost": what another resolves to is up to whoever answers for it.
bool is_this_machine(const EndpointUrl& url) {
  const std::string& host = url.host;
  if (host == "localhost" || host == "::1") {
    return true;
  }
  return url.is_ip_literal && (host.starts_with("127.") || host == "169.254.170.2" ||
                               host == "169.254.170.23" || host == "fd00:ec2::23");
}

}  // namespace

bool is_header_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; });
}

Result<LocalUrl> check_secret_url(std::string_view url, std::string_view variable) {
  if (!is_header_text(url) || url.find(' ') != std::string_view::npos) {
    return Error{Errc::auth, fmt::format("{} has a character that no URL has", variable)};
  }
  const std::size_t scheme = url.find("://");
  const std::size_t end =
      scheme == std::string_view::npos ? url.size() : url.find_first_of("/?#", scheme + 3);
  auto parsed = parse_endpoint_url(url.substr(0, end));
  if (!parsed) {
    return Error{Errc::auth, fmt::format("{}: {}", variable, parsed.error().message)};
  }
  LocalUrl out{parsed->scheme + "://" + parsed->authority()};
  if (is_this_machine(*parsed)) {
    out.proxy = FetchProxy::none;
  } else if (parsed->scheme != "https") {
    return Error{
        Errc::auth,
        fmt::format(
            "{} would send a token over plain http to {}", variable, printable(parsed->host)),
        "use https, or an address of this machine"};
  }
  return out;
}

}  // namespace deployflow::store
