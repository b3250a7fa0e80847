// What a target's settings may look like, and their one spelling. For the pipeline file and for the
// command line.
//
// No message repeats the text it is about: it may hold a password, or come from a variable.

#pragma once

#include "plugins/host/base/result.hpp"

#include <string>
#include <string_view>

namespace deployflow::pipeline {

/// "https://Host:9000/path/" -> "https://Host:9000/path". Errors: `config`: no http(s) URL, a user
/// or password in it, a query or fragment.
Result<std::string> normal_endpoint(std::string_view text);

/// The public URL of a site; ends in '/'. Errors: as of normal_endpoint().
Result<std::string> normal_site_url(std::string_view text);

/// "/docs" -> "docs/"; "" and "/" -> "". Errors: `config`: an empty, "." or ".." segment, over 900
/// bytes, control characters.
Result<std::string> normal_prefix(std::string_view text);

/// 1 to 255 letters, digits, '.', '_' and '-', but not "." or "..". Errors: `config`.
Result<std::string> normal_bucket(std::string_view text);

/// Is it a name for a target: letters, digits, '_' and '-'?
bool is_target_name(std::string_view text);

}  // namespace deployflow::pipeline
