#include "stages/validate/validate.hpp"

#include "stages/validate/ask_web.hpp"
#include "stages/validate/external_options.hpp"
#include "stages/validate/external_rules.hpp"
#include "stages/validate/facts_cache.hpp"
#include "stages/validate/inspector.hpp"
#include "stages/validate/link_rules.hpp"
#include "stages/validate/site_facts.hpp"
#include "stages/validate/site_index.hpp"
#include "stages/validate/text_pool.hpp"
#include "stages/validate/web_manifest.hpp"
#include "stages/validate/workers.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
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
    ctx.each("", [&, this](const Artifact& a) {
      if (files_.empty() && a.path().ends_with(a.key())) {
        root_ = a.path().substr(0, a.path().size() - a.key().size());
      }
      files_.push_back({.id = a.id(),
                        .size = a.size(),
                        .key = texts_.keep(a.key()),
                        .media_type = known_type(a.media_type()),
                        .redirect = a.size() == 0 ? redirect_of(ctx, a.id()) : ""});
    });
    std::ranges::sort(files_, {}, &SiteFile::key);
  }

  [[nodiscard]] const std::vector<SiteFile>& all() const { return files_; }
  /// Its folder on disk, as far as the first file tells.
  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  std::string_view known_type(std::string_view type) {
    const auto known = std::ranges::find(types_, type);
    return known != types_.end() ? *known : types_.emplace_back(texts_.keep(type));
  }

  // As the stage `shape` stores a redirect: an empty object with a header.
  std::string_view redirect_of(Ctx ctx, std::uint64_t id) {
    std::string_view target;
    ctx.each_header(id, [&](std::string_view name, std::string_view value) {
      if (name == "x-amz-website-redirect-location") {
        target = texts_.keep(value);
      }
    });
    return target;
  }

  std::string root_;
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

// Finds the facts of all files: from the cache, or by reading them.
class Reading {
 public:
  Reading(Ctx ctx, const std::vector<SiteFile>& files, const Settings& settings)
      : ctx_(ctx), files_(files), settings_(settings), facts_(files.size()), ids_(files.size()) {}

  SiteFacts& run(std::string_view site) {
    open_cache(site);
    std::vector<std::size_t> unknown;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const PackedFacts* known = ids_[i] ? stored_->find(*ids_[i]) : nullptr;
      if (known != nullptr) {
        facts_.set(i, *known);
      } else {
        unknown.push_back(i);
      }
    }
    read(unknown);
    if (cache_ && is_outdated(unknown)) {
      cache_->save(facts_, ids_);
      cache_->trim();
    }
    return facts_;
  }

 private:
  void open_cache(std::string_view site) {
    const std::string folder = ctx_.cache_dir();
    if (folder.empty()) {
      return;
    }
    std::vector<std::uint64_t> wanted;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (is_read(files_[i], settings_)) {
        wanted.push_back(files_[i].id);
        which.push_back(i);
      }
    }
    const std::vector<std::string> digests = ctx_.digests(wanted, "sha256");
    for (std::size_t i = 0; i < which.size(); ++i) {
      const SiteFile& file = files_[which[i]];
      ids_[which[i]] = id_of(file.key, file.media_type, digests[i]);
    }
    cache_.emplace(folder, site, settings_);
    stored_ = &cache_->load();
    facts_.adopt(stored_->texts);
  }

  // All of the cache is written or nothing, which takes longer than to read a few files once more.
  [[nodiscard]] bool is_outdated(const std::vector<std::size_t>& unknown) const {
    constexpr std::uint64_t k_few = 64;  // one part in so many
    std::uint64_t bytes = 0, files = 0, new_bytes = 0, new_files = 0;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      files += ids_[i] ? 1U : 0U;
      bytes += ids_[i] ? files_[i].size : 0U;
    }
    for (const std::size_t i : unknown) {
      new_files += ids_[i] ? 1U : 0U;
      new_bytes += ids_[i] ? files_[i].size : 0U;
    }
    const std::uint64_t gone = stored_->files.size() - (files - new_files);
    return new_bytes * k_few > bytes || gone * k_few > stored_->files.size();
  }

  void read(const std::vector<std::size_t>& unknown) {
    std::atomic<std::uint64_t> done{files_.size() - unknown.size()};
    work_on_all(unknown.size(), [&]() -> Work {
      auto inspector = std::make_shared<Inspector>(
          settings_, [ctx = ctx_](const SiteFile& file, std::string& buffer) {
            read_file(ctx, file, buffer);
          });
      return [&, inspector = std::move(inspector)](std::size_t i) {
        ctx_.check();
        facts_.set(unknown[i], inspector->inspect(files_[unknown[i]]));
        ctx_.progress(++done, files_.size(), 0, 0, "files");
      };
    });
  }

  Ctx ctx_;
  const std::vector<SiteFile>& files_;
  const Settings& settings_;
  std::optional<FactsCache> cache_;
  const StoredFacts* stored_ = nullptr;  // the cache's
  SiteFacts facts_;
  std::vector<std::optional<FileId>> ids_;  // of files that are read
};

}  // namespace

