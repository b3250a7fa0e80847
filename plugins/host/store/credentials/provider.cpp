#include "plugins/host/store/credentials/provider.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace deployflow::store {
namespace {

// Visible ASCII: all three parts go into a header or an HMAC, and a line break in a header is an
// attack.
bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

Error wrong(const Credentials& credentials, std::string_view part, std::string_view what) {
  return {Errc::auth,
          fmt::format("{}: the {} {}", credentials.source, part, what),
          "copy it again, without line breaks or spaces"};
}

}  // namespace

Result<Credentials> checked_credentials(Credentials credentials) {
  constexpr std::string_view k_odd = "has a space or a character that no key has";
  if (credentials.key_id.empty() || credentials.secret.empty()) {
    return wrong(
        credentials, credentials.key_id.empty() ? "access key id" : "secret key", "is empty");
  }
  if (!is_visible(credentials.key_id)) {
    return wrong(credentials, "access key id", k_odd);
  }
  if (!is_visible(credentials.secret.reveal())) {
    return wrong(credentials, "secret key", k_odd);
  }
  if (!is_visible(credentials.session_token.reveal())) {
    return wrong(credentials, "session token", k_odd);
  }
  return credentials;
}

}  // namespace deployflow::store
