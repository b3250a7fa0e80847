// The stage `compress`: puts the compressed forms of files in their place, or beside them. Its
// reference is the README beside this file.

#pragma once

#include "stages/compress/coding.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace deployflow::stages {

class Compress {
 public:
  static constexpr auto name = "compress";
  static constexpr auto version = "0.1.0";
  static constexpr auto summary = "stores files in compressed form, for browsers to expand";
  static constexpr auto options = R"({
    "type": "object",
    "properties": {
      "match": {
        "description": "pattern of keys, or a list of them; one that begins with ! takes away. Without one: text and all else that is known to compress",
        "anyOf": [
          {"type": "string", "format": "glob"},
          {"type": "array", "minItems": 1, "items": {"type": "string", "format": "glob"}}
        ]
      },
      "codings": {
        "type": "array", "minItems": 1, "items": {"type": "string", "enum": ["gzip", "br"]},
        "description": "gzip, br or both; gzip if it is not given"
      },
      "as": {
        "type": "string", "enum": ["encoding", "beside"], "default": "encoding",
        "description": "encoding: in place of the file, one coding; beside: as key.gz and key.br, for servers that choose"
      }
    }
  })";
  static constexpr std::uint32_t caps = DF_CAP_READS_CONTENT | DF_CAP_CHANGES_SET | DF_CAP_PARALLEL;

  Compress();
  ~Compress();
  Compress(Compress&& other) noexcept;
  Compress& operator=(Compress&&) = delete;

  void configure(Ctx ctx, const Options& given);
  void process(Ctx ctx, const Artifact& file);

 private:
  struct Match {
    std::vector<std::string> taken;  // patterns; none = what is known to compress
    std::vector<std::string> left;   // without their "!"
  };
  class Work;

  void read_match(Ctx ctx, const Options& given);
  void read_codings(Ctx ctx, const Options& given);

  Match match_;
  std::vector<Coding> codings_;
  bool is_beside_ = false;
  std::unique_ptr<Work> work_;  // what the calls of process() share
};

}  // namespace deployflow::stages
