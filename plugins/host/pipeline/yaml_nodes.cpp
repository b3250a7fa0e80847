#include "plugins/host/pipeline/yaml_nodes.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <exception>
#include <sstream>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace deployflow::pipeline {
namespace {

// Thrown through yaml-cpp's frames, which hold everything by value or unique_ptr.
struct StopReading : std::exception {
  StopReading(std::size_t where, std::string text, std::string advice)
      : offset(where), message(std::move(text)), hint(std::move(advice)) {}
  std::size_t offset;
  std::string message;
  std::string hint;
};

constexpr std::string_view k_standard_tag = "tag:yaml.org,2002:";

bool is_standard_tag(std::string_view tag, YamlNode::Kind kind) {
  if (tag.empty() || tag == "?" || tag == "!") {
    return true;
  }
  if (tag.substr(0, k_standard_tag.size()) != k_standard_tag) {
    return false;
  }
  const std::string_view name = tag.substr(k_standard_tag.size());
  if (kind == YamlNode::Kind::list || kind == YamlNode::Kind::map) {
    return name == (kind == YamlNode::Kind::list ? "seq" : "map");
  }
  static constexpr std::array<std::string_view, 5> k_scalars{"str", "int", "float", "bool", "null"};
  return std::find(k_scalars.begin(), k_scalars.end(), name) != k_scalars.end();
}

std::string shown_tag(std::string_view tag) {
  if (tag.substr(0, k_standard_tag.size()) == k_standard_tag) {
    return "!!" + std::string(tag.substr(k_standard_tag.size(), 40));
  }
  return std::string(tag.substr(0, 40));
}

class NodeBuilder final : public YAML::EventHandler {
 public:
  NodeBuilder(const SourceText& source, YamlNodes& out) : source_(source), out_(out) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) {
      const std::size_t at = offset_of(mark);
      const bool marked = source_.text().substr(at, 3) == "---";
      throw StopReading(at,
                        marked ? "a second document starts here; a pipeline file has one"
                               : "the document ends before this",
                        marked ? "" : "check the indentation and the brackets");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node;
    node.offset = null_offset(offset_of(mark));
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node;
    node.offset = offset_of(mark);
    const auto target = anchors_.find(anchor);
    const bool known = target != anchors_.end();
    if (!known || std::find(open_.begin(), open_.end(), target->second) != open_.end()) {
      report(node.offset, "this alias stands for a value that contains the alias itself");
      node.broken = true;
    } else {
      node.kind = YamlNode::Kind::alias;
      node.target = target->second;
    }
    add(std::move(node), YAML::NullAnchor);
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.text = value;
    node.offset = skip_properties(offset_of(mark));
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    check_tag(tag, node, offset_of(mark));
    check_quotes(node);
    if (value.find('\0') != std::string::npos) {
      report(node.offset, "a NUL character is not allowed");
      node.broken = true;
    }
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { open_.pop_back(); }

  void OnMapStart(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override {
    const std::size_t map = open_.back();
    open_.pop_back();
    keep_good_pairs(map);
  }

 private:
  [[nodiscard]] std::size_t offset_of(const YAML::Mark& mark) const {
    return mark.pos < 0 ? 0 : std::min(static_cast<std::size_t>(mark.pos), source_.text().size());
  }

  // `&anchor` and `!tag` before a scalar are not what a message about it should point at.
  [[nodiscard]] std::size_t skip_properties(std::size_t offset) const {
    const std::string_view text = source_.text();
    while (offset < text.size() && (text[offset] == '&' || text[offset] == '!')) {
      const std::size_t end = std::min(text.find_first_of(" \t\r\n", offset), text.size());
      const std::size_t next = text.find_first_not_of(" \t\r\n", end);
      if (next == std::string_view::npos || text[next] == '#') {
        break;
      }
      offset = next;
    }
    return offset;
  }

  // yaml-cpp puts a value that is not written at the token that follows; its key is the better
  // place.
  [[nodiscard]] std::size_t null_offset(std::size_t offset) const {
    const std::string_view text = source_.text();
    if (offset < text.size() &&
        std::string_view("~nN&!").find(text[offset]) != std::string_view::npos) {
      return offset;
    }
    if (open_.empty()) {
      return offset;
    }
    const YamlNode& parent = out_.nodes[open_.back()];
    if (parent.kind == YamlNode::Kind::map) {
      return parent.children.size() % 2 == 1 ? out_.nodes[parent.children.back()].offset : offset;
    }
    const std::size_t before = offset == 0 ? 0 : text.find_last_not_of(" \t\r\n", offset - 1);
    return before < text.size() &&
                   std::string_view("-,[").find(text[before]) != std::string_view::npos
               ? before
               : offset;
  }

  void report(std::size_t offset, std::string message, std::string hint = {}) {
    out_.diagnostics.push_back({source_.position(offset), std::move(message), std::move(hint)});
  }

  void check_tag(const std::string& tag, YamlNode& node, std::size_t offset) {
    if (!is_standard_tag(tag, node.kind)) {
      report(offset, fmt::format("tag \"{}\" is not supported here", shown_tag(tag)), "remove it");
      node.broken = true;
    }
  }

  // yaml-cpp takes the end of the file for a closing quote when a line ends before it: a file that
  // was cut off must not look whole.
  void check_quotes(const YamlNode& node) const {
    const std::string_view text = source_.text();
    const char quote = node.offset < text.size() ? text[node.offset] : ' ';
    if (quote != '"' && quote != '\'') {
      return;
    }
    for (std::size_t i = node.offset + 1; i < text.size(); ++i) {
      const bool escape = quote == '"' ? text[i] == '\\' : text.substr(i, 2) == "''";
      if (escape) {
        ++i;
      } else if (text[i] == quote) {
        return;
      }
    }
    throw StopReading(node.offset, "a quote is not closed", "");
  }

  void open(YamlNode::Kind kind,
            const YAML::Mark& mark,
            const std::string& tag,
            YAML::anchor_t anchor) {
    YamlNode node;
    node.kind = kind;
    node.offset = offset_of(mark);
    if (open_.size() >= k_max_levels) {
      throw StopReading(
          node.offset, fmt::format("nested too deeply; at most {} levels", k_max_levels), "");
    }
    check_tag(tag, node, node.offset);
    open_.push_back(add(std::move(node), anchor));
  }

  std::size_t add(YamlNode node, YAML::anchor_t anchor) {
    const std::size_t index = out_.nodes.size();
    bool is_key = false;
    if (!open_.empty()) {
      YamlNode& parent = out_.nodes[open_.back()];
      is_key = parent.kind == YamlNode::Kind::map && parent.children.size() % 2 == 0;
      parent.children.push_back(index);
    }
    values_ += is_key ? 0U : 1U;
    if (values_ > k_max_values) {
      throw StopReading(node.offset, fmt::format("more than {} values", k_max_values), "");
    }
    if (anchor != YAML::NullAnchor) {
      anchors_[anchor] = index;
    }
    out_.nodes.push_back(std::move(node));
    return index;
  }

  void keep_good_pairs(std::size_t map) {
    const std::vector<std::size_t> children = std::move(out_.nodes[map].children);
    std::unordered_map<std::string_view, std::size_t> seen;  // key text -> offset
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
      const YamlNode& key = out_.nodes[children[i]];
      if (!is_good_key(key)) {
        continue;
      }
      const auto [first, fresh] = seen.emplace(key.text, key.offset);
      if (!fresh) {
        report(key.offset,
               fmt::format("duplicate key \"{}\"", shorten(key.text)),
               fmt::format("it is already in line {}", source_.position(first->second).line));
        continue;
      }
      kept.push_back(children[i]);
      kept.push_back(children[i + 1]);
    }
    out_.nodes[map].children = std::move(kept);
  }

  bool is_good_key(const YamlNode& key) {
    switch (key.kind) {
      case YamlNode::Kind::scalar:
        if (!key.quoted && key.text == "<<") {
          report(key.offset, "merge keys (\"<<\") are not supported", "write the keys out");
          return false;
        }
        return !key.broken;
      case YamlNode::Kind::null:
        if (!key.broken) {
          report(key.offset,
                 "a key is missing before \":\"",
                 "a key that is called null needs quotes");
        }
        return false;
      default:
        report(key.offset, "a key must be plain text, not a list, map or alias");
        return false;
    }
  }

  static std::string shorten(std::string_view text) {
    constexpr std::size_t k_longest = 60;
    return text.size() <= k_longest ? std::string(text)
                                    : std::string(text.substr(0, k_longest)) + "...";
  }

  const SourceText& source_;
  YamlNodes& out_;
  std::vector<std::size_t> open_;  // lists and maps that have not ended, outermost first
  std::unordered_map<YAML::anchor_t, std::size_t> anchors_;
  std::size_t values_ = 0;
  bool started_ = false;
};

struct Plain {
  std::string_view theirs;
  std::string_view message;
  std::string_view hint;
};

// What yaml-cpp's messages mean to somebody who wrote the file.
const std::array<Plain, 22> k_plain{{
    {YAML::ErrorMsg::END_OF_MAP_FLOW, "\"{\" is not closed, or a comma is missing", ""},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, "\"[\" is not closed, or a comma is missing", ""},
    {YAML::ErrorMsg::END_OF_MAP, "this does not fit into the map above", "check the indentation"},
    {YAML::ErrorMsg::END_OF_SEQ, "this does not fit into the list above", "check the indentation"},
    {YAML::ErrorMsg::MAP_KEY, "a key is not allowed here", "check the indentation"},
    {YAML::ErrorMsg::MAP_VALUE,
     "\":\" is not allowed here",
     "quote the value, or check the indentation"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "\"-\" is not allowed here", "check the indentation"},
    {YAML::ErrorMsg::FLOW_END, "a bracket is closed that was not opened", ""},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab is used for indentation", "use spaces"},
    {YAML::ErrorMsg::EOF_IN_SCALAR, "a quote is not closed", ""},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "a quote is not closed before the document ends", ""},
    {YAML::ErrorMsg::CHAR_IN_SCALAR, "unexpected character in a value", "quote the value"},
    {YAML::ErrorMsg::CHAR_IN_BLOCK, "unexpected character after \"|\" or \">\"", ""},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "unexpected character", "quote the value"},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR,
     "an alias (\"*\") stands for nothing",
     "quote the value if no alias is meant"},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND,
     "a name is missing after \"*\"",
     "quote the value if no alias is meant"},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND,
     "a name is missing after \"&\"",
     "quote the value if no anchor is meant"},
    {YAML::ErrorMsg::ALIAS_CONTENT, "an alias (\"*\") cannot have a value of its own", ""},
    {YAML::ErrorMsg::INVALID_ESCAPE,
     "unknown escape after \"\\\"",
     "use single quotes, or write \\\\"},
    {YAML::ErrorMsg::INVALID_UNICODE, "an escape names a character that does not exist", ""},
    {YAML::ErrorMsg::BAD_FILE, "nested too deeply; at most 64 levels", ""},
    {YAML::ErrorMsg::INVALID_HEX, "an escape needs hexadecimal digits", ""},
}};

