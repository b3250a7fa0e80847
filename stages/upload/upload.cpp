#include "stages/upload/upload.hpp"

#include "stages/release/compare.hpp"
#include "stages/release/delivery.hpp"
#include "stages/release/holdings.hpp"
#include "stages/release/inventory.hpp"
#include "stages/release/order.hpp"

namespace deployflow::stages {
namespace {

release::Inventory read_site(Ctx ctx) {
  release::Inventory site;
  ctx.each("", [&](const Artifact& file) {
    const release::Role role = release::role_by_media_type(file.key(), file.media_type());
    site.add(file.key(), file.size(), role, file.id());
  });
  site.seal();
  if (site.count() == 0) {
    throw Failure{DF_FAILED, "nothing to upload: the site holds no file"};
  }
  return site;
}

/// A name that a store would refuse is told before the first byte is sent, and all of them at once.
void check_names(Ctx ctx, const df_target_info& target, const release::Inventory& site) {
  constexpr std::size_t k_longest = 1024;
  bool good = true;
  for (std::size_t i = 0; i < site.count(); ++i) {
    const std::size_t bytes = target.prefix.n + site.key(i).size();
    if (bytes > k_longest) {
      good = false;
      ctx.error("upload/key-too-long",
                "with the prefix of the target the key has " + std::to_string(bytes) +
                    " bytes; stores take at most 1,024")
          .on(site.id(i))
          .hint("shorten the name or the prefix");
    }
  }
  if (!good) {
    throw Failure{DF_FAILED, ""};
  }
}

/// The ETags of the files whose size alone does not tell, asked for in their order, which is when a
/// few hundred of them are made at a time: they cost no memory for the whole site, and the run can
/// be interrupted.
class EtagsInDoubt {
 public:
  EtagsInDoubt(Ctx ctx,
               const Store& store,
               const release::Inventory& site,
               const release::Holdings& held)
      : ctx_(ctx), store_(store), site_(site), held_(held) {}

  std::string operator()(std::size_t i) {
    if (next_ == asked_.size()) {
      make(i);
    }
    return asked_.at(next_) == i ? std::move(made_.at(next_++)) : std::string();
  }

 private:
  void make(std::size_t first) {
    constexpr std::size_t k_at_once = 256;
    std::vector<std::uint64_t> ids;
    asked_.clear();
    next_ = 0;
    std::size_t i = first;
    for (; i < site_.count() && ids.size() < k_at_once; ++i) {
      if (held_.holds(i) && held_.size(i) == site_.size(i)) {
        asked_.push_back(i);
        ids.push_back(site_.id(i));
      }
    }
    ctx_.check();
    made_ = store_.etags(ids);
    ctx_.progress(i, site_.count(), 0, 0, "compared");
  }

  Ctx ctx_;
  const Store& store_;
  const release::Inventory& site_;
  const release::Holdings& held_;
  std::vector<std::size_t> asked_;  // the files of made_
  std::vector<std::string> made_;
  std::size_t next_ = 0;  // of asked_
};

release::Verdicts compare_with(Ctx ctx,
                               const Store& store,
                               const std::string& target,
                               const release::Inventory& site) {
  const release::Holdings held = release::list_holdings(store, target, site);
  EtagsInDoubt etags(ctx, store, site, held);
  const auto etag_of = [&](std::size_t i) { return etags(i); };
  return release::compare(site, held, etag_of, release::Verdict::content_differs);
}

release::Outcome deliver(Ctx ctx,
                         const Store& store,
                         const std::string& target,
                         const release::Inventory& site) {
  const auto put = [&](df_op& op, std::size_t i) {
    op.kind = DF_OP_PUT;
    op.artifact_id = site.id(i);
  };
  release::Delivery delivery(ctx, Upload::name, site, put);
  const release::Verdicts verdicts = compare_with(ctx, store, target, site);
  delivery.add(target, verdicts, release::list_unfinished(ctx, store, target, site));
  return delivery.run(store).front();
}

}  // namespace

void Upload::configure(Ctx /*ctx*/, const Options& given) {
  to_ = given.get<std::string>("to");
}

void Upload::run(Ctx ctx, const RunInfo& info) const {
  const release::Inventory site = read_site(ctx);
  const Store store = ctx.store();
  check_names(ctx, store.target(to_), site);
  const release::Outcome outcome = deliver(ctx, store, to_, site);
  ctx.set_output("uploaded", std::to_string(outcome.stored));
  ctx.set_output("kept", std::to_string(outcome.kept));
  ctx.set_output("bytes", std::to_string(outcome.bytes));
  if (!outcome.is_current()) {
    throw Failure{outcome.status, release::summary(outcome)};
  }
  ctx.log(DF_INFO, (info.dry_run != 0 ? "dry run: " : "") + release::summary(outcome));
}

}  // namespace deployflow::stages
