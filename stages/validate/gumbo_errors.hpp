// Parse errors as gumbo found them: what kind, and where.
//
// The details are not in gumbo's public header, and the numbers of its error types are those of
// one release. So nothing about them is compiled in: at first use, small pages with a known error
// are parsed, and what comes back tells the layout and the numbers of the library that is loaded.

#pragma once

#include <gumbo.h>

#include <cstddef>
#include <string_view>
#include <vector>

namespace deployflow::validate {

enum class ErrorKind {
  tree,                 // a token where it may not stand; `offset` is its start
  self_closing,         // "/>" on an element that it does not close; `offset` is the tag's start
  duplicate_attribute,  // `offset` is the second name
  character_reference,  // `offset` is the '&'
  other                 // anything else inside a token; `offset` is about there
};

struct ParseError {
  ErrorKind kind;
  std::size_t offset;
};

/// False when the loaded library keeps its errors in another way than the releases 0.10 to 0.13 do.
/// Then read_errors() returns nothing, and only the number of errors is known.
bool can_read_errors();

/// The errors of a page in the order of discovery, those of one place and kind once.
std::vector<ParseError> read_errors(const GumboVector& errors, std::string_view text);

}  // namespace deployflow::validate