// Where yaml-cpp noticed it. For an escape that is a character or more behind it.
std::size_t offset_of(const YAML::Exception& error, std::string_view text) {
  const std::size_t at = error.mark.pos < 0 ? 0 : static_cast<std::size_t>(error.mark.pos);
  const std::string_view what = error.msg;
  for (const std::string_view escape : {YAML::ErrorMsg::INVALID_ESCAPE,
                                        YAML::ErrorMsg::INVALID_HEX,
                                        YAML::ErrorMsg::INVALID_UNICODE}) {
    const std::size_t backslash = text.rfind('\\', at);
    if (what.substr(0, escape.size()) == escape && backslash != std::string_view::npos) {
      return backslash;
    }
  }
  return at;
}

Diagnostic in_plain_words(const YAML::Exception& error, const SourceText& source) {
  const Position at = source.position(offset_of(error, source.text()));
  const std::string_view theirs = error.msg;
  for (const Plain& plain : k_plain) {
    if (theirs.substr(0, plain.theirs.size()) == plain.theirs) {
      return {at, std::string(plain.message), std::string(plain.hint)};
    }
  }
  return {at, "not valid YAML: " + std::string(theirs.substr(0, 200)), ""};
}

}  // namespace

YamlNodes parse_nodes(const SourceText& source) {
  YamlNodes out;
  const auto give_up = [&out](Diagnostic why) {
    out.nodes.clear();
    out.diagnostics.push_back(std::move(why));
  };
  try {
    std::istringstream stream{std::string(source.text())};
    YAML::Parser parser(stream);
    NodeBuilder builder(source, out);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const StopReading& stop) {
    give_up({source.position(stop.offset), stop.message, stop.hint});
  } catch (const YAML::Exception& error) {
    give_up(in_plain_words(error, source));
  }
  return out;
}

}  // namespace deployflow::pipeline
