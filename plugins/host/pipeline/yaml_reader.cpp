#include "plugins/host/pipeline/yaml_reader.hpp"

#include "plugins/host/pipeline/yaml_nodes.hpp"
#include "plugins/host/pipeline/yaml_text.hpp"

#include <spdlog/fmt/fmt.h>

#include <string>
#include <utility>
#include <vector>

namespace deployflow::pipeline {
namespace {

constexpr std::size_t k_max_text_bytes = std::size_t{4} << 20U;

// Turns nodes into values, following aliases. The graph has no cycle, so depth is bounded by its
// limit.
class Expansion {
 public:
  Expansion(const std::vector<YamlNode>& nodes, const SourceText& source)
      : nodes_(nodes), source_(source) {}

  Value expand(std::size_t index, std::size_t level) {
    const std::size_t outermost = alias_;
    while (nodes_[index].kind == YamlNode::Kind::alias && !failure_) {
      alias_ = alias_ == k_none ? index : alias_;
      index = nodes_[index].target;
    }
    const YamlNode& node = nodes_[index];
    Value value;
    value.at = source_.position(node.offset);
    value.broken = node.broken;
    if (spend(node, level)) {
      fill(value, node, level);
    }
    alias_ = outermost;
    return value;
  }

  [[nodiscard]] const std::optional<Diagnostic>& failure() const { return failure_; }

 private:
  static constexpr std::size_t k_none = static_cast<std::size_t>(-1);

  bool spend(const YamlNode& node, std::size_t level) {
    if (failure_) {
      return false;
    }
    ++values_;
    text_bytes_ += node.text.size();
    const bool nests = node.kind == YamlNode::Kind::list || node.kind == YamlNode::Kind::map;
    if (values_ > k_max_values) {
      fail(node, fmt::format("aliases multiply to more than {} values", k_max_values));
    } else if (text_bytes_ > k_max_text_bytes) {
      fail(node, "aliases multiply to more than 4 MiB of text");
    } else if (nests && level > k_max_levels) {
      fail(node, fmt::format("aliases nest too deeply; at most {} levels", k_max_levels));
    }
    return !failure_;
  }

  void fail(const YamlNode& node, std::string message) {
    const std::size_t offset = alias_ == k_none ? node.offset : nodes_[alias_].offset;
    failure_ = Diagnostic{source_.position(offset), std::move(message), ""};
  }

  void fill(Value& value, const YamlNode& node, std::size_t level) {
    switch (node.kind) {
      case YamlNode::Kind::scalar:
        value.kind = Value::Kind::string;
        value.text = node.text;
        value.quoted = node.quoted;
        break;
      case YamlNode::Kind::list:
        value.kind = Value::Kind::list;
        for (const std::size_t child : node.children) {
          value.list.push_back(expand(child, level + 1));
        }
        break;
      case YamlNode::Kind::map:
        value.kind = Value::Kind::map;
        fill_map(value, node, level);
        break;
      default:
        break;
    }
  }

  void fill_map(Value& value, const YamlNode& node, std::size_t level) {
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
      const YamlNode& key = nodes_[node.children[i]];
      text_bytes_ += key.text.size();
      value.map.emplace_back(key.text, expand(node.children[i + 1], level + 1));
      value.key_positions.push_back(source_.position(key.offset));
    }
  }

  const std::vector<YamlNode>& nodes_;
  const SourceText& source_;
  std::size_t alias_ = k_none;  // the outermost alias on the way to the value in hand
  std::size_t values_ = 0;
  std::size_t text_bytes_ = 0;
  std::optional<Diagnostic> failure_;
};

}  // namespace

YamlDocument read_yaml(std::string_view text) {
  YamlDocument document;
  CheckedText checked = check_text(text);
  document.source = std::move(checked.source);
  document.diagnostics = std::move(checked.diagnostics);
  if (!document.diagnostics.empty()) {
    return document;
  }
  YamlNodes parsed = parse_nodes(document.source);
  document.diagnostics = std::move(parsed.diagnostics);
  const bool empty = parsed.nodes.empty() || parsed.nodes[0].kind == YamlNode::Kind::null;
  if (empty) {
    if (document.diagnostics.empty()) {
      document.diagnostics.push_back({{1, 1}, "the file is empty", ""});
    }
    return document;
  }
  Expansion expansion(parsed.nodes, document.source);
  Value root = expansion.expand(0, 1);
  if (expansion.failure()) {
    document.diagnostics.push_back(*expansion.failure());
    return document;
  }
  document.root = std::move(root);
  return document;
}

}  // namespace deployflow::pipeline
