#include "stages/release/etag.hpp"

#include <algorithm>
#include <cstddef>

namespace deployflow::release {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// "-2" of "<md5>-2"; empty for what is no ETag of an upload in parts.
std::string_view parts_of(std::string_view etag) {
  const std::size_t dash = etag.rfind('-');
  return dash == std::string_view::npos ? std::string_view() : etag.substr(dash);
}

}  // namespace

std::string_view without_quotes(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    return etag.substr(1, etag.size() - 2);
  }
  return etag;
}

bool is_same_etag(std::string_view a, std::string_view b) {
  a = without_quotes(a);
  b = without_quotes(b);
  return !a.empty() && std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return lower(x) == lower(y);
  });
}

bool is_md5_etag(std::string_view etag) {
  constexpr std::size_t k_digits = 32;
  etag = without_quotes(etag);
  return etag.size() == k_digits &&
         etag.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

bool are_of_other_bytes(std::string_view a, std::string_view b) {
  a = without_quotes(a);
  b = without_quotes(b);
  return !is_same_etag(a, b) && parts_of(a) == parts_of(b);
}

}  // namespace deployflow::release
