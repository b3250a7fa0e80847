#include "stages/release/compare.hpp"

#include <algorithm>

namespace deployflow::release {
namespace {

std::string_view without_quotes(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    return etag.substr(1, etag.size() - 2);
  }
  return etag;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string_view reason(Verdict verdict) {
  switch (verdict) {
    case Verdict::same:
      return "same content";
    case Verdict::absent:
      return "new";
    case Verdict::size_differs:
      return "size differs";
    case Verdict::content_differs:
    case Verdict::undecided:
      return "content differs";
  }
  return "";
}

bool is_same_etag(std::string_view a, std::string_view b) {
  a = without_quotes(a);
  b = without_quotes(b);
  return !a.empty() && std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return lower(x) == lower(y);
  });
}

Verdicts compare(const Inventory& wanted,
                 const Holdings& held,
                 const std::function<std::string(std::size_t)>& etag_of,
                 Verdict otherwise) {
  Verdicts verdicts(wanted.count(), Verdict::absent);
  for (std::size_t i = 0; i < wanted.count(); ++i) {
    if (!held.holds(i)) {
      continue;
    }
    if (held.size(i) != wanted.size(i)) {
      verdicts[i] = Verdict::size_differs;
    } else {
      verdicts[i] = is_same_etag(held.etag(i), etag_of(i)) ? Verdict::same : otherwise;
    }
  }
  return verdicts;
}

}  // namespace deployflow::release
