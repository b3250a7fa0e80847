#include "stages/validate/validate.hpp"

#include "stages/validate/ask_web.hpp"
#include "stages/validate/baseline_file.hpp"
#include "stages/validate/external_options.hpp"
#include "stages/validate/external_rules.hpp"
#include "stages/validate/facts_cache.hpp"
#include "stages/validate/finding_limit.hpp"
#include "stages/validate/image_rules.hpp"
#include "stages/validate/inspector.hpp"
#include "stages/validate/link_rules.hpp"
#include "stages/validate/option_reader.hpp"
#include "stages/validate/site_facts.hpp"
#include "stages/validate/site_index.hpp"
#include "stages/validate/site_limits.hpp"
#include "stages/validate/text_pool.hpp"
#include "stages/validate/web_manifest.hpp"
#include "stages/validate/workers.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
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

void read_part(
    Ctx ctx, const SiteFile& file, std::uint64_t offset, std::size_t count, std::string& buffer) {
  ctx.check();
  buffer.resize(count);
  std::uint64_t got = 0;
  const df_status status = ctx.host()->read(ctx.raw(),
                                            file.id,
                                            offset,
                                            reinterpret_cast<std::uint8_t*>(buffer.data()),
                                            buffer.size(),
                                            &got);
  if (status == DF_CONFLICT) {
    throw Failure{status, std::string(file.key) + " changed while it was read"};
  }
  require_ok(status, "read");
  buffer.resize(static_cast<std::size_t>(got));
}

void read_file(Ctx ctx, const SiteFile& file, std::string& buffer) {
  read_part(ctx, file, 0, static_cast<std::size_t>(file.size), buffer);
}

// Reads parts of files, for one thread.
std::function<ReadPart(const SiteFile&)> part_reader(Ctx ctx) {
  return [ctx, buffer = std::make_shared<std::string>()](const SiteFile& file) -> ReadPart {
    return [ctx, &file, buffer](std::uint64_t offset, std::size_t count) -> std::string_view {
      read_part(ctx, file, offset, count, *buffer);
      return *buffer;
    };
  };
}

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string counted(std::uint64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

// What `overrides` make of the settings of each file.
FileSettings settings_for(Ctx ctx,
                          const std::vector<SiteFile>& files,
                          const Settings& settings,
                          const std::vector<Override>& overrides) {
  if (overrides.empty()) {
    return {settings};
  }
  std::vector<std::vector<const SettingsChange*>> changes(files.size());
  for (const Override& one : overrides) {
    for (const std::string& glob : one.globs) {
      ctx.each(glob, [&](const Artifact& a) {
        const auto file = std::ranges::lower_bound(files, a.key(), {}, &SiteFile::key);
        auto& of_file = changes[static_cast<std::size_t>(file - files.begin())];
        if (of_file.empty() || of_file.back() != &one.change) {  // two patterns may mean it
          of_file.push_back(&one.change);
        }
      });
    }
  }
  return {settings, changes};
}

bool is_ignored(const Finding& finding, const Settings& settings, RuleMask by_file) {
  return settings.page.ignored.contains(finding.code) ||
         (by_file.any() && (by_file & bit_of(finding.code)).any());
}

// As it is told: `strict` makes an error of a warning whose code has no severity of its own.
int level_of(const Finding& f, const Settings& settings) {
  const bool is_said = settings.page.severities.contains(f.code);
  const Severity severity = settings.is_strict && !is_said && f.severity == Severity::warning
                                ? Severity::error
                                : f.severity;
  return severity == Severity::info ? DF_INFO : severity == Severity::warning ? DF_WARN : DF_ERROR;
}

// With a secret in the file no report shows any of its lines: a private key is many lines long, and
// a script is often but one.
void tell(
    Ctx ctx, const SiteFile& file, const Finding& f, const Settings& settings, bool has_secret) {
  auto told = ctx.finding(level_of(f, settings), f.code, f.message);
  told.on(file.id).at(f.line, f.column).hint(f.hint);
  if (has_secret) {
    told.without_source();
  }
}

// Finds the facts of all files: from the cache, or by reading them.
class Reading {
 public:
  Reading(Ctx ctx, const std::vector<SiteFile>& files, const FileSettings& settings)
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
      if (is_read(files_[i], settings_.of(i))) {
        wanted.push_back(files_[i].id);
        which.push_back(i);
      }
    }
    const std::vector<std::string> digests = ctx_.digests(wanted, "sha256");
    for (std::size_t i = 0; i < which.size(); ++i) {
      const SiteFile& file = files_[which[i]];
      const Settings& settings = settings_.of(which[i]);
      const bool is_common = &settings == &settings_.common();
      ids_[which[i]] =
          id_of(file.key, file.media_type, digests[i], is_common ? 0 : stamp_of(settings));
    }
    cache_.emplace(folder, site, settings_.common());
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
      auto inspector =
          std::make_shared<Inspector>([ctx = ctx_](const SiteFile& file, std::string& buffer) {
            read_file(ctx, file, buffer);
          });
      return [&, inspector = std::move(inspector)](std::size_t i) {
        ctx_.check();
        facts_.set(unknown[i], inspector->inspect(files_[unknown[i]], settings_.of(unknown[i])));
        ctx_.progress(++done, files_.size(), 0, 0, "files");
      };
    });
  }

  Ctx ctx_;
  const std::vector<SiteFile>& files_;
  const FileSettings& settings_;
  std::optional<FactsCache> cache_;
  const StoredFacts* stored_ = nullptr;  // the cache's
  SiteFacts facts_;
  std::vector<std::optional<FileId>> ids_;  // of files that are read
};

}  // namespace

