#include "stages/upload/site.hpp"

#include "stages/release/order.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace deployflow::stages {
namespace {

release::StoredHeaders stored_headers(const release::HeaderSet& set) {
  release::StoredHeaders out = set.headers;
  out.emplace_back("content-type", set.content_type);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

Site Site::list(Ctx ctx, const release::HeaderRules& rules) {
  Site site;
  site.headers_ = rules.apply(ctx);
  ctx.each("", [&](const Artifact& file) {
    const release::Role role =
        release::role_by_media_type(file.key(), site.headers_.of(file.id()).content_type);
    site.inventory_.add(file.key(), file.size(), role, file.id());
  });
  site.inventory_.seal();
  if (site.inventory_.count() == 0) {
    throw Failure{DF_FAILED, "nothing to upload: the site holds no file"};
  }
  return site;
}

void Site::read(Ctx ctx) {
  // Some thousands at a time: their hex texts are no more in memory than that.
  constexpr std::size_t k_at_once = 4096;
  digests_.resize(inventory_.count());
  for (std::size_t first = 0; first < digests_.size(); first += k_at_once) {
    ctx.check();
    const std::size_t last = std::min(digests_.size(), first + k_at_once);
    std::vector<std::uint64_t> ids;
    for (std::size_t i = first; i < last; ++i) {
      ids.push_back(inventory_.id(i));
    }
    const auto sha256 = ctx.digests(ids, "sha256");
    const auto md5 = ctx.digests(ids, "md5");
    for (std::size_t i = first; i < last; ++i) {
      const auto a = release::from_hex<32>(sha256[i - first]);
      const auto b = release::from_hex<16>(md5[i - first]);
      if (!a || !b) {
        throw Failure{DF_INTERNAL, "the host gave a digest that is none"};
      }
      digests_[i] = {*a, *b};
    }
  }
}

release::Catalog Site::catalog() const {
  release::Catalog out;
  const release::HeaderSet* known = nullptr;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < inventory_.count(); ++i) {
    const release::HeaderSet& set = headers_.of(inventory_.id(i));
    if (&set != known) {  // neighbours often have the same
      number = out.intern(stored_headers(set));
      known = &set;
    }
    out.add(inventory_.key(i), inventory_.size(i), digests_[i].sha256, digests_[i].md5, {}, number);
  }
  out.seal();
  return out;
}

}  // namespace deployflow::stages
