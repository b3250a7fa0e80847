#include "stages/release/key_match.hpp"

#include <algorithm>

namespace deployflow::release {

void KeyMatch::read(const OptionValue& value, const Refuse& refuse) {
  if (value.is_list()) {
    value.each([&](std::string_view, const OptionValue& one) { read_pattern(one, refuse); });
  } else {
    read_pattern(value, refuse);
  }
}

// The schema has checked the rest: to it "!" is a character like others.
void KeyMatch::read_pattern(const OptionValue& value, const Refuse& refuse) {
  std::string_view pattern = value.text();
  const bool takes_away = !pattern.empty() && pattern.front() == '!';
  pattern.remove_prefix(takes_away ? 1 : 0);
  if (pattern.empty() || pattern.front() == '/') {
    refuse(value,
           "expected a pattern of keys, which never start with \"/\"",
           takes_away ? "such as !drafts/**" : "such as **/*.pdf");
    return;
  }
  (takes_away ? left : taken).emplace_back(pattern);
}

KeyChoice::KeyChoice(const KeyMatch& match) {
  for (const std::string& pattern : match.taken) {
    taken_.add(pattern);
  }
  for (const std::string& pattern : match.left) {
    left_.add(pattern);
  }
  if (match.taken.empty()) {
    taken_.add("**");
  }
}

void KeyChoice::look_at(std::string_view key) {
  taken_.look_at(key);
  left_.look_at(key);
}

void KeyChoice::Side::add(const std::string& pattern) {
  if (const auto found = PlainPattern::read(pattern)) {
    plain.push_back(*found);
  } else {
    others.push_back(pattern);
  }
}

void KeyChoice::Side::look_at(std::string_view key) {
  meant.push_back(std::any_of(
      plain.begin(), plain.end(), [&](const PlainPattern& one) { return one.matches(key); }));
}

}  // namespace deployflow::release
