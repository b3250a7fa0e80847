#include "stages/validate/page_references.hpp"

#include "stages/validate/address_rules.hpp"
#include "stages/validate/css.hpp"
#include "stages/validate/gumbo_node.hpp"
#include "stages/validate/markup.hpp"
#include "stages/validate/refresh.hpp"
#include "stages/validate/srcset.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace deployflow::validate {
namespace {

// What rel= of a <link> makes of it; nothing if it names no file of the site.
std::optional<RefKind> kind_of_link(const GumboElement& link) {
  const std::string_view rel = attribute(link, "rel");
  const std::string_view as = attribute(link, "as");
  const auto is = [rel](std::string_view word) { return has_word(rel, word); };
  if (is("stylesheet")) {
    return RefKind::style;
  }
  if (is("icon") || is("apple-touch-icon") || is("apple-touch-icon-precomposed") ||
      is("mask-icon") || is("apple-touch-startup-image") || is("image_src")) {
    return RefKind::offered;
  }
  if (is("preload") || is("prefetch") || is("modulepreload")) {
    return equals_ignoring_case(as, "style")    ? RefKind::style
           : equals_ignoring_case(as, "image")  ? RefKind::image
           : equals_ignoring_case(as, "font")   ? RefKind::font
           : equals_ignoring_case(as, "script") ? RefKind::script
           : is("modulepreload")                ? RefKind::script
                                                : RefKind::other;
  }
  if (is("manifest")) {
    return RefKind::manifest;
  }
  // Of hosts, not files; and what a server answers that is not the site's.
  if (is("preconnect") || is("dns-prefetch") || is("pingback") || is("webmention") ||
      is("edituri") || is("wlwmanifest") || is("profile") || is("schema.dc")) {
    return std::nullopt;
  }
  return RefKind::related;
}

struct MetaRow {
  std::string_view name;
  RefKind kind;
};
constexpr std::array k_metas{MetaRow{"og:image", RefKind::offered},
                             MetaRow{"og:image:url", RefKind::offered},
                             MetaRow{"og:image:secure_url", RefKind::offered},
                             MetaRow{"og:url", RefKind::related},
                             MetaRow{"og:audio", RefKind::media},
                             MetaRow{"og:audio:secure_url", RefKind::media},
                             MetaRow{"og:video", RefKind::media},
                             MetaRow{"og:video:url", RefKind::media},
                             MetaRow{"og:video:secure_url", RefKind::media},
                             MetaRow{"twitter:image", RefKind::offered},
                             MetaRow{"twitter:image:src", RefKind::offered},
                             MetaRow{"twitter:player", RefKind::frame},
                             MetaRow{"twitter:url", RefKind::related},
                             MetaRow{"msapplication-tileimage", RefKind::offered}};

bool is_to_be_filled_in(std::string_view url) {
  return url.find("{{") != std::string_view::npos || url.find("${") != std::string_view::npos ||
         url.find("<%") != std::string_view::npos || url.starts_with('{');
}

class Reader {
 public:
  explicit Reader(FactsBuilder& facts) : facts_(facts), addresses_(facts) {}

  void read(const GumboOutput& output) {
    find_base(*output.root);
    std::vector<std::pair<const GumboNode*, bool>> open{{output.root, false}};
    while (!open.empty()) {
      const auto [node, in_template] = open.back();
      open.pop_back();
      in_template_ = in_template;
      const GumboElement& element = node->v.element;
      see(*node);
      const bool is_template = in_template || node->type == GUMBO_NODE_TEMPLATE;
      for (unsigned i = element.children.length; i > 0; --i) {
        const auto* child = static_cast<const GumboNode*>(element.children.data[i - 1]);
        if (is_element(*child)) {
          open.emplace_back(child, is_template);
        }
      }
    }
    addresses_.finish();
    if (!is_redirect_) {
      facts_.set_has_anchors();
    }
  }

 private:
  // The first in <head> counts for the whole page, also for what stands before it.
  void find_base(const GumboNode& root) {
    const GumboVector& parts = root.v.element.children;
    for (unsigned i = 0; i < parts.length; ++i) {
      const auto* part = static_cast<const GumboNode*>(parts.data[i]);
      if (!is_element(*part) || part->v.element.tag != GUMBO_TAG_HEAD) {
        continue;
      }
      const GumboVector& inner = part->v.element.children;
      for (unsigned j = 0; j < inner.length; ++j) {
        const auto* node = static_cast<const GumboNode*>(inner.data[j]);
        const GumboAttribute* href = is_element(*node) && node->v.element.tag == GUMBO_TAG_BASE
                                         ? find_attribute(node->v.element, "href")
                                         : nullptr;
        if (href != nullptr) {
          facts_.set_base(href->value);
          return;
        }
      }
    }
  }

