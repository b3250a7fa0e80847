#include "plugins/host/store/credentials/profile_file.hpp"

#include "plugins/host/store/ascii.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::string_view k_blanks = " \t";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_comment_sign(char c) {
  return c == '#' || c == ';';
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(k_blanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
}

bool is_name(std::string_view name) {
  static constexpr std::string_view k_marks = "-/.%@_:+";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter_or_digit(c) || k_marks.find(c) != std::string_view::npos;
  });
}

// In a definition a comment needs a blank before it: "name = a#b" is a value, "name = a #b" is not.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (is_comment_sign(line[i]) && is_blank(line[i - 1])) {
      return line.substr(0, i);
    }
  }
  return line;
}

enum class SectionKind : std::uint8_t { profile, sso_session, services, ignored };

struct SectionName {
  SectionKind kind = SectionKind::ignored;
  std::string_view name;
  bool prefixed = false;  // [profile x] rather than [x]
};

SectionName read_name(std::string_view inside, ProfileFileKind file) {
  inside = trim(inside);
  if (file == ProfileFileKind::credentials) {
    return is_name(inside) ? SectionName{SectionKind::profile, inside} : SectionName{};
  }
  if (inside == "default") {
    return {SectionKind::profile, inside};
  }
  const std::size_t gap = inside.find_first_of(k_blanks);
  if (gap == std::string_view::npos) {
    return {};
  }
  const std::string_view kind = inside.substr(0, gap);
  const std::string_view name = trim(inside.substr(gap));
  if (!is_name(name)) {
    return {};
  }
  if (kind == "profile") {
    return {SectionKind::profile, name, true};
  }
  if (kind == "sso-session") {
    return {SectionKind::sso_session, name};
  }
  return {kind == "services" ? SectionKind::services : SectionKind::ignored, name};
}

class Parser {
 public:
  explicit Parser(ProfileFileKind kind) : kind_(kind) {}

  Result<ProfileFile> parse(std::string_view text) {
    constexpr std::string_view k_bom = "\xEF\xBB\xBF";
    if (text.starts_with(k_bom)) {
      text.remove_prefix(k_bom.size());
    }
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++line_;
      if (line.ends_with('\r')) {
        line.remove_suffix(1);
      }
      TRY(take_line(line));
    }
    // SDKs agree that [profile default] hides [default], wherever it stands.
    if (!prefixed_default_.empty() || saw_prefixed_default_) {
      out_.profiles["default"] = std::move(prefixed_default_);
    }
    return std::move(out_);
  }

 private:
  Result<void> take_line(std::string_view line) {
    if (trim(line).empty() || is_comment_sign(line.front())) {
      return {};
    }
    if (line.front() == '[') {
      return take_section(line);
    }
    return is_blank(line.front()) ? take_continuation(trim(line)) : take_property(line);
  }

  Result<void> take_section(std::string_view line) {
    const std::size_t comment = line.find_first_of("#;");
    line = trim(line.substr(0, comment));
    if (!line.ends_with(']')) {
      return wrong("profile definition must end with ']'");
    }
    property_ = nullptr;
    can_continue_ = false;
    in_section_ = true;
    section_ = nullptr;
    const SectionName found = read_name(line.substr(1, line.size() - 2), kind_);
    switch (found.kind) {
      case SectionKind::profile:
        if (found.prefixed && found.name == "default") {
          saw_prefixed_default_ = true;
          section_ = &prefixed_default_;
        } else {
          section_ = &out_.profiles[std::string(found.name)];
        }
        break;
      case SectionKind::sso_session:
        section_ = &out_.sso_sessions[std::string(found.name)];
        break;
      case SectionKind::services:
        section_ = &out_.services[std::string(found.name)];
        break;
      case SectionKind::ignored:
        break;
    }
    return {};
  }

  Result<void> take_property(std::string_view line) {
    if (!in_section_) {
      return wrong("expected a profile definition");
    }
    line = trim(without_comment(line));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      return wrong("expected an '=' sign defining a property");
    }
    const std::string_view name = trim(line.substr(0, equals));
    const std::string_view value = trim(line.substr(equals + 1));
    if (name.empty()) {
      return wrong("property did not have a name");
    }
    can_continue_ = true;
    has_nested_ = value.empty();
    property_ = nullptr;
    if (section_ != nullptr && is_name(name)) {
      property_ = &(*section_)[to_lower(name)];
      *property_ = value;
    }
    return {};
  }

  // No comments here: "a # b" continues the value with all of it.
  Result<void> take_continuation(std::string_view line) {
    if (!in_section_) {
      return wrong("expected a profile definition, found continuation");
    }
    if (!can_continue_) {
      return wrong("expected a property definition, found continuation");
    }
    if (has_nested_) {
      const std::size_t equals = line.find('=');
      if (equals == std::string_view::npos) {
        return wrong("expected an '=' sign defining a sub-property");
      }
      if (trim(line.substr(0, equals)).empty()) {
        return wrong("sub-property did not have a name");
      }
    }
    if (property_ != nullptr) {
      property_->append(1, '\n').append(line);
    }
    return {};
  }

  [[nodiscard]] Error wrong(std::string_view what) const {
    return {Errc::auth, fmt::format("line {}: {}", line_, what)};
  }

  ProfileFileKind kind_;
  ProfileFile out_;
  Properties prefixed_default_;
  bool saw_prefixed_default_ = false;
  std::size_t line_ = 0;
  bool in_section_ = false;
  Properties* section_ = nullptr;    // null in a section that is left out
  bool can_continue_ = false;        // the last definition was a property
  bool has_nested_ = false;          // ... with an empty value
  std::string* property_ = nullptr;  // null if it is left out; map nodes do not move
};

void add_sections(Sections& into, const Sections& from) {
  for (const auto& [name, properties] : from) {
    for (const auto& [key, value] : properties) {
      into[name][key] = value;
    }
    into.try_emplace(name);
  }
}

}  // namespace

Result<ProfileFile> parse_profile_file(std::string_view text, ProfileFileKind kind) {
  return Parser(kind).parse(text);
}

ProfileFile merge_profile_files(ProfileFile config, const ProfileFile& credentials) {
  add_sections(config.profiles, credentials.profiles);
  add_sections(config.sso_sessions, credentials.sso_sessions);
  add_sections(config.services, credentials.services);
  return config;
}

std::optional<std::string> nested_property(std::string_view value, std::string_view name) {
  std::optional<std::string> found;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find('\n'), value.size());
    const std::string_view line = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos && to_lower(trim(line.substr(0, equals))) == name) {
      found = std::string(trim(line.substr(equals + 1)));
    }
  }
  return found;
}

}  // namespace deployflow::store
