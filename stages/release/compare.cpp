#include "stages/release/compare.hpp"

#include "stages/release/etag.hpp"

namespace deployflow::release {
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
