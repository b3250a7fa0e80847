// The place that `state:` names: all that a deployment keeps there depends on it.

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/probe/probes.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace deployflow::store {
namespace {

ProbeRow limited(std::string detail, std::string meaning) {
  return {.name = "state",
          .verdict = Verdict::limited,
          .detail = std::move(detail),
          .meaning = std::move(meaning)};
}

class StateProbe {
 public:
  StateProbe(Bench& site, Bench& state, StatePlaces places)
      : site_(site), state_(state), places_(std::move(places)) {}

  ProbeRow run() {
    for (const auto step : {&StateProbe::write_and_read,
                            &StateProbe::write_once,
                            &StateProbe::copy_there_and_back,
                            &StateProbe::look_for_what_was_left}) {
      if (auto wrong = (this->*step)()) {
        wrong->name = "state";
        wrong->detail = fmt::format("{}: {}", printable(places_.state.display()), wrong->detail);
        return std::move(*wrong);
      }
    }
    return {.name = "state",
            .detail =
                fmt::format("{}: written, read, listed, written once, copied to the site and back",
                            printable(places_.state.display()))};
  }

 private:
  using Wrong = std::optional<ProbeRow>;

  Wrong write_and_read() {
    constexpr const char* k_meaning = "deployflow cannot keep there what it must remember";
    const std::string key = state_.key(k_probe_page);
    Put put;
    put.key = key;
    put.payload = make_payload(state_.page_body());
    put.media_type = k_probe_media_type;
    Outcome outcome = state_.ask(std::move(put));
    if (outcome.ok()) {
      outcome = state_.read(key);
    }
    if (!outcome.ok()) {
      return refused_row("state", outcome.error(), Need::vital, k_meaning);
    }
    if (outcome->body != state_.page_body()) {
      ProbeRow row{.name = "state", .verdict = Verdict::no};
      row.detail = "other bytes came back than were put";
      row.meaning = k_meaning;
      row.error = Error{Errc::remote, row.detail};
      return row;
    }
    ListPage list;
    list.prefix = state_.scratch();
    const Outcome listed = state_.ask(std::move(list));
    if (!listed.ok()) {
      return refused_row("state", listed.error(), Need::vital, k_meaning);
    }
    const auto& held = listed.value().objects;
    const bool is_there = std::any_of(
        held.begin(), held.end(), [&](const ObjectInfo& object) { return object.key == key; });
    return is_there ? std::nullopt : Wrong(limited("what was put is not listed", k_meaning));
  }

  Wrong write_once() {
    ProbeRow row = conditional_row(state_);
    return row.verdict == Verdict::ok ? std::nullopt : Wrong(std::move(row));
  }

  Wrong copy_there_and_back() {
    constexpr const char* k_meaning =
        "contents travel through this machine on their way to the state and from it";
    const auto copied = [](Bench& to, std::string_view name, const StatePlace& from, Bench& of) {
      Copy copy;
      copy.from_bucket = from.bucket;
      copy.from_key = from.prefix + of.key(k_probe_page);
      copy.key = to.key(name);
      return to.ask(std::move(copy));
    };
    Outcome outcome = copied(state_, "of-site.html", places_.site, site_);
    if (outcome.ok()) {
      outcome = copied(site_, "of-state.html", places_.state, state_);
    }
    return outcome.ok() ? std::nullopt
                        : Wrong(refused_row("state", outcome.error(), Need::useful, k_meaning));
  }

  // Of before there was a `state:`. The scratch folders are the doctor's own, perhaps another's.
  Wrong look_for_what_was_left() {
    const std::string scratch_folders = std::string(k_reserved) + "doctor-";
    ListPage list;
    list.prefix = k_reserved;
    const Outcome listed = site_.ask(std::move(list));
    if (!listed.ok()) {
      return refused_row("state", listed.error(), Need::vital, "the site cannot be listed");
    }
    const auto& held = listed.value().objects;
    const bool is_left = std::any_of(held.begin(), held.end(), [&](const ObjectInfo& object) {
      return !object.key.starts_with(scratch_folders);
    });
    const std::string old = printable(places_.site.display());
    return is_left ? Wrong(limited("works, but " + old + " is not empty",
                                   "whoever can read the site's bucket can read what was kept "
                                   "there before; remove it once it has been copied"))
                   : std::nullopt;
  }

  Bench& site_;
  Bench& state_;
  StatePlaces places_;
};

}  // namespace

Probe state_probe(Bench& state, StatePlaces places) {
  return {"state", [&state, places = std::move(places)](Bench& site) {
            std::optional<ProbeRow> row;
            try {
              row = StateProbe(site, state, places).run();
            } catch (...) {
              state.clean();
              throw;
            }
            ProbeRow cleaned = state.clean();
            if (cleaned.verdict != Verdict::ok && row->verdict == Verdict::ok) {
              row =
                  limited(fmt::format("{}: {}", printable(places.state.display()), cleaned.detail),
                          cleaned.meaning);
            }
            return std::move(*row);
          }};
}

}  // namespace deployflow::store
