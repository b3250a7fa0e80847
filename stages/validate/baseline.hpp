// Findings that are known, so that an old site can start clean: they are not told, all others are.
//
//   deployflow baseline 1
//   blog/index.html<TAB>link/missing<TAB>1<TAB>img/team.webp
//
// One line for what is the same mistake: file, code, how often, and what it is about. Where it
// stands is left out, so that a line above it moves nothing; sorted, so that versions of the file
// differ where findings do. Lines that begin with # and empty ones say nothing. What is no text is
// written \xNN.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace deployflow::validate {

struct KnownFinding {
  std::string key;   // of the file
  std::string code;  // perhaps one of another version
  std::string text;  // what it is about; see stable_text(). May be empty

  friend bool operator==(const KnownFinding&, const KnownFinding&) = default;
  friend bool operator<(const KnownFinding& a, const KnownFinding& b) {
    return std::tie(a.key, a.code, a.text) < std::tie(b.key, b.code, b.text);
  }
};

/// How often each is known, at least once.
using KnownFindings = std::map<KnownFinding, std::uint32_t>;

struct ParsedBaseline {
  KnownFindings known;
  /// The first line that cannot be read, and why; then nothing is known.
  struct Mistake {
    std::size_t line = 0;
    std::string message, hint;
  };
  std::optional<Mistake> mistake;
};

/// Whatever the text is. A file that was cut is one whose last line does not end: what is cut
/// between two lines makes fewer findings known, never more.
ParsedBaseline parse_baseline(std::string_view text);
/// Does it begin as one, of whatever version? Nothing else is ever written over.
bool is_baseline(std::string_view text);
std::string write_baseline(const KnownFindings& known);

/// What a finding says, without what another line or another byte of the file changes: positions;
/// of sizes the numbers.
std::string stable_text(std::string_view code, std::string_view message);

/// Asked of each finding once, in order of place; those for which it is true are not told. Empty =
/// all are told.
using IsKnown =
    std::function<bool(std::string_view code, std::string_view key, std::string_view text)>;

/// The known findings against those of a run.
class Baseline {
 public:
  explicit Baseline(KnownFindings known = {}) : known_(std::move(known)) {}

  /// Counts it, and tells whether it was expected: of three where two are known, the last is not.
  bool take(std::string_view code, std::string_view key, std::string_view text);

  [[nodiscard]] std::uint64_t expected_count() const { return expected_; }
  /// Of those that were known: how many did not occur.
  [[nodiscard]] std::uint64_t gone_count() const;
  /// All that was counted.
  [[nodiscard]] const KnownFindings& seen() const { return seen_; }

 private:
  KnownFindings known_, seen_;
  std::uint64_t expected_ = 0;
};

}  // namespace deployflow::validate
