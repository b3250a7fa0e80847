// The stage `noindex`: every page asks search engines to leave it out. Its reference is the README
// beside this file.

#pragma once

#include <deployflow/stage.hpp>

#include <cstdint>

namespace deployflow::stages {

class Noindex {
 public:
  static constexpr auto name = "noindex";
  static constexpr auto version = "0.1.0";
  static constexpr auto summary = "makes every page ask search engines to leave it out";
  static constexpr const char* options = nullptr;
  static constexpr std::uint32_t caps = DF_CAP_READS_CONTENT | DF_CAP_CHANGES_SET;

  void configure(Ctx /*ctx*/, const Options& /*given*/) {}
  void run(Ctx ctx, const RunInfo& info) const;
};

}  // namespace deployflow::stages
