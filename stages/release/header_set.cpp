#include "stages/release/header_set.hpp"

#include <deployflow/stage.hpp>

#include <algorithm>

namespace deployflow::release {

const std::string* HeaderSet::find(std::string_view name) const {
  const auto at =
      std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return h.first == name; });
  return at != headers.end() ? &at->second : nullptr;
}

bool is_shown_by_head(std::string_view name, std::string_view value) {
  return name != "x-amz-acl" && (name != "x-amz-storage-class" || value != "STANDARD");
}

HeaderSets::Number HeaderSets::intern(HeaderSet set) {
  const Number number = sets_.number_of(std::move(set));
  if (number >> k_number_bits != 0) {
    throw Failure{DF_FAILED, "the files of the site have too many different headers"};
  }
  return number;
}

void HeaderSets::seal() {
  if (!std::is_sorted(artifacts_.begin(), artifacts_.end())) {
    std::sort(artifacts_.begin(), artifacts_.end());
  }
  artifacts_.shrink_to_fit();
}

const HeaderSet& HeaderSets::of(std::uint64_t id) const {
  static const HeaderSet k_none;
  const auto at = std::lower_bound(artifacts_.begin(), artifacts_.end(), id << k_number_bits);
  if (at == artifacts_.end() || *at >> k_number_bits != id) {
    return k_none;
  }
  return sets_.at(static_cast<Number>(*at & ((std::uint64_t{1} << k_number_bits) - 1)));
}

}  // namespace deployflow::release
