// What a secret is on the wire, and text without it: for traces, and for what servers say.

#pragma once

#include <string>
#include <string_view>

namespace deployflow::store {

constexpr std::string_view k_redacted = "[redacted]";

/// Is the value of such a header a key, a token or a signature? In any case of letters.
bool is_secret_header(std::string_view name);

/// The URL as it may be shown: a query that signs or has a token in it is a password, and goes.
std::string redacted_url(std::string_view url);

/// A header's value as it may be shown. A server may put into any of its own what we sent, or a
/// presigned URL.
std::string redacted_value(std::string_view name, std::string_view value);

/// Each occurrence of `secret` in `text` becomes k_redacted. One under 8 characters is no secret.
void hide(std::string& text, std::string_view secret);

}  // namespace deployflow::store
