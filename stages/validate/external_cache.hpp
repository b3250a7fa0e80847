// What the web has answered in earlier runs, of all sites: a good answer is good for days, so that
// a check that runs at every commit does not ask the same servers each time. What was no good is
// asked again.
//
// One file of text, in a folder that anybody may empty. The bytes may be anybody's: what does not
// have its checksum is of no use, and no error.

#pragma once

#include "stages/validate/web_answer.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::validate {

using WebAnswers = std::map<std::string, WebAnswer, std::less<>>;  // by URL

/// Nothing if it is not what write_answers() makes.
WebAnswers read_answers(std::string_view text);
std::string write_answers(const WebAnswers& answers);
/// The bytes that have those lines, whatever is in them.
std::string with_checksum(std::string_view lines);

class ExternalCache {
 public:
  /// `folder`: empty = there is none, and nothing is kept. `now_s`: since the epoch.
  ExternalCache(std::string folder, std::int64_t now_s);

  /// The answer, if it is not older than so many seconds.
  [[nodiscard]] std::optional<WebAnswer> find(std::string_view url, std::int64_t max_age_s) const;
  void keep(std::string_view url, const WebAnswer& answer);
  /// If there is anything new. Failure is no matter.
  void save();

 private:
  [[nodiscard]] std::string path() const;

  std::string folder_;
  std::int64_t now_s_;
  WebAnswers answers_;
  bool is_changed_ = false;
};

}  // namespace deployflow::validate
