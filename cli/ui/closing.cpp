#include "cli/ui/closing.hpp"

#include "cli/ui/finding_list.hpp"
#include "cli/ui/words.hpp"
#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string>

namespace deployflow::cli {
namespace {

using run::RunFinished;
using run::SiteState;
using run::TargetResult;

std::string state_text(const TargetResult& target) {
  switch (target.state) {
    case SiteState::unchanged:
      return "the live site is unchanged.";
    case SiteState::prepared:
      return target.stored > 0
                 ? fmt::format("{} uploaded. No page uses {} yet: the live site is unchanged.",
                               count_of(target.stored, "file"),
                               target.stored == 1 ? "it" : "them")
                 : "no page uses anything new yet: the live site is unchanged.";
    case SiteState::changing:
      return "the live site is partly new: pages already uploaded have all their files.";
    case SiteState::current:
      return "the new site is live and complete.";
  }
  return "";
}

std::string as_sentence(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text;
}

bool wrote_anything(const RunFinished& finished) {
  return std::any_of(finished.targets.begin(), finished.targets.end(), [](const TargetResult& t) {
    return t.state != SiteState::unchanged || t.stored > 0 || t.deleted > 0;
  });
}

// One sentence if it is true of all targets, else one for each.
std::vector<std::string> state_sentences(const RunFinished& finished) {
  if (finished.dry_run) {
    return {"Nothing was changed: this was a dry run."};
  }
  if (!wrote_anything(finished)) {
    return {finished.checks_failed ? "Nothing was uploaded; the live site is unchanged."
                                   : "The live site is unchanged."};
  }
  if (finished.targets.size() == 1) {
    return {as_sentence(state_text(finished.targets.front()))};
  }
  std::vector<std::string> sentences;
  for (const TargetResult& target : finished.targets) {
    sentences.push_back(fmt::format("{}: {}", printable(target.display), state_text(target)));
  }
  return sentences;
}

bool is_worth_repeating(const RunFinished& finished) {
  switch (finished.error.code) {
    case Errc::network:
    case Errc::remote:
    case Errc::cancelled:
    case Errc::conflict:
    case Errc::auth:
      return !finished.dry_run && wrote_anything(finished);
    default:
      return false;
  }
}

std::string failure_verb(const RunFinished& finished) {
  if (!finished.has_site && finished.checks_only) {
    return "Failed";
  }
  if (finished.checks_only) {
    return finished.checks_failed ? "Not valid" : "Not checked";
  }
  return live_site(finished) >= SiteState::changing ? "Not finished" : "Not released";
}

std::string failure_reason(const RunFinished& finished) {
  if (finished.checks_failed && (finished.errors > 0 || finished.too_many_warnings)) {
    return describe_findings(finished.errors, finished.warnings);
  }
  return finished.error.code == Errc::cancelled ? "interrupted" : "";
}

std::vector<Line> failure_lines(const RunFinished& finished, ErrorSaid said) {
  std::vector<Line> lines;
  // "interrupted" stands in the last line.
  const bool told = is_told_by_findings(finished) || finished.error.code == Errc::cancelled;
  if (said == ErrorSaid::no && !told) {
    lines = error_lines(finished.error);
  }
  std::string text = as_sentence(failure_reason(finished));
  std::vector<std::string> sentences =
      finished.checks_only ? std::vector<std::string>{} : state_sentences(finished);
  if (!sentences.empty()) {
    text += (text.empty() ? "" : ". ") + sentences.front();
    sentences.erase(sentences.begin());
  }
  lines.push_back(verb_line(Tone::bad, failure_verb(finished), text));
  for (std::string& sentence : sentences) {
    lines.push_back(verb_line(Tone::plain, "", std::move(sentence)));
  }
  if (is_worth_repeating(finished)) {
    lines.push_back(help_line("run the same command again; it sends only what is missing"));
  }
  return lines;
}

}  // namespace

bool is_told_by_findings(const RunFinished& finished) {
  switch (finished.error.code) {
    case Errc::plugin:
    case Errc::cancelled:
    case Errc::internal:
      return false;
    default:
      return finished.errors > 0;
  }
}

SiteState live_site(const RunFinished& finished) {
  if (finished.targets.empty() || finished.dry_run) {
    return SiteState::unchanged;
  }
  const auto [lowest, highest] = std::minmax_element(
      finished.targets.begin(), finished.targets.end(), [](const auto& a, const auto& b) {
        return a.state < b.state;
      });
  const bool mixed = highest->state == SiteState::current && lowest->state != SiteState::current;
  return mixed ? SiteState::changing : highest->state;
}

std::vector<Line> closing_lines(const RunFinished& finished, ErrorSaid said) {
  if (!finished.ok) {
    return failure_lines(finished, said);
  }
  if (!finished.has_site && finished.checks_only) {
    return {};
  }
  if (finished.checks_only) {
    return {verb_line(Tone::good, "Valid", describe_findings(finished.errors, finished.warnings))};
  }
  if (finished.dry_run) {
    return {verb_line(Tone::good, "Dry run", "nothing was changed")};
  }
  std::vector<Line> lines;
  for (const TargetResult& target : finished.targets) {
    // That of the result goes to standard output, and of one that no site was brought to (a lock
    // was removed there, or a preview) nobody asked.
    if (!target.url.empty() && target.url != finished.url && target.state != SiteState::unchanged) {
      lines.push_back(verb_line(Tone::good, "Served at", printable(target.url)));
    }
  }
  return lines;
}

}  // namespace deployflow::cli
