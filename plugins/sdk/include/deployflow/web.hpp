// Whether addresses of the web answer. A part of stage.hpp.

#pragma once

#include <deployflow/ctx.hpp>

namespace deployflow {
inline namespace v0 {

/// The web, as the host asks it. Needs DF_CAP_WEB.
class Web {
 public:
  Web(Ctx ctx, const df_web* table) : x_(ctx), t_(table) {}

  /// Run a stream of requests. `next(df_web_request&)` fills one and returns DF_OK, DF_NOT_FOUND
  /// (no more) or DF_AGAIN; `done(const df_web_result&)` gets each result once. Both on this
  /// thread. `limits`: its flags and numbers count, its callbacks are set here.
  void batch(const std::function<df_status(df_web_request&)>& next,
             const std::function<void(const df_web_result&)>& done,
             df_web_batch limits = {}) const {
    Box box{&next, &done, nullptr};
    limits.struct_size = sizeof limits;
    limits.user = &box;
    limits.next = [](void* user, df_web_request* request) noexcept -> df_status {
      auto* x = static_cast<Box*>(user);
      if (x->thrown) {
        return DF_NOT_FOUND;
      }
      try {
        return (*x->next)(*request);
      } catch (...) {
        x->thrown = std::current_exception();
        return DF_NOT_FOUND;
      }
    };
    limits.done = [](void* user, const df_web_result* result) noexcept {
      auto* x = static_cast<Box*>(user);
      try {
        (*x->done)(*result);
      } catch (...) {
        if (!x->thrown) {
          x->thrown = std::current_exception();
        }
      }
    };
    const df_status status = t_->batch(x_.raw(), &limits);
    if (box.thrown) {
      std::rethrow_exception(box.thrown);
    }
    require_ok(status, "batch of the web");
  }

 private:
  struct Box {
    const std::function<df_status(df_web_request&)>* next;
    const std::function<void(const df_web_result&)>* done;
    std::exception_ptr thrown;
  };

  Ctx x_;
  const df_web* t_;
};

inline Web Ctx::web() const {
  const auto* table = static_cast<const df_web*>(h_->query(c_, DF_WEB));
  if (table == nullptr) {
    throw Failure{DF_UNSUPPORTED, "this host asks nothing of the web"};
  }
  return Web{*this, table};
}

}  // namespace v0
}  // namespace deployflow
