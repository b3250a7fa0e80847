// The object stores of a pipeline's targets. A part of stage.hpp.

#pragma once

#include <deployflow/ctx.hpp>

namespace deployflow {
inline namespace v0 {

/// The object stores of the pipeline's targets.
class Store {
 public:
  Store(Ctx ctx, const df_objectstore* table) : x_(ctx), t_(table) {}

  [[nodiscard]] df_target_info target(std::string_view name) const {
    df_target_info info{};
    info.struct_size = sizeof info;
    require_ok(t_->target(x_.raw(), cs(name), &info), "target");
    return info;
  }
  /// Call `f(const df_object&)` for each object below `prefix`; if it returns a bool, false ends
  /// the listing. Throws Failure with an empty message when the store failed: the host has given
  /// the finding.
  template <class F>
  void list(std::string_view target, std::string_view prefix, F f, std::uint32_t flags = 0) const {
    Thrower<F> box{f, nullptr, false};
    const df_status status = t_->list(x_.raw(),
                                      cs(target),
                                      cs(prefix),
                                      flags,
                                      &box,
                                      [](void* user, const df_object* o) noexcept -> df_status {
                                        auto* b = static_cast<Thrower<F>*>(user);
                                        try {
                                          b->is_enough = !wants_more(b->f, *o);
                                          return b->is_enough ? DF_FAILED : DF_OK;
                                        } catch (...) {
                                          b->thrown = std::current_exception();
                                          return DF_FAILED;
                                        }
                                      });
    finish(box.is_enough ? DF_OK : status, box.thrown);
  }
  /// Run a stream of operations. `next(df_op&)` fills one and returns DF_OK, DF_NOT_FOUND (no more)
  /// or DF_AGAIN; `done(const df_op_result&)` gets each result once. Both on this thread.
  void batch(const std::function<df_status(df_op&)>& next,
             const std::function<void(const df_op_result&)>& done,
             std::uint32_t flags = 0) const {
    Box box{&next, &done, nullptr};
    df_batch b{};
    b.struct_size = sizeof b;
    b.flags = flags;
    b.user = &box;
    b.next = [](void* user, df_op* op) noexcept -> df_status {
      auto* x = static_cast<Box*>(user);
      if (x->thrown) {
        return DF_NOT_FOUND;
      }
      try {
        return (*x->next)(*op);
      } catch (...) {
        x->thrown = std::current_exception();
        return DF_NOT_FOUND;
      }
    };
    b.done = [](void* user, const df_op_result* r) noexcept {
      auto* x = static_cast<Box*>(user);
      try {
        (*x->done)(*r);
      } catch (...) {
        if (!x->thrown) {
          x->thrown = std::current_exception();
        }
      }
    };
    finish(t_->batch(x_.raw(), &b), box.thrown);
  }
  /// A batch of the caller's own, such as one with a sink. Returns what the table returned.
  [[nodiscard]] df_status raw_batch(const df_batch& batch) const {
    return t_->batch(x_.raw(), &batch);
  }
  /// The ETag that each of these artifacts would have in a store that follows S3's rules.
  [[nodiscard]] std::vector<std::string> etags(
      const std::vector<std::uint64_t>& artifact_ids) const {
    std::vector<df_str> lent(artifact_ids.size());
    require_ok(t_->etags(x_.raw(), artifact_ids.data(), artifact_ids.size(), lent.data()), "etags");
    std::vector<std::string> out;
    out.reserve(lent.size());
    for (const df_str& etag : lent) {
      out.emplace_back(sv(etag));
    }
    return out;
  }

  /// The website that the target's bucket is, in the words of `out`; its texts are valid until the
  /// callback returns. False if it is none. Throws Failure: DF_UNSUPPORTED if the store has no
  /// websites.
  [[nodiscard]] bool website(std::string_view target, df_website& out) const {
    out = {};
    out.struct_size = sizeof out;
    const df_status status =
        DF_HAS(t_, website) ? t_->website(x_.raw(), cs(target), &out) : DF_UNSUPPORTED;
    if (status != DF_NOT_FOUND) {
      finish(status, nullptr);
    }
    return status == DF_OK;
  }
  void set_website(std::string_view target, std::string_view index, std::string_view error) const {
    df_website site{};
    site.struct_size = sizeof site;
    site.index = cs(index);
    site.error_key = error.empty() ? df_str{} : cs(error);
    finish(DF_HAS(t_, set_website) ? t_->set_website(x_.raw(), cs(target), &site) : DF_UNSUPPORTED,
           nullptr);
  }
  /// DF_VERSIONS_*. Throws Failure if that cannot be found out; there is no finding.
  [[nodiscard]] std::int32_t versioning(std::string_view target) const {
    std::int32_t out = DF_VERSIONS_NEVER;
    finish(DF_HAS(t_, versioning) ? t_->versioning(x_.raw(), cs(target), &out) : DF_UNSUPPORTED,
           nullptr);
    return out;
  }

 private:
  template <class F>
  struct Thrower {
    F& f;
    std::exception_ptr thrown;
    bool is_enough;
  };
  template <class F>
  static bool wants_more(F& f, const df_object& object) {
    if constexpr (std::is_same_v<decltype(f(object)), bool>) {
      return f(object);
    } else {
      f(object);
      return true;
    }
  }
  struct Box {
    const std::function<df_status(df_op&)>* next;
    const std::function<void(const df_op_result&)>* done;
    std::exception_ptr thrown;
  };
  static void finish(df_status status, const std::exception_ptr& thrown) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
    if (status == DF_CANCELLED) {
      throw Cancelled{};
    }
    if (status != DF_OK) {
      throw Failure{status, ""};
    }
  }

  Ctx x_;
  const df_objectstore* t_;
};

inline Store Ctx::store() const {
  const auto* table = static_cast<const df_objectstore*>(h_->query(c_, DF_OBJECTSTORE));
  if (table == nullptr) {
    throw Failure{DF_UNSUPPORTED, "this host offers no object stores"};
  }
  return Store{*this, table};
}

}  // namespace v0
}  // namespace deployflow
