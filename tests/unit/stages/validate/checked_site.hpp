// A site in memory, checked as the stage does it.

#pragma once

#include "stages/validate/external_rules.hpp"
#include "stages/validate/inspector.hpp"
#include "stages/validate/link_rules.hpp"
#include "stages/validate/web_manifest.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {

class CheckedSite {
 public:
  /// Key to content; the media type is made from the key.
  explicit CheckedSite(std::map<std::string, std::string> contents, Settings settings = {})
      : contents_(std::move(contents)), settings_(std::move(settings)) {
    for (const auto& [key, content] : contents_) {
      files_.push_back({.id = files_.size() + 1,
                        .size = content.size(),
                        .key = key,
                        .media_type = type_of(key)});
    }
  }

  [[nodiscard]] const std::vector<SiteFile>& files() const { return files_; }

  [[nodiscard]] FileFacts facts_of(std::string_view key) const {
    const auto file = std::ranges::find(files_, key, &SiteFile::key);
    return inspector().inspect(*file, settings_);
  }

  /// "a.html:3:5 link/missing message", in order; what is told for information only if asked for.
  [[nodiscard]] std::vector<std::string> findings(Severity least = Severity::warning,
                                                  const IsKnown& is_known = {}) const {
    SiteFacts facts(files_.size());
    std::vector<std::string> out;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      facts.set(i, inspector().inspect(files_[i], settings_));
    }
    forget_unlinked_manifests(files_, facts);
    for (std::size_t i = 0; i < files_.size(); ++i) {
      for (const Finding& f : unpack_findings(facts[i].findings)) {
        if (f.code.starts_with("link/") || f.code.starts_with("manifest/") ||
            f.code == "security/integrity") {
          out.push_back(line(i, f));
        }
      }
    }
    const SiteIndex index = index_of(files_, facts);
    for (const FileFinding& f : check_links(index, facts, settings_, digest(), {}, is_known)) {
      if (f.finding.severity >= least) {
        out.push_back(line(f.file, f.finding));
      }
    }
    return out;
  }

  /// What is said about links out of the site when the web answers so; of other addresses it says
  /// nothing.
  [[nodiscard]] std::vector<FileFinding> of_the_web(
      const std::map<std::string, WebAnswer, std::less<>>& web) const {
    SiteFacts facts(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      facts.set(i, inspector().inspect(files_[i], settings_));
    }
    const std::vector<ExternalLink> links = find_external(facts, settings_.external);
    std::vector<std::optional<WebAnswer>> answers;
    for (const ExternalLink& link : links) {
      const auto known = web.find(link.url);
      answers.push_back(known != web.end() ? std::optional(known->second) : std::nullopt);
    }
    return judge_external(index_of(files_, facts), links, answers, settings_.external);
  }

  /// Those about links, as they are told.
  [[nodiscard]] std::vector<FileFinding> links(const FileSettings& settings) const {
    SiteFacts facts(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      facts.set(i, inspector().inspect(files_[i], settings.of(i)));
    }
    return check_links(index_of(files_, facts), facts, settings, digest());
  }

  /// Of those about links, the first that is a mistake.
  [[nodiscard]] Finding first_finding() const {
    SiteFacts facts(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      facts.set(i, inspector().inspect(files_[i], settings_));
    }
    forget_unlinked_manifests(files_, facts);
    for (const FileFinding& f : check_links(index_of(files_, facts), facts, settings_, digest())) {
      if (f.finding.severity > Severity::info) {
        return f.finding;
      }
    }
    return {};
  }

 private:
  [[nodiscard]] Inspector inspector() const {
    return Inspector([this](const SiteFile& file, std::string& buffer) {
      buffer = contents_.at(std::string(file.key)).substr(0, file.size);
    });
  }

  [[nodiscard]] DigestOfFile digest() const {
    return [this](std::size_t file, HashAlgorithm algorithm) {
      return digest_of(algorithm, contents_.at(std::string(files_[file].key)));
    };
  }

  [[nodiscard]] std::string line(std::size_t file, const Finding& f) const {
    return std::string(files_[file].key) + ":" + std::to_string(f.line) + ":" +
           std::to_string(f.column) + " " + std::string(f.code) + " " + f.message;
  }

  static std::string_view type_of(std::string_view key) {
    return key.ends_with(".html") ||
                   (key.find('.') == std::string_view::npos && key != "_redirects")
               ? "text/html; charset=utf-8"
           : key.ends_with(".css")         ? "text/css; charset=utf-8"
           : key.ends_with(".xml")         ? "application/xml; charset=utf-8"
           : key.ends_with(".webmanifest") ? "application/manifest+json; charset=utf-8"
           : key.ends_with(".js")          ? "text/javascript; charset=utf-8"
           : key.ends_with(".json")        ? "application/json; charset=utf-8"
                                           : "application/octet-stream";
  }

  std::map<std::string, std::string> contents_;
  Settings settings_;
  std::vector<SiteFile> files_;
};

/// A page without mistakes around `body`, which begins at 2:1.
inline std::string page(const std::string& body, const std::string& head = "") {
  return "<!DOCTYPE html><html lang=en><head><title>t</title>" + head + "</head><body>\n" + body +
         "\n</body></html>\n";
}

}  // namespace deployflow::validate
