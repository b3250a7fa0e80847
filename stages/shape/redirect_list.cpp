#include "stages/shape/redirect_list.hpp"

#include "stages/release/option_value.hpp"
#include "stages/shape/address.hpp"
#include "stages/shape/redirects_file.hpp"

#include <cstddef>
#include <utility>

namespace deployflow::shape {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html
constexpr std::size_t k_longest_location = 2048;

/// `place_of(line)` says where a line of `text` stands.
template <class PlaceOf>
RedirectList read(Ctx ctx, std::string_view text, PlaceOf place_of) {
  RedirectList out;
  RedirectsFile file = parse_redirects(text);
  for (const LineProblem& problem : file.problems) {
    out.is_good = out.is_good && !problem.is_error;
    const Place place = place_of(problem.line);
    Finding finding =
        ctx.finding(problem.is_error ? DF_ERROR : DF_WARN, "shape/redirect", problem.message);
    place.mark(finding.hint(problem.hint));
  }
  for (Redirect& redirect : file.redirects) {
    Place place = place_of(redirect.line);
    auto key = key_of_path(redirect.from);
    if (!key || redirect.to.size() > k_longest_location) {
      out.is_good = false;
      Finding finding = ctx.error(
          "shape/redirect",
          in_quotes(key ? redirect.to : redirect.from) +
              (key ? " is too long: stores take at most 2,048 characters" : " names no object"));
      place.mark(finding);
      continue;
    }
    out.redirects.push_back({std::move(*key),
                             std::move(redirect.from),
                             std::move(redirect.to),
                             redirect.is_forced,
                             std::move(place)});
  }
  return out;
}

}  // namespace

// Each entry becomes a line of a file, so that both are read by the same rules.
RedirectList read_redirect_map(Ctx ctx, const df_value* map) {
  std::string text;
  std::vector<Place> places;
  bool is_good = true;
  release::OptionValue(ctx, map).each([&](std::string_view from,
                                          const release::OptionValue& value) {
    Place place = Place::of_option(value.pos());
    const std::string line = std::string(from) + " " + std::string(value.text());
    if (line.find_first_of("\r\n") != std::string::npos || from.find('#') == 0 || from.empty()) {
      is_good = false;
      Finding finding = ctx.error("shape/redirect", in_quotes(from) + " is no path");
      place.mark(finding.hint("such as /old: /new"));
      return;
    }
    text += line + "\n";
    places.push_back(std::move(place));
  });
  RedirectList out = read(ctx, text, [&](std::uint32_t line) { return places.at(line - 1); });
  out.is_good = out.is_good && is_good;
  return out;
}

RedirectList read_redirects_file(Ctx ctx, std::uint64_t file, std::string_view text) {
  return read(ctx, text, [&](std::uint32_t line) { return Place{file, {}, line, 1}; });
}

}  // namespace deployflow::shape
