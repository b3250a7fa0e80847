#include "stages/validate/page_rules.hpp"

#include "stages/validate/gumbo_node.hpp"
#include "stages/validate/markup.hpp"
#include "stages/validate/refresh.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace deployflow::validate {
namespace {

bool is_set(const GumboElement& element, const char* name) {
  return !trimmed(attribute(element, name)).empty();
}

// A name for those who do not see it, or no need of one.
bool has_name_of_its_own(const GumboElement& element) {
  return is_set(element, "aria-label") || is_set(element, "aria-labelledby") ||
         is_set(element, "title") ||
         equals_ignoring_case(attribute(element, "aria-hidden"), "true") ||
         has_word(attribute(element, "role"), "presentation") ||
         has_word(attribute(element, "role"), "none");
}

bool has_type(const GumboElement& input, std::string_view type) {
  return equals_ignoring_case(trimmed(attribute(input, "type")), type);
}

bool has_text(const GumboElement& element) {
  for (unsigned i = 0; i < element.children.length; ++i) {
    const auto* child = static_cast<const GumboNode*>(element.children.data[i]);
    if (child->type == GUMBO_NODE_TEXT && !trimmed(child->v.text.text).empty()) {
      return true;
    }
  }
  return false;
}

class Walk {
 public:
  Walk(std::string_view text, Drafts& drafts) : text_(text), drafts_(drafts) {}

  void run(const GumboNode& root) {
    std::vector<Open> open{{&root, false}};
    while (!open.empty()) {
      const auto [node, in_label] = open.back();
      open.pop_back();
      const GumboElement& element = node->v.element;
      if (node->type == GUMBO_NODE_TEMPLATE) {
        continue;  // a script makes something of it, nobody knows what
      }
      if (is_html(element)) {
        see(element, in_label);
      }
      see_id(element);
      const bool labels = in_label || (is_html(element) && element.tag == GUMBO_TAG_LABEL);
      for (unsigned i = element.children.length; i > 0; --i) {
        const auto* child = static_cast<const GumboNode*>(element.children.data[i - 1]);
        if (is_element(*child)) {
          open.push_back({child, labels});
        }
      }
    }
    see_fields();
    if (!sends_away_) {
      see_page();
    }
  }

 private:
  struct Open {
    const GumboNode* node;
    bool in_label;
  };
  struct Field {
    std::string_view id;
    std::size_t at;
    std::string_view name;
  };

  // k_nowhere for what the parser made.
  std::size_t place_of(const GumboElement& element) const {
    const std::string_view tag = view(element.original_tag);
    return tag.empty() ? k_nowhere : static_cast<std::size_t>(tag.data() - text_.data());
  }

  void see(const GumboElement& element, bool in_label) {
    switch (element.tag) {
      case GUMBO_TAG_HTML:
        if (!is_set(element, "lang") && !is_set(element, "xml:lang")) {
          drafts_.add({&rules::k_lang,
                       place_of(element),
                       "the page does not name its language",
                       "write <html lang=\"en\">, or what it is in: voices and hyphens follow it"});
        }
        break;
      case GUMBO_TAG_TITLE:
        has_title_ = has_title_ || has_text(element);
        break;
      case GUMBO_TAG_META:
        see_meta(element);
        break;
      case GUMBO_TAG_LINK:
        see_link(element);
        break;
      case GUMBO_TAG_H1:
        see_heading(element);
        break;
      case GUMBO_TAG_IMG:
      case GUMBO_TAG_AREA:
        see_image(element);
        break;
      case GUMBO_TAG_INPUT:
        see_input(element, in_label);
        break;
      case GUMBO_TAG_SELECT:
      case GUMBO_TAG_TEXTAREA:
        see_field(element, in_label);
        break;
      case GUMBO_TAG_LABEL:
        if (is_set(element, "for")) {
          labelled_.insert(attribute(element, "for"));
        }
        break;
      case GUMBO_TAG_A:
        see_anchor(element);
        break;
      case GUMBO_TAG_FRAMESET:
        is_frameset_ = true;
        break;
      default:
        break;
    }
    see_loaded(element);
    if (has_word(attribute(element, "role"), "heading") &&
        trimmed(attribute(element, "aria-level")) == "1" && first_heading_ == k_nowhere) {
      first_heading_ = place_of(element);
    }
  }

