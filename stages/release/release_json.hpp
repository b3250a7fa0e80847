// The small pieces of JSON that the documents of a release are made of. nlohmann's header stays in
// files that write or read them.

#pragma once

#include "stages/release/manifest.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace deployflow::release {

using Json = nlohmann::json;

/// A document of at most 1 MiB and few levels; not an object if it is no JSON.
Json parse_small(std::string_view text);

/// The member, if it is one of that type; else "" or 0.
std::string text_of(const Json& object, const char* name);
std::uint64_t number_of(const Json& object, const char* name);

Json to_json(const Provenance& by);
Json to_json(const ReleaseLine& release);
Provenance provenance_of(const Json& json);
ReleaseLine release_line_of(const Json& json);

}  // namespace deployflow::release
