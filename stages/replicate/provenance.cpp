#include "stages/replicate/provenance.hpp"

#include "stages/release/etag.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace deployflow::stages {
namespace {

using release::Verdict;

bool names_source(const df_object& object, std::string_view source_etag) {
  const df_header* end = object.headers + object.header_count;
  return std::any_of(object.headers, end, [&](const df_header& header) {
    return sv(header.name) == k_source_etag_header &&
           release::is_same_etag(sv(header.value), source_etag);
  });
}

}  // namespace

void decide_by_provenance(const Store& store,
                          const release::Inventory& source,
                          std::vector<Destination>& destinations) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> questions;  // destination, object
  for (std::size_t d = 0; d < destinations.size(); ++d) {
    for (std::size_t i = 0; i < source.count(); ++i) {
      if (destinations[d].verdicts[i] == Verdict::undecided) {
        questions.emplace_back(d, i);
      }
    }
  }
  if (questions.empty()) {
    return;
  }
  std::size_t asked = 0;
  const auto ask = [&](df_op& op) -> df_status {
    if (asked == questions.size()) {
      return DF_NOT_FOUND;
    }
    const auto [d, i] = questions[asked];
    op.kind = DF_OP_HEAD;
    op.tag = asked++;
    op.target = cs(destinations[d].target);
    op.key = cs(source.key(i));
    return DF_OK;
  };
  store.batch(ask, [&](const df_op_result& answer) {
    const auto [d, i] = questions.at(static_cast<std::size_t>(answer.tag));
    if (answer.status == DF_CANCELLED) {
      throw Cancelled{};
    }
    const bool is_same = answer.status == DF_OK && answer.object.size == source.size(i) &&
                         names_source(answer.object, source.etag(i));
    destinations[d].verdicts[i] = is_same ? Verdict::same : Verdict::content_differs;
  });
}

}  // namespace deployflow::stages
