#include "plugins/host/store/redact.hpp"

#include "plugins/host/base/text.hpp"

#include <algorithm>
#include <array>

namespace deployflow::store {
namespace {

constexpr std::size_t k_shortest_secret = 8;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

template <std::size_t n>
bool has_any(std::string_view text, const std::array<std::string_view, n>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

// continuation-token is no secret, but a listing that is cut short here is no loss either.
bool is_secret_text(std::string_view low) {
  static constexpr std::array<std::string_view, 5> k_words{
      "signature=", "sig=", "credential=", "token=", "aws4-hmac-sha256"};
  return has_any(low, k_words);
}

}  // namespace

bool is_secret_header(std::string_view name) {
  static constexpr std::array<std::string_view, 5> k_words{
      "authorization", "cookie", "token", "customer-key", "secret"};
  return has_any(lower(name), k_words);
}

std::string redacted_url(std::string_view url) {
  const std::size_t query = url.find('?');
  if (query != std::string_view::npos && is_secret_text(lower(url.substr(query)))) {
    return printable(url.substr(0, query + 1)).append(k_redacted);
  }
  return printable(url);
}

std::string redacted_value(std::string_view name, std::string_view value) {
  if (is_secret_header(name) || is_secret_text(lower(value))) {
    return std::string(k_redacted);
  }
  return printable(value);
}

void hide(std::string& text, std::string_view secret) {
  if (secret.size() < k_shortest_secret) {
    return;
  }
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), k_redacted);
    at += k_redacted.size();
  }
}

}  // namespace deployflow::store