  // The image has a text, the same as <img alt="">: no text, as it only decorates.
  void see_image(const GumboElement& element) {
    const bool is_area = element.tag == GUMBO_TAG_AREA;
    const GumboAttribute* alt = find_attribute(element, "alt");
    const bool is_blank = alt != nullptr && *alt->value != 0 && !is_set(element, "alt");
    if ((is_area && !is_set(element, "href")) || (alt != nullptr && !is_blank) ||
        has_name_of_its_own(element)) {
      return;
    }
    drafts_.add({&rules::k_alt,
                 place_of(element),
                 name_of(element) + (is_blank ? " with nothing but spaces in alt" : " without alt"),
                 "say what it shows; alt=\"\" if it only decorates"});
  }

  void see_input(const GumboElement& element, bool in_label) {
    if (has_type(element, "image")) {
      see_image(element);
    } else if (!has_type(element, "hidden") && !has_type(element, "submit") &&
               !has_type(element, "reset") && !has_type(element, "button")) {
      see_field(element, in_label);
    }
  }

  void see_field(const GumboElement& element, bool in_label) {
    if (!in_label && !has_name_of_its_own(element)) {
      fields_.push_back(
          {attribute(element, "id"), place_of(element), name_of_tag(view(element.original_tag))});
    }
  }

  // When all labels are known, also those behind the field.
  void see_fields() {
    for (const Field& field : fields_) {
      if (field.id.empty() || !labelled_.contains(field.id)) {
        drafts_.add({&rules::k_label,
                     field.at,
                     "<" + shortened(field.name) + "> without a label",
                     "put it into a <label>, or give it <label for> or aria-label"});
      }
    }
  }

  void see_id(const GumboElement& element) {
    const std::string_view id = attribute(element, "id");
    if (id.empty() || place_of(element) == k_nowhere) {
      return;
    }
    // The parser may make several elements of one tag: <p id=a><b id=b></p>x
    const std::size_t at = place_of(element);
    const auto [first, is_new] = ids_.try_emplace(id, at);
    if (!is_new && first->second != at && told_.insert(at).second) {
      drafts_.add({.rule = &rules::k_duplicate_id,
                   .at = at,
                   .message = "the id " + shortened(id) + " is given twice",
                   .hint = "links, labels and scripts find the first alone",
                   .related = "first",
                   .related_at = first->second});
    }
  }

  void see_meta(const GumboElement& meta) {
    const std::string_view name = attribute(meta, "name");
    if (equals_ignoring_case(name, "viewport")) {
      has_viewport_ = true;
    } else if (equals_ignoring_case(name, "description")) {
      has_description_ = has_description_ || is_set(meta, "content");
    } else if (equals_ignoring_case(attribute(meta, "http-equiv"), "refresh")) {
      sends_away_ =
          sends_away_ || parse_refresh(attribute(meta, "content")).what == Refresh::What::leave;
    }
  }

  void see_link(const GumboElement& link) {
    const std::string_view rel = attribute(link, "rel");
    has_canonical_ = has_canonical_ || has_word(rel, "canonical");
    if (has_word(rel, "stylesheet") || has_word(rel, "icon") || has_word(rel, "manifest") ||
        has_word(rel, "preload") || has_word(rel, "modulepreload")) {
      see_address(link, "href");
    }
  }

