#include "stages/validate/validate.hpp"

#include "stages/validate/inspector.hpp"
#include "stages/validate/link_rules.hpp"
#include "stages/validate/site_facts.hpp"
#include "stages/validate/site_index.hpp"
#include "stages/validate/text_pool.hpp"
#include "stages/validate/workers.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace deployflow::validate {
namespace {

// The files of the site in order of key, which is the order in which findings are told.
class SiteFiles {
 public:
  explicit SiteFiles(Ctx ctx) {
    ctx.each("", [this](const Artifact& a) {
      files_.push_back({.id = a.id(),
                        .size = a.size(),
                        .key = texts_.keep(a.key()),
                        .media_type = known_type(a.media_type())});
    });
    std::ranges::sort(files_, {}, &SiteFile::key);
  }

  [[nodiscard]] const std::vector<SiteFile>& all() const { return files_; }

 private:
  std::string_view known_type(std::string_view type) {
    const auto known = std::ranges::find(types_, type);
    return known != types_.end() ? *known : types_.emplace_back(texts_.keep(type));
  }

  TextPool texts_;
  std::vector<SiteFile> files_;
  std::vector<std::string_view> types_;  // a handful
};

void read_file(Ctx ctx, const SiteFile& file, std::string& buffer) {
  ctx.check();
  buffer.resize(static_cast<std::size_t>(file.size));
  std::uint64_t got = 0;
  const df_status status = ctx.host()->read(
      ctx.raw(), file.id, 0, reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size(), &got);
  if (status == DF_CONFLICT) {
    throw Failure{status, std::string(file.key) + " changed while it was read"};
  }
  require_ok(status, "read");
  buffer.resize(static_cast<std::size_t>(got));
}

void read_all(Ctx ctx,
              const std::vector<SiteFile>& files,
              const Settings& settings,
              SiteFacts& facts) {
  std::atomic<std::uint64_t> done{0};
  work_on_all(files.size(), [&]() -> Work {
    const auto read = [ctx](const SiteFile& file, std::string& buffer) {
      read_file(ctx, file, buffer);
    };
    return [&, inspector = std::make_shared<Inspector>(settings, read)](std::size_t i) {
      ctx.check();
      facts.set(i, inspector->inspect(files[i]));
      ctx.progress(++done, files.size(), 0, 0, "files");
    };
  });
}

}  // namespace

void Validate::configure(Ctx ctx, const Options& given) {
  settings_.max_file_bytes = given.get<std::uint64_t>("max_file_size");
  settings_.max_html_bytes = given.get<std::uint64_t>("max_html_size");
  settings_.page.max_findings = given.get<std::size_t>("max_findings_per_file");
  is_strict_ = given.get<bool>("strict");
  read_address(ctx, given);
  bool all_known = true;
  given.each<std::string>("ignore", [&](std::string code) {
    if (!is_rule(code)) {
      ctx.error("validate", "ignore: there is no code " + code)
          .at(given.pos("ignore"))
          .hint("the reference of validate lists all codes");
      all_known = false;
    }
    settings_.page.ignored.insert(std::move(code));
  });
  if (!all_known) {
    throw Failure{DF_BAD_OPTIONS, ""};
  }
}

void Validate::read_address(Ctx ctx, const Options& given) {
  if (!given.has("url")) {
    return;
  }
  auto address = parse_site_address(given.get<std::string>("url"));
  if (!address) {
    ctx.error("validate", "url: this is no URL of a site")
        .at(given.pos("url"))
        .hint("such as https://www.example.com/docs/");
    throw Failure{DF_BAD_OPTIONS, ""};
  }
  settings_.address = std::move(*address);
  has_address_ = true;
}

void Validate::run(Ctx ctx, const RunInfo& /*info*/) {
  const SiteFiles site(ctx);
  const std::vector<SiteFile>& files = site.all();
  SiteFacts facts(files.size());
  read_all(ctx, files, settings_, facts);
  const SiteIndex index(files);
  const std::vector<FileFinding> of_links = check_links(index, facts, settings_);

  const auto tell = [&](const SiteFile& file, const Finding& f) {
    if (settings_.page.ignored.contains(f.code)) {
      return;
    }
    const std::int32_t severity = f.severity == Severity::info                  ? DF_INFO
                                  : is_strict_ || f.severity == Severity::error ? DF_ERROR
                                                                                : DF_WARN;
    ctx.finding(severity, f.code, f.message).on(file.id).at(f.line, f.column).hint(f.hint);
  };
  auto next_link = of_links.begin();
  for (std::size_t i = 0; i < files.size(); ++i) {
    ctx.check();
    std::vector<Finding> findings = unpack_findings(facts[i].findings);
    for (; next_link != of_links.end() && next_link->file == i; ++next_link) {
      findings.push_back(next_link->finding);
    }
    // What counts the rest stays behind the others.
    const auto place = [](const Finding& f) {
      const bool is_count = f.code == rules::k_more.code || f.code == rules::k_link_more.code;
      return std::tuple(is_count, f.line, f.column);
    };
    std::ranges::stable_sort(findings, {}, place);
    for (const Finding& finding : findings) {
      tell(files[i], finding);
    }
  }
}

}  // namespace deployflow::validate
