#include "stages/shape/noindex.hpp"

#include "stages/shape/robots_meta.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::stages {
namespace {

using shape::RobotsPlace;

constexpr std::uint64_t k_largest = std::uint64_t{16} << 20U;  // bytes of a page in memory

using Headers = std::vector<std::pair<std::string, std::string>>;

bool is_encoded(const Headers& headers) {
  return std::ranges::any_of(headers, [](auto& h) { return h.first == "content-encoding"; });
}

std::string_view essence_of(std::string_view media_type) {
  return media_type.substr(0, media_type.find_first_of("; "));
}

/// The page as a file of its own: a site has more pages than memory.
void write_page(const std::string& path, std::string_view before, std::string_view behind) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  for (const std::string_view piece : {before, shape::k_noindex_tag, behind}) {
    file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  }
  file.close();
  if (!file) {
    throw Failure{DF_FAILED, path + ": the page cannot be written"};
  }
}

void leave(Ctx ctx, const Artifact& page, const char* code, const char* why) {
  ctx.warning(code, std::string("search engines may find the page: ") + why).on(page);
}

}  // namespace

void Noindex::run(Ctx ctx, const RunInfo& /*info*/) const {
  std::uint64_t changed = 0;
  ctx.each("", [&](const Artifact& page) {
    const std::string_view essence = essence_of(page.media_type());
    if (essence == "application/xhtml+xml") {
      return leave(ctx, page, "noindex/xhtml", "XHTML is left as it is");
    }
    if (essence != "text/html" || page.size() == 0) {
      return;
    }
    Headers headers;
    ctx.each_header(page.id(), [&](std::string_view header, std::string_view value) {
      headers.emplace_back(header, value);
    });
    if (is_encoded(headers)) {
      return leave(ctx, page, "noindex/encoded", "it is compressed already");
    }
    if (page.size() > k_largest) {
      return leave(ctx, page, "noindex/too-large", "it has more than 16 MiB");
    }
    const std::string text = ctx.read(page, k_largest);
    const shape::RobotsMeta place = shape::find_robots_place(text);
    if (place.place == RobotsPlace::other_bytes) {
      return leave(ctx, page, "noindex/encoding", "it is written in UTF-16 or UTF-32");
    }
    if (place.place != RobotsPlace::here) {
      return;
    }
    const std::string path = ctx.temp_dir() + "/" + std::to_string(page.id()) + ".html";
    const std::string_view whole = text;
    write_page(path, whole.substr(0, place.at), whole.substr(place.at));
    std::uint64_t id = 0;
    require_ok(
        ctx.host()->put_file(ctx.raw(), cs(page.key()), cs(path), cs(page.media_type()), &id),
        "put_file");
    for (const auto& [header, value] : headers) {
      ctx.set_header(id, header, value);
    }
    ++changed;
  });
  ctx.set_output("pages", std::to_string(changed));
}

}  // namespace deployflow::stages
