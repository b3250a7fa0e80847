// What every reader of a store's XML begins with. Input is hostile; see s3_xml.hpp. pugixml itself
// is included by the readers alone.

#pragma once

#include "plugins/host/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pugi {
class xml_document;
class xml_node;
}  // namespace pugi

namespace deployflow::store {

/// `remote`: "the store's answer is not the XML expected: ..."
Error malformed_xml(std::string_view what);

/// Errors: malformed_xml for what is empty, does not begin with '<', has a NUL or does not parse.
Result<void> load_xml(pugi::xml_document& document, std::string_view body);
/// The root, if it has this name, with or without a namespace.
Result<pugi::xml_node> xml_root(const pugi::xml_document& document, std::string_view name);
/// "s3:ListBucketResult" has the name "ListBucketResult".
std::string_view local_name(std::string_view name);
/// The text of a child; empty if there is none.
std::string_view text_of(const pugi::xml_node& node, const char* child);

/// Whole unsigned number; nullopt for "", "-1", "1x" and what does not fit.
std::optional<std::uint64_t> xml_number(std::string_view text);
bool xml_true(std::string_view text);

/// Appends `text` with & < > " as entities.
void append_escaped(std::string& out, std::string_view text);
/// Appends "<name>text</name>".
void append_element(std::string& out, std::string_view name, std::string_view text);

}  // namespace deployflow::store
