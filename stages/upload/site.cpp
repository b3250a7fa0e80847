#include "stages/upload/site.hpp"

#include "stages/release/order.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace deployflow::stages {
namespace {

release::StoredHeaders stored_headers(const release::HeaderSet& set) {
  release::StoredHeaders out = set.headers;
  out.emplace_back("content-type", set.content_type);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

Site Site::list(Ctx ctx, const release::HeaderRules& rules, const release::GroupOrder& order) {
  Site site;
  site.headers_ = rules.apply(ctx);
  ctx.each("", [&](const Artifact& file) {
    const release::Role role =
        release::role_by_media_type(file.key(), site.headers_.of(file.id()).content_type);
    site.inventory_.add(release::Lent{file.key()}, file.size(), role, file.id());
  });
  site.inventory_.seal();
  if (site.inventory_.count() == 0) {
    throw Failure{DF_FAILED, "nothing to upload: the site holds no file"};
  }
  order.assign(ctx, site.inventory_);
  return site;
}

void Site::read(Ctx ctx) {
  constexpr std::size_t k_at_once = 4096;
  const release::HeaderSet* known = nullptr;
  std::uint32_t headers = 0;
  for (std::size_t first = 0; first < inventory_.count(); first += k_at_once) {
    ctx.check();
    const std::size_t last = std::min(inventory_.count(), first + k_at_once);
    std::vector<std::uint64_t> ids;
    for (std::size_t i = first; i < last; ++i) {
      ids.push_back(inventory_.id(i));
    }
    std::vector<release::Sha256> sha256(ids.size());
    std::vector<release::Md5> md5(ids.size());
    ctx.raw_digests(ids, "sha256", sha256.front().data());
    ctx.raw_digests(ids, "md5", md5.front().data());
    for (std::size_t i = first; i < last; ++i) {
      const release::HeaderSet& set = headers_.of(inventory_.id(i));
      if (&set != known) {  // neighbours often have the same
        headers = catalog_.intern(stored_headers(set));
        known = &set;
      }
      catalog_.add(release::Lent{inventory_.key(i)},
                   inventory_.size(i),
                   sha256[i - first],
                   md5[i - first],
                   {},
                   headers);
    }
  }
  catalog_.seal();
  headers_ = {};
}

release::Catalog Site::catalog() const {
  release::Catalog out;
  for (std::size_t i = 0; i < catalog_.count(); ++i) {
    out.add(release::Lent{inventory_.key(i)},
            catalog_.size(i),
            catalog_.sha256(i),
            catalog_.md5(i),
            {},
            out.intern(catalog_.headers(i)));
  }
  out.seal();
  return out;
}

}  // namespace deployflow::stages
