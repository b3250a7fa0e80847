#include "plugins/host/store/http_url.hpp"

#include "plugins/host/store/http_transfer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <new>

namespace deployflow::store {
namespace {

constexpr std::size_t k_most_bytes = 8U << 10;

struct UrlCleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlCleanup>;

Url make_url() {
  Url url(curl_url());
  if (!url) {
    throw std::bad_alloc();
  }
  return url;
}

// Absolute, or relative to what `url` is already.
bool set(CURLU* url, std::string_view text) {
  const bool has_control = std::any_of(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return text.size() <= k_most_bytes && !has_control &&
         curl_url_set(url, CURLUPART_URL, std::string(text).c_str(), CURLU_URLENCODE) == CURLUE_OK;
}

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) {
    return {};
  }
  std::string out(text);
  curl_free(text);
  return out;
}

std::optional<WebUrl> taken_apart(CURLU* url) {
  // Whoever wrote a name and password into a page did not mean us.
  for (const CURLUPart unwanted :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT}) {
    curl_url_set(url, unwanted, nullptr, 0);
  }
  WebUrl out{.text = part(url, CURLUPART_URL),
             .scheme = part(url, CURLUPART_SCHEME),
             .host = part(url, CURLUPART_HOST),
             .origin = {}};
  std::transform(out.host.begin(), out.host.end(), out.host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  out.origin = url_origin(out.text);
  const bool is_web = out.scheme == "http" || out.scheme == "https";
  return is_web && !out.host.empty() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

std::optional<WebUrl> parse_web_url(std::string_view text) {
  const Url url = make_url();
  return set(url.get(), text) ? taken_apart(url.get()) : std::nullopt;
}

std::optional<WebUrl> follow_location(const WebUrl& from, std::string_view location) {
  const Url url = make_url();
  return set(url.get(), from.text) && set(url.get(), location) ? taken_apart(url.get())
                                                               : std::nullopt;
}

}  // namespace deployflow::store
