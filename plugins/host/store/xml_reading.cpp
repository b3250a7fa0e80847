#include "plugins/host/store/xml_reading.hpp"

#include "plugins/host/base/text.hpp"

#include <pugixml.hpp>
#include <spdlog/fmt/fmt.h>

#include <charconv>
#include <cstring>

namespace deployflow::store {
namespace {

// "&#0;", "&#x00;": pugixml would turn it into a NUL, and every key after it into a shorter one.
bool has_nul(std::string_view text) {
  if (std::memchr(text.data(), '\0', text.size()) != nullptr) {
    return true;
  }
  for (std::size_t at = text.find("&#"); at != std::string_view::npos; at = text.find("&#", at)) {
    at += 2;
    if (at < text.size() && (text[at] == 'x' || text[at] == 'X')) {
      ++at;
    }
    const std::size_t digits = at;
    while (at < text.size() && text[at] == '0') {
      ++at;
    }
    if (at > digits && at < text.size() && text[at] == ';') {
      return true;
    }
  }
  return false;
}

// pugixml accepts junk in front of the root; an answer begins with '<'.
bool begins_like_xml(std::string_view body) {
  if (body.substr(0, 3) == "\xEF\xBB\xBF") {
    body.remove_prefix(3);
  }
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '<';
}

}  // namespace

Error malformed_xml(std::string_view what) {
  return {Errc::remote, fmt::format("the store's answer is not the XML expected: {}", what)};
}

Result<void> load_xml(pugi::xml_document& document, std::string_view body) {
  if (body.empty()) {
    return malformed_xml("it is empty");
  }
  if (has_nul(body)) {
    return malformed_xml("it has a NUL character");
  }
  if (!begins_like_xml(body)) {
    return malformed_xml("it does not begin with '<'");
  }
  const pugi::xml_parse_result parsed =
      document.load_buffer(body.data(),
                           body.size(),
                           pugi::parse_default | pugi::parse_ws_pcdata_single,
                           pugi::encoding_utf8);
  if (!parsed) {
    return malformed_xml(parsed.description());
  }
  return {};
}

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string_view text_of(const pugi::xml_node& node, const char* child) {
  return node.child(child).child_value();
}

Result<pugi::xml_node> xml_root(const pugi::xml_document& document, std::string_view name) {
  const pugi::xml_node root = document.document_element();
  if (local_name(root.name()) != name) {
    return malformed_xml(fmt::format("its root is <{}>, not <{}>",
                                     printable(std::string_view(root.name()).substr(0, 60)),
                                     name));
  }
  return root;
}

std::optional<std::uint64_t> xml_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

bool xml_true(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE";
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
}

void append_element(std::string& out, std::string_view name, std::string_view text) {
  out += fmt::format("<{}>", name);
  append_escaped(out, text);
  out += fmt::format("</{}>", name);
}

}  // namespace deployflow::store