  void see_heading(const GumboElement& heading) {
    if (find_attribute(heading, "hidden") != nullptr) {
      return;
    }
    const std::size_t at = place_of(heading);
    if (first_heading_ == k_nowhere) {
      first_heading_ = at;
    } else {
      drafts_.add({.rule = &rules::k_heading,
                   .at = at,
                   .message = "a second <h1>",
                   .hint = "one heading says what the page is about; <h2> is for its parts",
                   .related = "first",
                   .related_at = first_heading_});
    }
  }

  void see_anchor(const GumboElement& anchor) {
    const std::string_view href = trimmed(attribute(anchor, "href"));
    const std::string_view rel = attribute(anchor, "rel");
    const bool leads_away = equals_ignoring_case(href.substr(0, 5), "http:") ||
                            equals_ignoring_case(href.substr(0, 6), "https:") ||
                            href.starts_with("//");
    if (leads_away && equals_ignoring_case(attribute(anchor, "target"), "_blank") &&
        !has_word(rel, "noopener") && !has_word(rel, "noreferrer")) {
      drafts_.add({&rules::k_noopener,
                   place_of(anchor),
                   "target=_blank without rel=noopener",
                   "browsers before 2021 let the other page steer this one"});
    }
  }

  // What a browser fetches while it shows the page.
  void see_loaded(const GumboElement& element) {
    switch (element.tag) {
      case GUMBO_TAG_SCRIPT:
      case GUMBO_TAG_IMG:
      case GUMBO_TAG_IFRAME:
      case GUMBO_TAG_FRAME:
      case GUMBO_TAG_EMBED:
      case GUMBO_TAG_AUDIO:
      case GUMBO_TAG_VIDEO:
      case GUMBO_TAG_SOURCE:
      case GUMBO_TAG_TRACK:
        see_address(element, "src");
        break;
      case GUMBO_TAG_OBJECT:
        see_address(element, "data");
        break;
      default:
        break;
    }
  }

  void see_address(const GumboElement& element, const char* name) {
    const std::string_view address = trimmed(attribute(element, name));
    if (drafts_.settings().is_https && equals_ignoring_case(address.substr(0, 7), "http://")) {
      drafts_.add(
          {&rules::k_mixed_content,
           place_of(element),
           name_of(element) + " loads " + shortened(address) + " by http",
           "write https: browsers block it in a page that came by https, or ask for it by https"});
    }
  }

  void see_page() {
    const auto miss = [this](const Rule& rule, const char* message, const char* hint) {
      drafts_.add({&rule, k_nowhere, message, hint});
    };
    if (!has_title_) {
      miss(rules::k_title,
           "the page has no title",
           "<title> is what tabs, bookmarks and searches show");
    }
    if (!has_viewport_) {
      miss(rules::k_viewport,
           "no <meta name=viewport>: telephones show the page small",
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    }
    if (!has_description_) {
      miss(rules::k_description, "the page has no <meta name=description>", "searches show it");
    }
    if (!has_canonical_) {
      miss(rules::k_canonical,
           "the page has no <link rel=canonical>",
           "one page under several addresses counts as several");
    }
    if (first_heading_ == k_nowhere && !is_frameset_) {
      miss(rules::k_heading, "the page has no <h1>", "one heading says what the page is about");
    }
  }

  std::string_view text_;
  Drafts& drafts_;
  std::vector<Field> fields_;
  std::unordered_set<std::string_view> labelled_;
  std::unordered_map<std::string_view, std::size_t> ids_;
  std::unordered_set<std::size_t> told_;
  std::size_t first_heading_ = k_nowhere;
  bool has_title_ = false;
  bool has_viewport_ = false;
  bool has_description_ = false;
  bool has_canonical_ = false;
  bool is_frameset_ = false;
  bool sends_away_ = false;
};

}  // namespace

void check_page_rules(const GumboOutput& output, std::string_view text, Drafts& drafts) {
  Walk(text, drafts).run(*output.root);
}

}  // namespace deployflow::validate
