// An ignore file, as it may come with a site from anywhere. The first line is a key to ask it
// about.

#include "plugins/host/site/artifact_set.hpp"
#include "plugins/host/site/ignore_file.hpp"
#include "tests/fuzz/claim.hpp"

namespace deployflow::site {
namespace {

using Entry = IgnoreFiles::Entry;

bool leaves_out(std::string_view text, std::string_view key, Entry entry = Entry::other) {
  return IgnoreFiles::leave_out(IgnoreFiles::add(text, "", nullptr), key, entry);
}

/// A pattern that means this key and no other.
std::string quoted(std::string_view key) {
  std::string out = "/";
  for (const char c : key) {
    if (c != '/') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

void check(std::string_view key, std::string_view text) {
  const bool is_left_out = leaves_out(text, key);
  const std::string before = std::string(text) + "\n";
  CLAIM(leaves_out(before, key) == is_left_out || text.ends_with('\r') || text == "\xEF\xBB\xBF");
  CLAIM(leaves_out(before + "*", key));
  CLAIM(!leaves_out(before + "!*", key));
  CLAIM(leaves_out(before + "**/*", key));
  CLAIM(leaves_out(before + "# !*\n!\n/\n\n", key) == is_left_out);
  CLAIM(leaves_out(before + "*/", key) == is_left_out);
  CLAIM(leaves_out(before + "*/", key, Entry::folder));

  CLAIM(leaves_out(quoted(key), key));
  CLAIM(!leaves_out(quoted(key), std::string(key) + "x"));
  CLAIM(!leaves_out(quoted(key), "x/" + std::string(key)));
  CLAIM(leaves_out("**" + quoted(key), "x/y/" + std::string(key)));

  // A file speaks of its folder alone.
  const auto below = IgnoreFiles::add(text, "sub/", nullptr);
  CLAIM(IgnoreFiles::leave_out(below, "sub/" + std::string(key), Entry::other) == is_left_out);
}

}  // namespace
}  // namespace deployflow::site

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = deployflow::fuzz::text_of(data, size);
  const std::string_view key = deployflow::fuzz::take_line(text);
  if (deployflow::site::check_key(key) && !key.ends_with('/') && key.find("//") == key.npos &&
      !key.ends_with('\r')) {
    deployflow::site::check(key, text);
  }
  return 0;
}
