// Keys and tokens in what is about to be published.
//
// One pass over the text, which looks at every second pair of bytes: whether it is part of the
// three rarest characters of a shape is one bit in a table. Pure; never throws but std::bad_alloc.

#pragma once

#include "stages/validate/secret_shapes.hpp"
#include "stages/validate/settings.hpp"
#include "stages/validate/site_file.hpp"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace deployflow::validate {

/// Gets each, in the order of the text.
void search_secrets(std::string_view text, const std::function<void(const Secret&)>& found);

/// As findings of one file, each secret once, at most `max_findings` of them and then their number.
/// A finding shows the first four characters at most.
std::vector<Finding> find_secrets(std::string_view text, const PageSettings& settings);

/// How much of a file is searched: of text the first 16 MiB, of what nobody knows (".env",
/// "id_rsa") so much if it is small, of anything else nothing.
std::uint64_t bytes_to_search(const SiteFile& file);

}  // namespace deployflow::validate
