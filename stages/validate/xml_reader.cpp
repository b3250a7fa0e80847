#include "stages/validate/xml_reader.hpp"

#include "stages/validate/markup.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace deployflow::validate {
namespace {

// "loc" of "image:loc": which prefix stands for which namespace is the writer's choice.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

struct Address {
  RefKind kind;
  std::string_view url;
  std::ptrdiff_t at;
};

Address text_of(const pugi::xml_node& node, RefKind kind) {
  const pugi::xml_node first = node.first_child();
  return {kind, trimmed(first.value()), first.offset_debug()};
}

// An attribute has no place of its own in pugixml: that of its element.
Address value_of(const pugi::xml_node& node, const char* name, RefKind kind) {
  return {kind, trimmed(node.attribute(name).value()), node.offset_debug()};
}

std::optional<Address> in_sitemap(const pugi::xml_node& node) {
  const std::string_view name = local_name(node);
  const std::string_view parent = local_name(node.parent());
  if (name == "link") {
    return value_of(node, "href", RefKind::related);
  }
  if (name != "loc") {
    return std::nullopt;
  }
  return parent == "url"       ? std::optional(text_of(node, RefKind::page))
         : parent == "sitemap" ? std::optional(text_of(node, RefKind::other))
         : parent == "image"   ? std::optional(text_of(node, RefKind::image))
                               : std::nullopt;
}

std::optional<Address> in_rss(const pugi::xml_node& node) {
  const std::string_view name = local_name(node);
  if (name == "enclosure") {
    return value_of(node, "url", RefKind::media);
  }
  if (name == "link" && node.attribute("href").empty()) {
    return text_of(node, RefKind::page);
  }
  return std::nullopt;
}

std::optional<Address> in_atom(const pugi::xml_node& node) {
  if (local_name(node) != "link") {
    return std::nullopt;
  }
  const std::string_view rel = node.attribute("rel").value();
  const RefKind kind = rel == "enclosure"                  ? RefKind::media
                       : rel.empty() || rel == "alternate" ? RefKind::page
                                                           : RefKind::related;
  return value_of(node, "href", kind);
}

using Reading = std::optional<Address> (*)(const pugi::xml_node&);

Reading reading_of(std::string_view root) {
  return root == "urlset" || root == "sitemapindex" ? in_sitemap
         : root == "rss" || root == "RDF"           ? in_rss
         : root == "feed"                           ? in_atom
                                                    : nullptr;
}

// In the order of the text, without recursion: any depth may be asked for.
pugi::xml_node next_of(const pugi::xml_node& node) {
  if (node.first_child()) {
    return node.first_child();
  }
  pugi::xml_node at = node;
  while (at && !at.next_sibling()) {
    at = at.parent();
  }
  return at ? at.next_sibling() : at;
}

}  // namespace

void read_xml(std::string_view text, const FileSink& sink) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size());
  // Of a text that was converted from UTF-16 the places are others.
  const auto place = [&text](std::ptrdiff_t at) {
    return std::clamp<std::ptrdiff_t>(at, 0, static_cast<std::ptrdiff_t>(text.size()));
  };
  if (!parsed) {
    sink.finding(rules::k_xml_malformed,
                 static_cast<std::size_t>(place(parsed.offset)),
                 "this is no XML: " + lowered(parsed.description()),
                 "whoever reads it stops here");
    return;
  }
  const pugi::xml_node root = document.document_element();
  const Reading reading = reading_of(local_name(root));
  if (reading == nullptr) {
    return;
  }
  for (pugi::xml_node node = root; node; node = next_of(node)) {
    if (node.type() != pugi::node_element) {
      continue;
    }
    if (const auto address = reading(node); address && !address->url.empty()) {
      sink.reference({address->kind, address->url, static_cast<std::size_t>(place(address->at))});
    }
  }
}

}  // namespace deployflow::validate
