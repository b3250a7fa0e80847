#include "stages/release/release_json.hpp"

#include <algorithm>

namespace deployflow::release {
namespace {

constexpr std::size_t k_largest = 1U << 20;  // bytes of a small document
constexpr int k_deepest = 16;                // levels: a parser that recurses must not be led deep
constexpr std::size_t k_longest_text = 2048;

void put(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) {
    json[name] = text;
  }
}

}  // namespace

Json parse_small(std::string_view text) {
  if (text.size() > k_largest) {
    return nullptr;
  }
  const auto shallow = [](int depth, Json::parse_event_t, Json&) { return depth <= k_deepest; };
  Json json = Json::parse(text, shallow, false);
  return json.is_object() ? json : Json(nullptr);
}

std::string text_of(const Json& object, const char* name) {
  if (!object.is_object()) {
    return {};
  }
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) {
    return {};
  }
  const auto& text = found->get_ref<const std::string&>();
  return text.size() <= k_longest_text ? text : std::string();
}

std::uint64_t number_of(const Json& object, const char* name) {
  if (!object.is_object()) {
    return 0;
  }
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

Json to_json(const Provenance& by) {
  Json json{{"time", format_time(by.time_s)}, {"time_s", std::max<std::int64_t>(by.time_s, 0)}};
  put(json, "user", by.user);
  put(json, "host", by.host);
  put(json, "job", by.job);
  put(json, "commit", by.commit);
  put(json, "version", by.version);
  return json;
}

Json to_json(const ReleaseLine& release) {
  Json json{{"id", release.id},
            {"by", to_json(release.by)},
            {"files", release.files},
            {"bytes", release.bytes}};
  put(json, "parent", release.parent);
  if (!release.manifest_etag.empty()) {
    json["manifest"] = {{"size", release.manifest_size}, {"etag", release.manifest_etag}};
  }
  return json;
}

Provenance provenance_of(const Json& json) {
  Provenance by;
  by.time_s = static_cast<std::int64_t>(
      std::min<std::uint64_t>(number_of(json, "time_s"), std::uint64_t{1} << 40U));
  by.user = text_of(json, "user");
  by.host = text_of(json, "host");
  by.job = text_of(json, "job");
  by.commit = text_of(json, "commit");
  by.version = text_of(json, "version");
  return by;
}

ReleaseLine release_line_of(const Json& json) {
  ReleaseLine line;
  line.id = text_of(json, "id");
  line.parent = text_of(json, "parent");
  line.files = number_of(json, "files");
  line.bytes = number_of(json, "bytes");
  if (!json.is_object()) {
    return line;
  }
  if (const auto by = json.find("by"); by != json.end()) {
    line.by = provenance_of(*by);
  }
  if (const auto manifest = json.find("manifest"); manifest != json.end()) {
    line.manifest_size = number_of(*manifest, "size");
    line.manifest_etag = text_of(*manifest, "etag");
  }
  return line;
}

}  // namespace deployflow::release