  void see(const GumboNode& node) {
    const GumboElement& element = node.v.element;
    if (element.tag == GUMBO_TAG_STYLE) {
      see_style_sheet(element);
    } else if (element.tag == GUMBO_TAG_SCRIPT || element.tag == GUMBO_TAG_LINK) {
      see_integrity(element);
    } else if (element.tag == GUMBO_TAG_IMG) {
      see_shown(node);
    }
    if (!in_template_) {
      addresses_.see(element);
    }
    const GumboVector& all = element.attributes;
    for (unsigned i = 0; i < all.length; ++i) {
      see_attribute(element, *static_cast<const GumboAttribute*>(all.data[i]));
    }
  }

  // Modules are fetched by CORS whatever stands there, and data is not fetched at all.
  static bool asks_for_leave(const GumboElement& element) {
    const std::string_view type = trimmed(attribute(element, "type"));
    return element.tag == GUMBO_TAG_SCRIPT
               ? !type.empty() && !equals_ignoring_case(type, "text/javascript") &&
                     !equals_ignoring_case(type, "application/javascript")
               : has_word(attribute(element, "rel"), "modulepreload");
  }

  // Of what is not run when it does not match. A preload that does not is only fetched again.
  void see_integrity(const GumboElement& element) {
    const GumboAttribute* integrity = find_attribute(element, "integrity");
    const std::string_view rel = attribute(element, "rel");
    const bool is_script = element.tag == GUMBO_TAG_SCRIPT;
    if (integrity == nullptr ||
        (!is_script && !has_word(rel, "stylesheet") && !has_word(rel, "modulepreload"))) {
      return;
    }
    const std::string_view url = attribute(element, is_script ? "src" : "href");
    if (!url.empty() && (!in_template_ || !is_to_be_filled_in(url))) {
      const Position at = place_of(*integrity);
      facts_.add_integrity(url, integrity->value, at);
      if (find_attribute(element, "crossorigin") == nullptr && !asks_for_leave(element)) {
        facts_.add_integrity_without_cors(url, integrity->value, at);
      }
    }
  }

  // How large it is shown, where that is for certain: not with a source that depends on the screen,
  // and not where it is styled.
  void see_shown(const GumboNode& node) {
    const GumboElement& image = node.v.element;
    const GumboAttribute* src = find_attribute(image, "src");
    if (src == nullptr || in_template_) {
      return;
    }
    const bool in_picture = is_element(*node.parent) &&
                            equals_ignoring_case(tag_name(node.parent->v.element), "picture");
    const bool depends = find_attribute(image, "srcset") != nullptr ||
                         find_attribute(image, "style") != nullptr ||
                         find_attribute(image, "class") != nullptr || in_picture;
    facts_.add_shown(
        src->value,
        depends ? std::nullopt : shown_size(attribute(image, "width"), attribute(image, "height")),
        place_of(*src));
  }

  void see_attribute(const GumboElement& element, const GumboAttribute& seen) {
    const std::string_view name = seen.name;
    switch (name.front()) {
      case 'i':
        if (name == "id") {
          see_anchor(seen.value);
        } else if (name == "imagesrcset" && element.tag == GUMBO_TAG_LINK) {
          see_srcset(seen);
        }
        break;
      case 'n':
        if (name == "name" && element.tag == GUMBO_TAG_A) {
          see_anchor(seen.value);
        }
        break;
      case 'h':
        if (name == "href") {
          see_href(element, seen);
        }
        break;
      case 's':
        if (name == "src") {
          see_src(element, seen);
        } else if (name == "srcset" &&
                   (element.tag == GUMBO_TAG_IMG || element.tag == GUMBO_TAG_SOURCE)) {
          see_srcset(seen);
        } else if (name == "style") {
          read_css(seen.value, [&](const Reference& r) { add(r.kind, r.url, seen); });
        }
        break;
      case 'p':
        if (name == "poster" && element.tag == GUMBO_TAG_VIDEO) {
          add(RefKind::image, seen.value, seen);
        }
        break;
      case 'd':
        if (name == "data" && element.tag == GUMBO_TAG_OBJECT) {
          add(RefKind::frame, seen.value, seen);
        }
        break;
      case 'a':
        if (name == "action" && element.tag == GUMBO_TAG_FORM &&
            is_get(attribute(element, "method"))) {
          add(RefKind::page, seen.value, seen);
        }
        break;
      case 'f':
        if (name == "formaction" && is_get(attribute(element, "formmethod"))) {
          add(RefKind::page, seen.value, seen);
        }
        break;
      case 'b':
        if (name == "background" && is_html(element)) {
          add(RefKind::image, seen.value, seen);
        }
        break;
      case 'c':
        if (name == "content" && element.tag == GUMBO_TAG_META) {
          see_meta(element, seen);
        }
        break;
      default:
        break;
    }
  }

  static bool is_get(std::string_view method) {
    return method.empty() || equals_ignoring_case(method, "get");
  }

  void see_anchor(std::string_view name) {
    if (!name.empty()) {
      facts_.add_anchor(name);
    }
  }

