// What a call into the fake host has behind its df_ctx, for the two files that it is made of.

#pragma once

#include "tests/unit/stages/fake_host.hpp"

#include <deployflow/stage.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <mutex>
#include <random>
#include <string>

struct df_value {
  const fake::Options* map = nullptr;
  const fake::Option* option = nullptr;  // one option; with `item` set, one text of it
  const std::string* item = nullptr;
};

struct df_cursor {
  std::size_t at = 0;
};

struct df_ctx {
  fake::World* world = nullptr;
  std::deque<df_value> values;
  std::deque<df_cursor> cursors;
  df_artifact view{};
  std::deque<std::string> texts;
  bool cancelled = false;
  std::mt19937 random;
  std::string temp_folder;
  // Every call takes it: stages have threads. A batch holds it to its end.
  std::recursive_mutex mutex;
};

namespace fake {

using Guard = std::lock_guard<std::recursive_mutex>;

inline constexpr char k_reserved[] = ".deployflow/";
inline constexpr char k_lock[] = ".deployflow/lock.json";

inline bool is_reserved(const std::string& key) {
  return key.rfind(k_reserved, 0) == 0;
}

inline bool is_write(std::int32_t kind) {
  return kind != DF_OP_HEAD && kind != DF_OP_GET;
}

inline df_str cs(const std::string& text) {
  return {text.data(), text.size()};
}
inline std::string str(df_str text) {
  return text.p != nullptr ? std::string(text.p, text.n) : "";
}

inline const Artifact* find_artifact(const World& w, std::uint64_t id) {
  const auto found =
      std::find_if(w.site.begin(), w.site.end(), [id](const Artifact& a) { return a.id == id; });
  return found == w.site.end() ? nullptr : &*found;
}

/// The stores of the world.
const df_objectstore& store_table();

}  // namespace fake
