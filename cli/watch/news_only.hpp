// Of each round of a watch, what the round before did not tell.

#pragma once

#include "cli/ui/reporter.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace deployflow::cli {

/// What was found, and how often; where in its file does not count, since that moves.
using Known = std::map<std::string, std::uint64_t>;

/// One round. Hands all to `next` but findings that are known.
class NewsOnly : public Reporter {
 public:
  NewsOnly(Reporter& next, Known known) : next_(next), known_(std::move(known)) {}

  void on_event(const run::Event& event) override;
  void begin(const std::string& what, SiteKind kind) override { next_.begin(what, kind); }
  void note(const std::string& text) override { next_.note(text); }
  void refuse(const Refusal& refusal) override { next_.refuse(refusal); }
  void tick() override { next_.tick(); }

  /// What the next round knows: all that this one found, or, if it did not come to its end, what it
  /// knew itself.
  Known take();

 private:
  void tell_gone();

  Reporter& next_;
  Known known_;
  Known found_;
  bool has_ended_ = false;
};

}  // namespace deployflow::cli
