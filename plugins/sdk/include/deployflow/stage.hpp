// deployflow/stage.hpp - stages in C++17 or later, header-only, over stage.h. Nothing here crosses
// the ABI. Whoever writes a stage includes this file; ctx.hpp, store.hpp and web.hpp are parts of
// it.
//
// A stage is a class with a few static members and configure() plus either process() or run():
//
//   struct NoBigFiles {
//     static constexpr auto name = "acme/no-big-files", version = "1.0.0", summary = "...";
//     static constexpr auto options = R"({"type":"object","properties":{...}})";   // or nullptr
//     static constexpr std::uint32_t caps = DF_CAP_PARALLEL;
//     void configure(deployflow::Ctx, deployflow::Options);
//     void process(deployflow::Ctx, const deployflow::Artifact&) const;            // or run(Ctx,
//     RunInfo)
//   };
//   DEPLOYFLOW_PLUGIN("acme", "1.0.0", "Apache-2.0", NoBigFiles)
//
// Any exception that leaves a member function becomes a finding and a status: the wall is here,
// because an exception must not cross into the host (stage.h, ERRORS).

#pragma once

#include <deployflow/ctx.hpp>
#include <deployflow/store.hpp>
#include <deployflow/web.hpp>

namespace deployflow {
inline namespace v0 {

using RunInfo = df_run_info;

/// One table per stage type; every entry is a wall for exceptions.
template <class S>
struct Bind {
  struct Box {
    S stage;
    const df_host* host;
  };

  template <class F>
  static df_status wall(df_ctx* c, const df_host* h, F f) noexcept {
    const auto say = [&](df_status status, std::string_view message) {
      if (!message.empty()) {
        df_finding d{};
        d.struct_size = sizeof d;
        d.severity = DF_ERROR;
        d.code = cs(S::name);
        d.message = cs(message);
        h->finding(c, &d);
      }
      return status;
    };
    try {
      f(Ctx{c, h});
      return DF_OK;
    } catch (const Cancelled&) {
      return DF_CANCELLED;
    } catch (const Failure& e) {
      return say(e.status, e.what());
    } catch (const std::bad_alloc&) {
      return say(DF_INTERNAL, "out of memory");
    } catch (const std::exception& e) {
      return say(DF_FAILED, e.what());
    } catch (...) {
      return say(DF_INTERNAL, "unknown exception");
    }
  }

  static df_status create(df_ctx* c, const df_host* h, void** out) {
    return wall(c, h, [&](Ctx) { *out = std::make_unique<Box>(Box{S{}, h}).release(); });
  }
  static df_status configure(void* self, df_ctx* c, const df_value* options) {
    auto* box = static_cast<Box*>(self);
    return wall(c, box->host, [&](Ctx x) { box->stage.configure(x, Options{x, options}); });
  }
  static df_status process(void* self, df_ctx* c, const df_artifact* a) {
    auto* box = static_cast<Box*>(self);
    return wall(c, box->host, [&](Ctx x) {
      if constexpr (has_process<S>(0)) {
        box->stage.process(x, Artifact{a});
      }
    });
  }
  static df_status run(void* self, df_ctx* c, const df_run_info* info) {
    auto* box = static_cast<Box*>(self);
    return wall(c, box->host, [&](Ctx x) {
      if constexpr (!has_process<S>(0)) {
        box->stage.run(x, *info);
      }
    });
  }
  static void destroy(void* self) { delete static_cast<Box*>(self); }

  template <class T>
  static constexpr auto has_process(int) -> decltype(&T::process, true) {
    return true;
  }
  template <class T>
  static constexpr bool has_process(...) {
    return false;
  }

  static inline const df_stage table = {sizeof(df_stage),
                                        S::caps,
                                        S::name,
                                        S::version,
                                        S::summary,
                                        S::options,
                                        create,
                                        configure,
                                        has_process<S>(0) ? process : nullptr,
                                        has_process<S>(0) ? nullptr : run,
                                        destroy};
};

}  // namespace v0
}  // namespace deployflow

/// The plugin's one exported function. Once per plugin, at namespace scope.
#define DEPLOYFLOW_PLUGIN(NAME, VERSION, LICENSE, ...)                                  \
  template <class... S>                                                                 \
  static const df_plugin* df_plugin_of_() {                                             \
    static const df_stage* const stages[] = {&deployflow::Bind<S>::table...};           \
    static const df_plugin plugin = {                                                   \
        sizeof(df_plugin), DF_ABI_MINOR, NAME, VERSION, LICENSE, stages, sizeof...(S)}; \
    return &plugin;                                                                     \
  }                                                                                     \
  extern "C" DF_EXPORT const df_plugin* deployflow_stages_v0(void) {                    \
    return df_plugin_of_<__VA_ARGS__>();                                                \
  }
