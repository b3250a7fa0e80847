#include "plugins/host/store/presign.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/target_store.hpp"

#include <spdlog/fmt/fmt.h>

#include <future>

namespace deployflow::store {

Result<Link> presign_object(const TargetConfig& config,
                            const Environment& environment,
                            const PresignRequest& request) {
  ThreadPool pool(1);
  Engine engine({.stop = request.stop, .trace = {}}, pool);
  TRY_ASSIGN(const auto target, open_target(engine, config, environment, DryRun::yes));
  const auto found = submit_and_wait(target->store(), Head{request.key});
  if (!found.ok() && found.error().code == Errc::not_found && found.error().code_text.empty()) {
    return Error{
        Errc::not_found,
        fmt::format("{} holds no object {}", printable(config.display()), printable(request.key))};
  }
  if (!found.ok()) {
    return static_cast<const Error&>(found.error());
  }
  std::promise<Result<Link>> made;
  target->presign(
      request.key, request.ttl, [&](Result<Link> link) { made.set_value(std::move(link)); });
  return made.get_future().get();
}

}  // namespace deployflow::store
