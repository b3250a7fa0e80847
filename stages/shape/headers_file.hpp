// Reads a file _headers as Netlify and Cloudflare Pages have it.
//
//   /assets/*                     # a path; '*' is any text, ":name" any segment
//     Cache-Control: max-age=60   # what it is stored with
//     Cache-Control: public       # the same name again: "max-age=60, public"
//
// Format: https://docs.netlify.com/routing/headers/, "Syntax for the _headers file". Where blocks
// of several paths mean the same file, later ones win, name by name. A comment has a line of its
// own: in a value '#' is a character.
//
// Pure. Whatever the bytes, it takes time and memory in proportion to them, and never throws but
// std::bad_alloc.

#pragma once

#include "stages/shape/line_file.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::shape {

struct HeaderLine {
  std::string name;   // in lower case
  std::string value;  // as is_header_value() (header_field.hpp), but of any length
  std::uint32_t line = 0;
};

struct HeaderBlock {
  std::string path;  // "/assets/*", as written
  std::string glob;  // the keys that it means: "assets/**"; a directory means its index.html
  std::uint32_t line = 0;
  std::vector<HeaderLine> headers;  // names are unique, in the order of the file
};

struct HeadersFile {
  std::vector<HeaderBlock> blocks;  // those with a header at least
  std::vector<LineProblem> problems;
};

HeadersFile parse_headers(std::string_view text);

/// Does an object store keep this header with an object and answer with it? The others
/// (X-Frame-Options, Content-Security-Policy, ...) are a server's or a CDN's to send.
bool is_kept_by_stores(std::string_view lower_case_name);

}  // namespace deployflow::shape