void Validate::configure(Ctx ctx, const Options& given) {
  OptionReader reader(ctx);
  reader.read_change(given).apply_to(settings_);
  overrides_ = reader.read_overrides(given);
  read_address(ctx, given);
  settings_.external = read_external(ctx, given);
  read_baseline(ctx, given);
  if (!reader.is_good()) {
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
  if (std::optional<Finding> finding = report.no_network;
      finding && !settings_.page.ignored.contains(finding->code)) {
    finding->severity = settings_.page.severity_of(finding->code, finding->severity);
    ctx.finding(level_of(*finding, settings_), finding->code, finding->message).hint(finding->hint);
  }
  return judge_external(index, links, report.answers, settings_.external);
}

void Validate::read_baseline(Ctx ctx, const Options& given) {
  const bool records = purpose_ == Purpose::record;
  const auto refuse = [&](const std::string& message, const std::string& hint) {
    ctx.error("validate", "baseline: " + message).at(given.pos("baseline")).hint(hint);
    throw Failure{DF_BAD_OPTIONS, ""};
  };
  if (!given.has("baseline")) {
    if (records) {
      refuse("no file is named", "name one: `baseline: known-findings.txt`, or --baseline FILE");
    }
    return;
  }
  baseline_path_ = given.get<std::string>("baseline");
  settings_.page.keeps_all = true;
  const std::string shown = file_name(baseline_path_);
  const FileText file = read_baseline_file(baseline_path_);
  if (!file.why_not.empty()) {
    refuse("cannot read " + shown + ": " + file.why_not, "");
  }
  if (!file.text && !records) {
    refuse("there is no file " + shown, "`deployflow validate --update-baseline` writes it");
  }
  if (!file.text) {
    return;
  }
  ParsedBaseline parsed = parse_baseline(*file.text);
  if (records && !is_baseline(*file.text)) {
    refuse(shown + " is something else, and is not written over", "name another file");
  }
  if (parsed.mistake && !records) {
    refuse(shown + ":" + std::to_string(parsed.mistake->line) + ": " + parsed.mistake->message,
           parsed.mistake->hint);
  }
  known_ = std::move(parsed.known);
}

void Validate::run(Ctx ctx, const RunInfo& info) {
  settings_.scope = info.site_is_file != 0 ? Scope::part : Scope::site;
  if (purpose_ == Purpose::record && settings_.scope == Scope::part) {
    throw Failure{DF_BAD_OPTIONS, "a baseline is that of a whole site, and this is one file"};
  }
  const SiteFiles site(ctx);
  const std::vector<SiteFile>& files = site.all();
  const FileSettings settings = settings_for(ctx, files, settings_, overrides_);
  Reading reading(ctx, files, settings);
  SiteFacts& facts = reading.run(site.root());
  forget_unlinked_manifests(files, facts);
  Baseline baseline(known_);
  IsKnown is_known;
  if (!baseline_path_.empty()) {
    is_known = [&](std::string_view code, std::string_view key, std::string_view text) {
      return baseline.take(code, key, text) || purpose_ == Purpose::record;
    };
  }
  const SiteIndex index = index_of(files, facts);
  std::vector<FileFinding> of_site = check_links(
      index,
      facts,
      settings,
      [&, buffer = std::string()](std::size_t file, HashAlgorithm algorithm) mutable {
        read_file(ctx, files[file], buffer);
        return digest_of(algorithm, buffer);
      },
      ask_outside(ctx, index, facts, info.started_s),
      is_known);
  std::ranges::move(check_site_size(files, settings, is_known), std::back_inserter(of_site));
  std::ranges::move(check_images(
                        index, facts, settings, [ctx] { return part_reader(ctx); }, is_known),
                    std::back_inserter(of_site));
  std::ranges::move(check_page_weights(index, facts, settings, is_known),
                    std::back_inserter(of_site));
  std::ranges::stable_sort(of_site, {}, &FileFinding::file);

  auto next_of_site = of_site.begin();
  for (std::size_t i = 0; i < files.size(); ++i) {
    ctx.check();
    const Settings& of_file = settings.of(i);
    std::vector<Finding> findings = unpack_findings(facts[i].findings);
    // Also one that is known or ignored: the line of another finding may show it.
    const bool has_secret = std::ranges::any_of(
        findings, [](const Finding& f) { return f.code == rules::k_secret.code; });
    std::erase_if(findings,
                  [&](const Finding& f) { return is_ignored(f, of_file, facts[i].ignored); });
    for (Finding& f : findings) {
      f.severity = of_file.page.severity_of(f.code, f.severity);
    }
    if (is_known) {
      std::erase_if(findings, [&](const Finding& f) {
        return is_known(f.code, files[i].key, stable_text(f.code, f.message));
      });
      keep_few(findings, of_file.page.max_findings, rules::k_more, "in this page");
    }
    for (; next_of_site != of_site.end() && next_of_site->file == i; ++next_of_site) {
      if (!is_ignored(next_of_site->finding, of_file, facts[i].ignored)) {
        findings.push_back(next_of_site->finding);
      }
    }
    // What counts the rest stays behind the others.
    const auto place = [](const Finding& f) {
      const bool is_count = f.code == rules::k_more.code || f.code == rules::k_link_more.code;
      return std::tuple(is_count, f.line, f.column);
    };
    std::ranges::stable_sort(findings, {}, place);
    for (const Finding& finding : findings) {
      tell(ctx, files[i], finding, of_file, has_secret);
    }
  }
  if (purpose_ == Purpose::record) {
    record(ctx, info, baseline);
  } else if (!baseline_path_.empty()) {
    tell_baseline(ctx, baseline);
  }
}

void Validate::tell_baseline(Ctx ctx, const Baseline& baseline) const {
  const auto count =
      [&](const Rule& rule, std::uint64_t number, const char* what, const char* hint) {
        if (number > 0 && !settings_.page.ignored.contains(rule.code)) {
          ctx.finding(DF_INFO, rule.code, counted(number, "known finding") + what)
              .file(baseline_path_)
              .hint(hint);
        }
      };
  count(rules::k_baseline_known, baseline.expected_count(), " left out", "");
  if (settings_.scope == Scope::site) {
    count(rules::k_baseline_gone,
          baseline.gone_count(),
          " did not occur",
          "`deployflow validate --update-baseline` takes what is mended off the list");
  }
}

void Validate::record(Ctx ctx, const RunInfo& info, const Baseline& baseline) const {
  const std::string shown = file_name(baseline_path_);
  if (info.dry_run == 0) {
    const std::string why_not =
        replace_baseline_file(baseline_path_, write_baseline(baseline.seen()));
    if (!why_not.empty()) {
      throw Failure{DF_IO, "cannot write " + shown + ": " + why_not};
    }
  }
  std::uint64_t all = 0;
  for (const auto& [finding, count] : baseline.seen()) {
    all += count;
  }
  const std::uint64_t fresh = all - baseline.expected_count();
  ctx.answer(shown + ": " + counted(all, "known finding") + ", " + std::to_string(fresh) +
             " new and " + std::to_string(baseline.gone_count()) + " gone since the last time");
}

}  // namespace deployflow::validate
