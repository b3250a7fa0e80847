// ~/.aws/config and ~/.aws/credentials.

#include "plugins/host/store/credentials/profile_file.hpp"
#include "tests/fuzz/claim.hpp"

namespace deployflow::store {
namespace {

bool equal(const ProfileFile& a, const ProfileFile& b) {
  return a.profiles == b.profiles && a.sso_sessions == b.sso_sessions && a.services == b.services;
}

// CR LF, since a lone CR at the end of a value would be taken for a part of the line's end.
void write_sections(std::string& out, std::string_view kind, const Sections& sections) {
  for (const auto& [name, properties] : sections) {
    out += "[" + std::string(kind) + name + "]\r\n";
    for (const auto& [key, value] : properties) {
      std::string_view rest = value;
      out += key + "=" + std::string(fuzz::take_line(rest)) + "\r\n";
      while (!rest.empty()) {
        out += " " + std::string(fuzz::take_line(rest)) + "\r\n";
      }
    }
  }
}

std::string write(const ProfileFile& file, ProfileFileKind kind) {
  std::string out;
  write_sections(out, kind == ProfileFileKind::config ? "profile " : "", file.profiles);
  write_sections(out, "sso-session ", file.sso_sessions);
  write_sections(out, "services ", file.services);
  return out;
}

void check_names(const Sections& sections) {
  for (const auto& [name, properties] : sections) {
    CLAIM(!name.empty() && !fuzz::has_control(name));
    for (const auto& [key, value] : properties) {
      CLAIM(!key.empty() && !fuzz::has_control(key));
      CLAIM(std::none_of(key.begin(), key.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
      (void)nested_property(value, "endpoint_url");
    }
  }
}

void judge(std::string_view text, ProfileFileKind kind) {
  const auto parsed = parse_profile_file(text, kind);
  if (!parsed) {
    CLAIM(parsed.error().code == Errc::auth);
    CLAIM(parsed.error().message.starts_with("line "));
    CLAIM(!fuzz::has_control(parsed.error().message));
    return;
  }
  const ProfileFile& file = parsed.value();
  check_names(file.profiles);
  check_names(file.sso_sessions);
  check_names(file.services);
  CLAIM(equal(merge_profile_files(file, file), file));
  const auto again = parse_profile_file(write(file, kind), kind);
  CLAIM(again.ok());
  CLAIM(equal(again.value(), file));
}

}  // namespace
}  // namespace deployflow::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::store;
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  judge(text, ProfileFileKind::config);
  judge(text, ProfileFileKind::credentials);
  return 0;
}
