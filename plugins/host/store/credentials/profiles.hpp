// The user's two AWS files, found and read.

#pragma once

#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/store/credentials/profile_file.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace deployflow::store {

struct Profiles {
  ProfileFile merged;
  ProfileFile credentials;  // what the credentials file alone says
  std::string config_path;  // for people: home folder as ~
  std::string credentials_path;
};

/// AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/config and ~/.aws/credentials. A
/// file that is not there is empty. Blocking. Errors: `auth` if one is unreadable, not a regular
/// file, over 1 MiB or malformed; the message names it and the line.
Result<Profiles> load_profiles(const Environment& environment);

/// "~/.aws/credentials or ~/.aws/config", or where the variables say: for messages.
std::string profile_places(const Environment& environment);

/// A variable's value; unset and blank (white space alone) are the same.
std::optional<std::string> set_variable(const Environment& environment, std::string_view name);

/// "" if there is none of that name.
std::string property_of(const Properties& properties, const std::string& name);

/// `wanted`, else AWS_PROFILE, else AWS_DEFAULT_PROFILE, else "default".
std::string profile_name(std::string_view wanted, const Environment& environment);

/// `path` with a leading "~/" as the home folder.
std::string in_home(const std::string& path, const Environment& environment);

/// "profile mirror is in neither ~/.aws/credentials nor ~/.aws/config", with the nearest name as
/// hint.
Error no_such_profile(const std::string& name, const Profiles& profiles);

}  // namespace deployflow::store
