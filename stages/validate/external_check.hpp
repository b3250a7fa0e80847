// What to ask the web, in which order, and what comes of it. Pure: who asks is the caller's matter.
//
// An address is asked by HEAD, which moves nothing; what HEAD is refused is asked by GET, because
// many servers answer HEAD with nonsense. Hosts take turns, for each wants a pause. When host after
// host cannot be reached and not one answers, there is no network, and asking on tells nothing.

#pragma once

#include "stages/validate/web_answer.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace deployflow::validate {

class ExternalCheck {
 public:
  enum class Method : std::uint8_t { head, get };
  struct Question {
    std::size_t link = 0;  // its place in `urls`
    Method method = Method::head;
  };
  enum class Next : std::uint8_t {
    ask,   // the question
    wait,  // for an answer
    end
  };

  /// `is_known`, by place in `urls`: of these nothing is asked. The URLs must outlive this.
  ExternalCheck(std::span<const std::string_view> urls, const std::vector<bool>& is_known);

  Next next(Question& question);
  /// What came of a question, once.
  void take(const Question& question, WebAnswer answer);

  /// By place in `urls`; nullopt: known before, or not asked.
  [[nodiscard]] const std::vector<std::optional<WebAnswer>>& answers() const { return answers_; }
  [[nodiscard]] std::size_t asked() const { return asked_; }
  [[nodiscard]] std::size_t answered() const { return answered_; }

  /// Not one of those that were asked could be reached.
  [[nodiscard]] bool is_network_down() const;
  /// Hosts that could not be reached.
  [[nodiscard]] std::size_t lost_hosts() const { return lost_.size(); }

 private:
  std::span<const std::string_view> urls_;
  std::deque<Question> waiting_;
  std::vector<std::optional<WebAnswer>> answers_;
  std::unordered_set<std::string_view> lost_;  // hosts
  std::size_t in_flight_ = 0, asked_ = 0, answered_ = 0;
  bool is_reached_ = false;  // somebody has answered something
};

}  // namespace deployflow::validate
