// The grammar of ~/.aws/config and ~/.aws/credentials, as AWS's SDKs read it.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html. Pure functions over text that
// somebody else may have written: no input makes them throw, recurse or take more than linear time.

#pragma once

#include "plugins/host/base/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::store {

using Properties = std::map<std::string, std::string>;  // name in lower case -> value
using Sections = std::map<std::string, Properties>;     // name, case kept -> its properties

/// Nested properties are kept as SDKs keep them, in one value: "\nendpoint_url = http://x\nregion =
/// y".
struct ProfileFile {
  Sections profiles;
  Sections sso_sessions;  // [sso-session x], in config files only
  Sections services;      // [services x], in config files only
};

/// They differ in how a section names a profile: [profile x] in config, [x] in credentials.
enum class ProfileFileKind : std::uint8_t { config, credentials };

/// Sections and properties with invalid names are left out, as AWS's tools do.
/// Errors: `auth`, "line 3: expected an '=' sign defining a property"; never with text of the file.
Result<ProfileFile> parse_profile_file(std::string_view text, ProfileFileKind kind);

/// Both files as one; on the same property of the same profile the credentials file wins.
ProfileFile merge_profile_files(ProfileFile config, const ProfileFile& credentials);

/// The value of `name` in a property with nested ones; nullopt if it has none of that name.
std::optional<std::string> nested_property(std::string_view value, std::string_view name);

}  // namespace deployflow::store
