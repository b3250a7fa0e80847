#include "stages/validate/address_rules.hpp"

#include "stages/validate/gumbo_node.hpp"
#include "stages/validate/markup.hpp"
#include "stages/validate/refresh.hpp"

#include <algorithm>
#include <string>

namespace deployflow::validate {
namespace {

Position place_of(const GumboElement& element) {
  return {element.start_pos.line, element.start_pos.column};
}

// A script gives it its address: it finds it by an id, or keeps the address in an attribute of its
// own (data-src, :src, v-bind:src, ng-src, x-bind:src).
bool is_for_script(const GumboElement& element) {
  const GumboVector& all = element.attributes;
  for (unsigned i = 0; i < all.length; ++i) {
    const std::string_view name = static_cast<const GumboAttribute*>(all.data[i])->name;
    if (name == "id" ||
        (!name.starts_with("aria-") && name.find_first_of("-:@[{") != std::string_view::npos)) {
      return true;
    }
  }
  return false;
}

// Of <img>, <source> and the like another attribute may name the file.
bool has_other_source(const GumboElement& element) {
  return find_attribute(element, "srcset") != nullptr ||
         find_attribute(element, "imagesrcset") != nullptr;
}

// What a script or a server fills in, or a person reads: "{{ mail }}", "[[mail]]", "%MAIL%",
// two underscores around a name, "info(at)example.org".
bool is_placeholder(std::string_view address) {
  const std::size_t percent = address.find('%');
  const bool is_encoded = percent != std::string_view::npos && address.size() - percent > 2 &&
                          std::ranges::all_of(address.substr(percent + 1, 2), [](char c) {
                            return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
                          });
  const bool has_two_underscores = std::ranges::adjacent_find(address, [](char a, char b) {
                                     return a == '_' && b == '_';
                                   }) != address.end();
  return address.find_first_of("{<$[(") != std::string_view::npos || has_two_underscores ||
         (percent != std::string_view::npos && !is_encoded);
}

bool is_at(std::string_view address, std::size_t at) {
  return address[at] == '@' || equals_ignoring_case(address.substr(at, 3), "%40");
}

// Of "a@b.example,c@d.example?subject=x" the mistake; empty if there is none. Without an address,
// but with a subject, it is a letter that the reader addresses.
std::string_view mistake_in_mail(std::string_view address) {
  const std::size_t query = std::min(address.find('?'), address.size());
  const std::string_view to = address.substr(0, query);
  if (to.empty()) {
    return query == address.size() ? "names no address" : std::string_view();
  }
  // In "Doe, John" <a@b.example> a comma is part of the name.
  const bool has_name =
      to.find('"') != std::string_view::npos || to.find("%22") != std::string_view::npos ||
      to.find("%3C") != std::string_view::npos || to.find("%3c") != std::string_view::npos;
  for (std::size_t begin = 0; begin <= to.size();) {
    const std::size_t end = has_name ? to.size() : std::min(to.find(',', begin), to.size());
    const std::string_view one = to.substr(begin, end - begin);
    bool has_both_sides = one.empty() && begin > 0;  // a comma at the end does no harm
    for (std::size_t i = 1; i < one.size(); ++i) {
      has_both_sides = has_both_sides || (is_at(one, i) && i + 1 < one.size());
    }
    if (!has_both_sides) {
      return "is no address of mail";
    }
    begin = end + 1;
  }
  return {};
}

std::string_view mistake_in_telephone(std::string_view number) {
  if (number.empty()) {
    return "names no number";
  }
  const auto may_be_digit = [](char c) {  // there are others than those of ASCII
    return is_digit(c) || static_cast<unsigned char>(c) >= 0x80 || c == '%';
  };
  return std::ranges::any_of(number, may_be_digit) ? std::string_view() : "has no digit";
}

}  // namespace

void AddressRules::see(const GumboElement& element) {
  if (!is_html(element)) {
    return;
  }
  switch (element.tag) {
    case GUMBO_TAG_IMG:
      see_source(element, "src");
      see_map_of(element);
      break;
    case GUMBO_TAG_SOURCE:
    case GUMBO_TAG_TRACK:
      see_source(element, "src");
      break;
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_AUDIO:
    case GUMBO_TAG_EMBED:
      see_source_if_any(element, "src");
      break;
    case GUMBO_TAG_VIDEO:
      see_source_if_any(element, "src");
      see_source_if_any(element, "poster");
      break;
    case GUMBO_TAG_OBJECT:
      see_source_if_any(element, "data");
      break;
    case GUMBO_TAG_IFRAME:
      // Without an address it is a place for a script, a form or a text of its own.
      if (find_attribute(element, "srcdoc") == nullptr &&
          find_attribute(element, "name") == nullptr) {
        see_source_if_any(element, "src");
      }
      break;
    case GUMBO_TAG_META:
      see_meta(element);
      break;
    case GUMBO_TAG_INPUT:
      if (equals_ignoring_case(trimmed(attribute(element, "type")), "image")) {
        see_source(element, "src");
      }
      break;
    case GUMBO_TAG_LINK:
      if (find_attribute(element, "rel") != nullptr) {  // else it is data: RDFa, microdata
        see_source(element, "href");
      }
      break;
    case GUMBO_TAG_A:
    case GUMBO_TAG_AREA:
      see_contact(element);
      break;
    case GUMBO_TAG_MAP:
      maps_.insert(attribute(element, "name"));
      maps_.insert(attribute(element, "id"));
      break;
    default:
      break;
  }
}

void AddressRules::see_source(const GumboElement& element, const char* name) {
  const GumboAttribute* source = find_attribute(element, name);
  if ((source != nullptr && !trimmed(source->value).empty()) || has_other_source(element) ||
      is_for_script(element)) {
    return;
  }
  facts_.add(
      finding_of(rules::k_link_empty,
                 name_of(element) + (source == nullptr ? " without " : " with an empty ") + name,
                 "say what it loads, or leave the element out",
                 source == nullptr ? place_of(element) : place_of(*source)));
}

// Without the attribute it is another thing: a script of its own, a sound with several sources.
void AddressRules::see_source_if_any(const GumboElement& element, const char* name) {
  if (find_attribute(element, name) != nullptr) {
    see_source(element, name);
  }
}

void AddressRules::see_meta(const GumboElement& meta) {
  const GumboAttribute* content = find_attribute(meta, "content");
  const std::string_view value = content != nullptr ? trimmed(content->value) : "";
  const Position at = content != nullptr ? place_of(*content) : place_of(meta);
  const std::string_view property = attribute(meta, "property");
  if (equals_ignoring_case(attribute(meta, "http-equiv"), "refresh")) {
    if (value.empty()) {
      facts_.add(finding_of(rules::k_link_empty,
                            "a refresh without content",
                            "content=\"0; url=new.html\" sends a reader on",
                            at));
    } else if (parse_refresh(value).what == Refresh::What::none &&
               value.find_first_of("{<") == std::string_view::npos) {
      facts_.add(finding_of(rules::k_link_malformed,
                            "refresh \"" + shortened(value) + "\" is passed over by browsers",
                            "it begins with a number of seconds, then a semicolon",
                            at));
    }
  } else if (value.empty() && (equals_ignoring_case(property, "og:image") ||
                               equals_ignoring_case(property, "og:url"))) {
    facts_.add(finding_of(
        rules::k_link_empty, "an empty " + std::string(property), "say it, or leave it out", at));
  }
}

void AddressRules::see_contact(const GumboElement& link) {
  const GumboAttribute* href = find_attribute(link, "href");
  if (href == nullptr) {
    return;
  }
  const std::string_view url = trimmed(href->value);
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos) {
    return;
  }
  const std::string_view scheme = url.substr(0, colon), rest = trimmed(url.substr(colon + 1));
  const std::string_view mistake = equals_ignoring_case(scheme, "mailto") ? mistake_in_mail(rest)
                                   : equals_ignoring_case(scheme, "tel")
                                       ? mistake_in_telephone(rest)
                                       : std::string_view();
  if (!mistake.empty() && !is_placeholder(rest) && !(rest.empty() && is_for_script(link))) {
    facts_.add(finding_of(rules::k_link_contact,
                          "\"" + shortened(url) + "\" " + std::string(mistake),
                          {},
                          place_of(*href)));
  }
}

void AddressRules::see_map_of(const GumboElement& image) {
  if (const GumboAttribute* map = find_attribute(image, "usemap"); map != nullptr) {
    uses_.emplace_back(map->value, place_of(*map));
  }
}

void AddressRules::finish() {
  for (const auto& [value, at] : uses_) {
    const std::size_t hash = value.find('#');
    if (hash != std::string_view::npos && maps_.contains(value.substr(hash + 1)) &&
        hash + 1 < value.size()) {
      continue;
    }
    facts_.add(
        finding_of(rules::k_link_fragment,
                   hash == std::string_view::npos
                       ? "usemap=\"" + shortened(value) + "\" has no # in front"
                       : "this page has no <map> of the name " + shortened(value.substr(hash + 1)),
                   "the image can be seen, but no part of it leads anywhere",
                   at));
  }
}

}  // namespace deployflow::validate
