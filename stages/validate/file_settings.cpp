#include "stages/validate/file_settings.hpp"

namespace deployflow::validate {

void SettingsChange::apply_to(Settings& settings) const {
  settings.max_file_bytes = max_file_bytes.value_or(settings.max_file_bytes);
  settings.max_html_bytes = max_html_bytes.value_or(settings.max_html_bytes);
  settings.max_total_bytes = max_total_bytes ? max_total_bytes : settings.max_total_bytes;
  settings.max_files = max_files ? max_files : settings.max_files;
  if (max_page_bytes) {
    settings.max_page_bytes = *max_page_bytes;
    settings.page.asked.emplace(rules::k_page_weight.code);
  }
  settings.page.max_findings = max_findings.value_or(settings.page.max_findings);
  settings.page.rules = rules.value_or(settings.page.rules);
  settings.is_strict = is_strict.value_or(settings.is_strict);
  for (const auto& [code, severity] : severities) {
    if (severity) {
      settings.page.severities.insert_or_assign(code, *severity);
      settings.page.ignored.erase(code);
    } else {
      settings.page.ignored.insert(code);
    }
  }
  settings.page.ignored.insert(ignored.begin(), ignored.end());
}

FileSettings::FileSettings(const Settings& all,
                           const std::vector<std::vector<const SettingsChange*>>& changes)
    : variants_{all} {
  std::map<std::vector<const SettingsChange*>, std::uint32_t> known{{{}, 0}};
  for (const std::vector<const SettingsChange*>& of_file : changes) {
    const auto [at, is_new] =
        known.try_emplace(of_file, static_cast<std::uint32_t>(variants_.size()));
    if (is_new) {
      Settings changed = all;
      for (const SettingsChange* change : of_file) {
        change->apply_to(changed);
      }
      variants_.push_back(std::move(changed));
    }
    which_.push_back(at->second);
  }
}

}  // namespace deployflow::validate
