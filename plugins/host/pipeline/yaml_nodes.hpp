// A YAML document as a flat list of nodes, made from yaml-cpp's events under a budget.
//
// Never YAML::Node: its walk follows cyclic aliases for ever and its lookup hides duplicate keys.
// Aliases stay references here, so a document that multiplies costs no more than its text;
// following them, with a budget of its own, is yaml_reader's work.

#pragma once

#include "plugins/host/pipeline/diagnostic.hpp"
#include "plugins/host/pipeline/source_text.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace deployflow::pipeline {

inline constexpr std::size_t k_max_levels = 64;     // of lists and maps in each other
inline constexpr std::size_t k_max_values = 10000;  // keys are not counted

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, list, map, alias };

  Kind kind = Kind::null;
  bool quoted = false;                // or a block scalar, or tagged !!str
  std::string text;                   // of a scalar
  std::size_t offset = 0;             // byte where it starts, anchor and tag left out for a scalar
  std::vector<std::size_t> children;  // of a list: values; of a map: key, value, key, value...
  std::size_t target = 0;             // of an alias: the node it stands for
  bool broken = false;                // reported already
};

struct YamlNodes {
  std::vector<YamlNode>
      nodes;  // the first is the root; none = empty document, or it cannot be parsed
  Diagnostics diagnostics;
};

/// Parse one document. Keys of maps are unique scalars afterwards; what was not is reported and
/// left out.
YamlNodes parse_nodes(const SourceText& source);

}  // namespace deployflow::pipeline
