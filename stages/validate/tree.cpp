#include "stages/validate/tree.hpp"

#include "stages/validate/encoding.hpp"
#include "stages/validate/gumbo_node.hpp"
#include "stages/validate/quirks.hpp"
#include "stages/validate/refresh.hpp"

#include <algorithm>

namespace deployflow::validate {
namespace {

bool has_flag(const GumboNode& node, unsigned flag) {
  return (static_cast<unsigned>(node.parse_flags) & flag) != 0;
}

bool is_quirky(const GumboDocument& document) {
  const auto text = [](const char* id) { return std::string_view(id != nullptr ? id : ""); };
  return document.doc_type_quirks_mode == GUMBO_DOCTYPE_QUIRKS ||  // the doctype itself is broken
         (document.has_doctype &&
          is_quirky_doctype(text(document.public_identifier), text(document.system_identifier)));
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  // Depth first with a stack of its own: the tree may be deeper than a thread's stack.
  TreeFacts read(const GumboOutput& output) && {
    const GumboDocument& document = output.document->v.document;
    facts_.has_doctype = document.has_doctype;
    facts_.is_quirky = is_quirky(document);
    std::vector<std::pair<const GumboNode*, std::size_t>> open{{output.root, 1}};
    while (!open.empty()) {
      const auto [node, depth] = open.back();
      open.pop_back();
      if (!is_element(*node)) {
        continue;
      }
      facts_.depth = std::max(facts_.depth, depth);
      see(*node);
      const GumboVector& children = node->v.element.children;
      see_texts(children);
      for (unsigned i = children.length; i > 0; --i) {
        open.emplace_back(static_cast<const GumboNode*>(children.data[i - 1]), depth + 1);
      }
    }
    settle();
    return std::move(facts_);
  }

 private:
  std::size_t offset_of(std::string_view part) const {
    return static_cast<std::size_t>(part.data() - text_.data());
  }

  void see(const GumboNode& node) {
    const GumboElement& element = node.v.element;
    const std::string_view start_tag = view(element.original_tag);
    const std::string_view end_tag = view(element.original_end_tag);
    see_content(node);
    if (element.tag == GUMBO_TAG_META) {
      see_meta(element, start_tag);
    }
    const std::string_view name = name_of_tag(start_tag);
    if (name.empty()) {
      return;  // made by the parser
    }
    const std::size_t start = offset_of(start_tag);
    if (!end_tag.empty() && equals_ignoring_case(name, name_of_tag(end_tag))) {
      facts_.ended.add(offset_of(end_tag), start);
      if (element.tag == GUMBO_TAG_SELECT) {
        facts_.selects.emplace_back(start, offset_of(end_tag));
      }
      return;
    }
    see_unended(node, name, start_tag);
  }

  void see_unended(const GumboNode& node, std::string_view name, std::string_view start_tag) {
    const bool is_html = node.v.element.tag_namespace == GUMBO_NAMESPACE_HTML;
    const TagId id = tag_id(name);
    if (node.v.element.tag == GUMBO_TAG_FORM) {
      return;  // gumbo does not record where one ends; the outline does
    }
    const bool needs_end =
        is_html ? !is_void(id) && !has_optional_end(id) : !start_tag.ends_with("/>");
    if (!needs_end) {
      return;
    }
    const GumboSourcePosition& end = node.v.element.end_pos;
    const bool is_inside = end.line > 0 && end.offset < text_.size() && text_[end.offset] == '<';
    const std::size_t closed_by = is_inside ? end.offset : k_nowhere;
    if (has_flag(node, GUMBO_INSERTION_BY_PARSER)) {
      facts_.split_again.insert(closed_by);
    } else {
      facts_.unclosed.push_back({name, offset_of(start_tag), closed_by});
    }
  }

  // A browser moves text of a table to before the table; gumbo counts that as no error.
  void see_texts(const GumboVector& children) {
    for (unsigned i = 0; i + 1 < children.length; ++i) {
      const auto* node = static_cast<const GumboNode*>(children.data[i]);
      const auto* next = static_cast<const GumboNode*>(children.data[i + 1]);
      if (node->type != GUMBO_NODE_TEXT || next->type != GUMBO_NODE_ELEMENT ||
          next->v.element.tag != GUMBO_TAG_TABLE) {
        continue;
      }
      const std::string_view text = view(node->v.text.original_text);
      if (!text.empty() && offset_of(text) > next->v.element.start_pos.offset) {
        facts_.stray_texts.push_back(offset_of(text));
      }
    }
  }

  // <body onload="location = 'new.html'">
  static bool has_handler(const GumboElement& element) {
    for (unsigned i = 0; i < element.attributes.length; ++i) {
      const auto* one = static_cast<const GumboAttribute*>(element.attributes.data[i]);
      if (std::string_view(one->name).starts_with("on")) {
        return true;
      }
    }
    return false;
  }

  void see_content(const GumboNode& node) {
    const GumboElement& element = node.v.element;
    if (element.tag == GUMBO_TAG_FRAMESET || element.tag == GUMBO_TAG_SCRIPT) {
      facts_.has_content = true;
    } else if (element.tag == GUMBO_TAG_BODY) {
      facts_.has_content |= has_handler(element);
      for (unsigned i = 0; i < element.children.length; ++i) {
        const auto* child = static_cast<const GumboNode*>(element.children.data[i]);
        facts_.has_content |=
            child->type != GUMBO_NODE_WHITESPACE && child->type != GUMBO_NODE_COMMENT;
      }
    }
  }

  void see_meta(const GumboElement& element, std::string_view start_tag) {
    if (equals_ignoring_case(attribute(element, "http-equiv"), "refresh") &&
        parse_refresh(attribute(element, "content")).what == Refresh::What::leave) {
      facts_.has_content = true;
    }
    if (facts_.charset_at != k_nowhere) {
      return;
    }
    std::string_view charset = attribute(element, "charset");
    if (charset.empty() && equals_ignoring_case(attribute(element, "http-equiv"), "content-type")) {
      charset = charset_parameter(attribute(element, "content"));
    }
    if (!charset.empty() && !start_tag.empty()) {
      facts_.charset = std::string(charset);
      facts_.charset_at = offset_of(start_tag);
    }
  }

  // The adoption agency splits an element; it is ended if one of its parts is.
  void settle() {
    facts_.ended.sort();
    std::vector<Unclosed>& all = facts_.unclosed;
    if (all.empty()) {
      return;
    }
    std::unordered_set<std::size_t> ended;
    for (const auto& [end_tag, start_tag] : facts_.ended.all()) {
      ended.insert(start_tag);
    }
    const auto split = std::stable_partition(
        all.begin(), all.end(), [&](const Unclosed& u) { return !ended.contains(u.start); });
    facts_.split.assign(split, all.end());
    all.erase(split, all.end());
    std::ranges::sort(facts_.unclosed, {}, &Unclosed::start);
  }

  std::string_view text_;
  TreeFacts facts_;
};

}  // namespace

void EndTags::sort() {
  std::ranges::sort(pairs_);
}

std::size_t EndTags::find(std::size_t end_tag) const {
  const auto found =
      std::ranges::lower_bound(pairs_, end_tag, {}, &std::pair<std::size_t, std::size_t>::first);
  return found != pairs_.end() && found->first == end_tag ? found->second : k_nowhere;
}

TreeFacts read_tree(const GumboOutput& output, std::string_view text) {
  return Reader(text).read(output);
}

}  // namespace deployflow::validate
