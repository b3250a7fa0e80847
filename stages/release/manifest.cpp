#include "stages/release/manifest.hpp"

#include "stages/release/interned.hpp"
#include "stages/release/release_json.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace deployflow::release {
namespace {

constexpr std::size_t k_piece = 64U << 10;  // bytes handed on at a time

/// A text as JSON. What is no UTF-8 is replaced: it can only be a value that a store made up.
std::string in_quotes(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Each different set of headers once, whichever catalog has it.
class HeaderNumbers {
 public:
  std::uint32_t of(const Catalog& from, std::size_t i) {
    const auto [at, is_new] = known_.try_emplace({&from, from.headers_number(i)}, 0);
    if (is_new) {
      at->second = sets_.number_of(from.headers(i));
    }
    return at->second;
  }
  [[nodiscard]] Json to_json() const {
    Json sets = Json::array();
    for (std::uint32_t number = 0; number < sets_.count(); ++number) {
      Json pairs = Json::array();
      for (const auto& [name, value] : sets_.at(number)) {
        pairs.push_back(Json::array({name, value}));
      }
      sets.push_back(std::move(pairs));
    }
    return sets;
  }

 private:
  Interned<StoredHeaders> sets_;
  std::map<std::pair<const Catalog*, std::uint32_t>, std::uint32_t> known_;
};

void append_row(std::string& out,
                const Catalog& objects,
                std::size_t i,
                std::uint32_t headers,
                std::string_view last) {
  out += "[";
  out += in_quotes(objects.key(i));
  out += "," + std::to_string(objects.size(i)) + ",\"" + to_hex(objects.sha256(i)) + "\",\"" +
         to_hex(objects.md5(i)) + "\",";
  out += in_quotes(objects.own_etag(i));
  out += "," + std::to_string(headers);
  if (!last.empty()) {
    out += "," + in_quotes(last);
  }
  out += "]";
}

}  // namespace

const ReleaseLine* Current::find(std::string_view id) const {
  const auto found = std::find_if(
      releases.begin(), releases.end(), [&](const ReleaseLine& one) { return one.id == id; });
  return found == releases.end() ? nullptr : &*found;
}

bool is_release_id(std::string_view text) {
  constexpr std::size_t k_longest = 64;
  return !text.empty() && text.size() <= k_longest &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-';
         });
}

std::string manifest_key(std::string_view id) {
  return std::string(k_releases_prefix) + std::string(id) + ".json";
}

std::string blob_key(const Sha256& sha256) {
  return std::string(k_blobs_prefix) + to_hex(sha256);
}

void write_manifest(const ReleaseLine& release,
                    const Contents& contents,
                    const std::function<void(std::string_view)>& out) {
  HeaderNumbers headers;
  contents([&](const Catalog& from, std::size_t i, std::string_view) { headers.of(from, i); });
  Json head = to_json(release);
  head["format"] = k_format;
  head["headers"] = headers.to_json();
  // The rows are written by hand, one a line: no tree of all of them is ever in memory.
  std::string piece = head.dump(-1, ' ', false, Json::error_handler_t::replace);
  piece.back() = ',';
  piece += "\n\"objects\":[";
  bool is_first = true;
  contents([&](const Catalog& from, std::size_t i, std::string_view last) {
    piece += is_first ? "\n" : ",\n";
    is_first = false;
    append_row(piece, from, i, headers.of(from, i), last);
    if (piece.size() >= k_piece) {
      out(piece);
      piece.clear();
    }
  });
  piece += "\n]}\n";
  out(piece);
}

std::string write_current(const Current& current) {
  Json json{{"format", k_format}, {"release", current.live}};
  json["since"] = to_json(current.since);
  Json releases = Json::array();
  for (const ReleaseLine& one : current.releases) {
    releases.push_back(to_json(one));
  }
  json["releases"] = std::move(releases);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Read<Current> read_current(std::string_view text) {
  const auto corrupt = [](std::string detail) {
    return Read<Current>{std::nullopt, Unreadable::corrupt, std::move(detail)};
  };
  const Json json = parse_small(text);
  if (!json.is_object()) {
    return corrupt("it is no JSON object");
  }
  if (number_of(json, "format") > k_format) {
    return {std::nullopt, Unreadable::newer, {}};
  }
  Current current;
  current.live = text_of(json, "release");
  if (number_of(json, "format") != k_format || !is_release_id(current.live)) {
    return corrupt("it names no release");
  }
  if (const auto since = json.find("since"); since != json.end()) {
    current.since = provenance_of(*since);
  }
  const auto releases = json.find("releases");
  if (releases == json.end() || !releases->is_array()) {
    return corrupt("it lists no releases");
  }
  for (const Json& one : *releases) {
    ReleaseLine line = release_line_of(one);
    if (!is_release_id(line.id) || current.find(line.id) != nullptr) {
      return corrupt("its list of releases is damaged");
    }
    current.releases.push_back(std::move(line));
  }
  if (current.find(current.live) == nullptr) {
    return corrupt("the live release is not in its list");
  }
  return {std::move(current), {}, {}};
}

std::string format_time(std::int64_t seconds) {
  const time_t time = seconds;
  tm parts{};
  std::array<char, 32> text{};
  if (gmtime_r(&time, &parts) == nullptr ||
      strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    return "an unknown time";
  }
  return text.data();
}

}  // namespace deployflow::release
