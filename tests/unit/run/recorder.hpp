// An EventSink that keeps what it is told.

#pragma once

#include "plugins/host/run/event.hpp"

#include <string>
#include <variant>
#include <vector>

namespace deployflow::test {

class Recorder final : public run::EventSink {
 public:
  void on_event(const run::Event& event) override { events.push_back(event); }

  template <class T>
  [[nodiscard]] std::vector<T> all() const {
    std::vector<T> out;
    for (const auto& event : events) {
      if (const T* wanted = std::get_if<T>(&event)) {
        out.push_back(*wanted);
      }
    }
    return out;
  }
  [[nodiscard]] std::vector<std::string> codes() const {
    std::vector<std::string> out;
    for (const auto& finding : all<run::Finding>()) {
      out.push_back(finding.code);
    }
    return out;
  }

  std::vector<run::Event> events;
};

}  // namespace deployflow::test
