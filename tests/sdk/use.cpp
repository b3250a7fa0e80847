// Every member of stage.hpp that a stage can call, used once: a template that nobody instantiates
// compiles whatever is in it.
#include <deployflow/stage.hpp>

namespace {

struct PerFile {
  static constexpr auto name = "acme/per-file", version = "1.0.0", summary = "compiled only";
  static constexpr const char* options = nullptr;
  static constexpr std::uint32_t caps = DF_CAP_READS_CONTENT | DF_CAP_CHANGES_SET | DF_CAP_PARALLEL;
  void configure(deployflow::Ctx ctx, deployflow::Options with) {
    with.each<std::string>("list", [&](const std::string& text) { ctx.log(DF_DEBUG, text); });
    if (with.has("size") && with.get<std::uint64_t>("size") == 0) {
      ctx.error("acme/size", "nothing").at(with.pos("size")).hint("say more");
    }
    ratio = with.get_or<double>("ratio", 0.5);
    strict = with.get_or<bool>("strict", true);
  }
  void process(deployflow::Ctx ctx, const deployflow::Artifact& artifact) const {
    ctx.check();
    const std::string bytes = ctx.read(artifact, 100);
    ctx.warning("acme/seen", bytes + ctx.digest(artifact.id(), "sha256"))
        .on(artifact)
        .at(1, 2)
        .file("x");
    ctx.put_bytes("copy/" + std::string(artifact.key()), bytes, artifact.media_type());
    ctx.set_header(artifact.id(), "cache-control", "no-store");
    ctx.finding(
        DF_INFO, "acme/path", std::string(artifact.path()) + std::to_string(artifact.size()));
  }
  double ratio = 0;
  bool strict = false;
};

struct OverTheSet {
  static constexpr auto name = "acme/over-the-set", version = "1.0.0", summary = "compiled only";
  static constexpr const char* options = "{}";
  static constexpr std::uint32_t caps = DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;
  void configure(deployflow::Ctx, deployflow::Options) {}
  void run(deployflow::Ctx ctx, const deployflow::RunInfo& info) {
    const deployflow::Store store = ctx.store();
    const df_target_info target = store.target("production");
    store.list("production", "", [&](const df_object& object) {
      ctx.plan(DF_KEEP, "production", deployflow::sv(object.key), object.size, "same");
    });
    ctx.site_state("production", DF_SITE_CHANGING);
    store.batch([](df_op&) { return DF_NOT_FOUND; }, [](const df_op_result&) {});
    ctx.each("**/*.html", [&](const deployflow::Artifact& artifact) {
      ctx.log(DF_TRACE, store.etags({artifact.id()}).front());
    });
    ctx.progress(1, 2, 3, 4, "files");
    ctx.set_output("folder",
                   "\"" + ctx.temp_dir() + std::string(deployflow::sv(target.url)) + "\"");
    if (info.dry_run == 0) {
      throw deployflow::Failure{DF_IO, "for example"};
    }
  }
};

}  // namespace

DEPLOYFLOW_PLUGIN("acme", "1.0.0", "Apache-2.0", PerFile, OverTheSet)