void Validate::configure(Ctx ctx, const Options& given) {
  settings_.max_file_bytes = given.get<std::uint64_t>("max_file_size");
  settings_.max_html_bytes = given.get<std::uint64_t>("max_html_size");
  settings_.page.max_findings = given.get<std::size_t>("max_findings_per_file");
  is_strict_ = given.get<bool>("strict");
  const auto rules = given.get<std::string>("rules");
  settings_.page.rules = rules == "strict"        ? RuleSet::strict
                         : rules == "recommended" ? RuleSet::recommended
                                                  : RuleSet::essential;
  read_address(ctx, given);
  settings_.external = read_external(ctx, given);
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
  settings_.page.is_https = address->scheme == "https";
  settings_.address = std::move(*address);
  has_address_ = true;
}

std::vector<FileFinding> Validate::ask_outside(Ctx ctx,
                                               const SiteIndex& index,
                                               const SiteFacts& facts,
                                               std::int64_t now_s) const {
  if (!settings_.external.is_on) {
    return {};
  }
  const std::vector<ExternalLink> links = find_external(facts, settings_.external);
  const WebReport report = ask_web(ctx, links, settings_.external, now_s);
  if (const auto& finding = report.no_network;
      finding && !settings_.page.ignored.contains(finding->code)) {
    ctx.finding(is_strict_ ? DF_ERROR : DF_WARN, finding->code, finding->message)
        .hint(finding->hint);
  }
  return judge_external(index, links, report.answers, settings_.external);
}

void Validate::run(Ctx ctx, const RunInfo& info) {
  settings_.scope = info.site_is_file != 0 ? Scope::part : Scope::site;
  const SiteFiles site(ctx);
  const std::vector<SiteFile>& files = site.all();
  Reading reading(ctx, files, settings_);
  SiteFacts& facts = reading.run(site.root());
  forget_unlinked_manifests(files, facts);
  const SiteIndex index = index_of(files, facts);
  const std::vector<FileFinding> of_links = check_links(
      index,
      facts,
      settings_,
      [&, buffer = std::string()](std::size_t file, HashAlgorithm algorithm) mutable {
        read_file(ctx, files[file], buffer);
        return digest_of(algorithm, buffer);
      },
      ask_outside(ctx, index, facts, info.started_s));

  // With a secret in the file no report shows any of its lines: a private key is many lines long,
  // and a script is often but one.
  const auto tell = [&](const SiteFile& file, RuleMask ignored, bool has_secret, const Finding& f) {
    if (settings_.page.ignored.contains(f.code) ||
        (ignored != 0 && (ignored & bit_of(f.code)) != 0)) {
      return;
    }
    const std::int32_t severity = f.severity == Severity::info                  ? DF_INFO
                                  : is_strict_ || f.severity == Severity::error ? DF_ERROR
                                                                                : DF_WARN;
    auto told = ctx.finding(severity, f.code, f.message);
    told.on(file.id).at(f.line, f.column).hint(f.hint);
    if (has_secret) {
      told.without_source();
    }
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
    const bool has_secret = std::ranges::any_of(
        findings, [](const Finding& f) { return f.code == rules::k_secret.code; });
    for (const Finding& finding : findings) {
      tell(files[i], facts[i].ignored, has_secret, finding);
    }
  }
}

}  // namespace deployflow::validate
