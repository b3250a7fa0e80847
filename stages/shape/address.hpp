// Addresses and the keys behind them: which key a page gets, which key a redirect stands under, and
// the page that redirects where the store cannot.
//
// Pure.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::shape {

enum class Pages : std::uint8_t { keep, extensionless, folders };

/// The key that a file of the site is stored under. What does not end in ".html" keeps its own, and
/// so do index.html and 404.html in any folder, and `not_found`: servers look for those by name.
std::string page_key(std::string_view key, Pages pages, std::string_view not_found);

/// "blog/" and "blog" for "blog/index.html"; none for any other key.
std::vector<std::string> folder_keys(std::string_view key);

/// The key that a visitor of this path is given: "/a%20b.html" is "a b.html", and a path that ends
/// in '/' is the index.html of that folder. nullopt if no file of a site can have it.
std::optional<std::string> key_of_path(std::string_view path);

/// A page that sends its visitor to `to`, which is printable ASCII.
std::string redirect_page(std::string_view to);

}  // namespace deployflow::shape