  // href, and xlink:href of SVG, which gumbo gives the same name.
  void see_href(const GumboElement& element, const GumboAttribute& href) {
    if (element.tag == GUMBO_TAG_A || element.tag == GUMBO_TAG_AREA) {
      add(RefKind::page, href.value, href);
    } else if (element.tag_namespace == GUMBO_NAMESPACE_SVG) {
      const std::string_view name = tag_name(element);
      add(equals_ignoring_case(name, "image") || equals_ignoring_case(name, "feImage")
              ? RefKind::image
              : RefKind::fragment,
          href.value,
          href);
    } else if (element.tag == GUMBO_TAG_LINK) {
      if (const auto kind = kind_of_link(element)) {
        add(*kind, href.value, href);
      }
    }
  }

  void see_src(const GumboElement& element, const GumboAttribute& src) {
    switch (element.tag) {
      case GUMBO_TAG_IMG:
        add(RefKind::image, src.value, src);
        break;
      case GUMBO_TAG_INPUT:
        if (equals_ignoring_case(attribute(element, "type"), "image")) {
          add(RefKind::image, src.value, src);
        }
        break;
      case GUMBO_TAG_SCRIPT:
        add(RefKind::script, src.value, src);
        break;
      case GUMBO_TAG_IFRAME:
      case GUMBO_TAG_FRAME:
      case GUMBO_TAG_EMBED:
        add(RefKind::frame, src.value, src);
        break;
      case GUMBO_TAG_AUDIO:
      case GUMBO_TAG_VIDEO:
      case GUMBO_TAG_SOURCE:
      case GUMBO_TAG_TRACK:
        add(RefKind::media, src.value, src);
        break;
      default:
        break;
    }
  }

  void see_srcset(const GumboAttribute& srcset) {
    bool is_told = in_template_;  // all would stand at the same place
    read_srcset(
        srcset.value,
        [&](const Reference& r) { add(RefKind::offered, r.url, srcset); },
        [&](std::string_view descriptor) {
          if (!std::exchange(is_told, true) && !is_to_be_filled_in(srcset.value)) {
            see_bad_descriptor(descriptor, srcset);
          }
        });
  }

  void see_bad_descriptor(std::string_view descriptor, const GumboAttribute& srcset) {
    Finding malformed = finding_of(rules::k_link_malformed,
                                   "srcset: \"" + shortened(descriptor) +
                                       "\" is no width such as 640w and no density such as 2x",
                                   "browsers pass the image over",
                                   place_of(srcset));
    malformed.severity = Severity::warning;
    facts_.add(std::move(malformed));
  }

  void see_meta(const GumboElement& meta, const GumboAttribute& content) {
    if (equals_ignoring_case(attribute(meta, "http-equiv"), "refresh")) {
      const Refresh refresh = parse_refresh(content.value);
      if (refresh.what == Refresh::What::leave) {
        add(RefKind::page, refresh.url, content);
        is_redirect_ = true;
      }
      return;
    }
    std::string_view name = attribute(meta, "property");
    if (name.empty()) {
      name = attribute(meta, "name");
    }
    const auto* row = std::ranges::find_if(
        k_metas, [name](const MetaRow& r) { return equals_ignoring_case(r.name, name); });
    if (row != k_metas.end()) {
      add(row->kind, content.value, content);
    }
  }

  // Positions inside of it are exact: a style sheet is long.
  void see_style_sheet(const GumboElement& element) {
    for (unsigned i = 0; i < element.children.length; ++i) {
      const auto* node = static_cast<const GumboNode*>(element.children.data[i]);
      if (node->type != GUMBO_NODE_TEXT) {
        continue;
      }
      const GumboStringPiece& raw = node->v.text.original_text;
      const std::string_view css(raw.data, raw.length);
      const GumboSourcePosition& start = node->v.text.start_pos;
      Position at{start.line, start.column};
      std::size_t done = 0;
      read_css(css, [&](const Reference& r) {
        at = advanced(at, css.substr(done, r.at - done));
        done = r.at;
        add(r.kind, r.url, at);
      });
    }
  }

  static std::string_view tag_name(const GumboElement& element) {
    return name_of_tag({element.original_tag.data, element.original_tag.length});
  }

  void add(RefKind kind, std::string_view url, const GumboAttribute& attribute) {
    add(kind, url, place_of(attribute));
  }

  void add(RefKind kind, std::string_view url, Position at) {
    if (!in_template_ || !is_to_be_filled_in(url)) {
      facts_.add({kind, url}, at);
    }
  }

  FactsBuilder& facts_;
  AddressRules addresses_;
  bool in_template_ = false;
  bool is_redirect_ = false;  // nobody stays on the page: fragments are for the next one
};

}  // namespace

void read_page_references(const GumboOutput& output, FactsBuilder& facts) {
  Reader(facts).read(output);
}

}  // namespace deployflow::validate
