#include "stages/validate/external_options.hpp"

#include <string>
#include <utility>
#include <vector>

namespace deployflow::validate {
namespace {

// An item of a list that is a number or text.
std::vector<std::string> texts_of(Ctx ctx, const df_value* list) {
  std::vector<std::string> out;
  const df_host* host = ctx.host();
  const std::uint64_t count = list != nullptr ? host->value_count(ctx.raw(), list) : 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const df_value* item = host->value_at(ctx.raw(), list, i, nullptr);
    std::int64_t number = 0;
    df_str text{};
    if (host->value_kind(ctx.raw(), item) == DF_INT) {
      require_ok(host->value_int(ctx.raw(), item, &number), "option");
      out.push_back(std::to_string(number));
    } else {
      require_ok(host->value_str(ctx.raw(), item, &text), "option");
      out.emplace_back(sv(text));
    }
  }
  return out;
}

[[noreturn]] void refuse(Ctx ctx,
                         const Options& given,
                         std::string_view option,
                         const std::string& text,
                         const char* hint) {
  ctx.error("validate", std::string(option) + ": not understood: " + text)
      .at(given.pos(option))
      .hint(hint);
  throw Failure{DF_BAD_OPTIONS, ""};
}

std::vector<UrlPattern> patterns_of(Ctx ctx, const Options& given, std::string_view option) {
  std::vector<UrlPattern> out;
  given.each<std::string>(option, [&](const std::string& text) {
    auto pattern = UrlPattern::parse(text);
    if (!pattern) {
      refuse(ctx,
             given,
             option,
             text,
             "such as example.com, *.example.com or https://example.com/docs/");
    }
    out.push_back(std::move(*pattern));
  });
  return out;
}

}  // namespace

ExternalSettings read_external(Ctx ctx, const Options& given) {
  ExternalSettings out;
  out.is_on = given.get<bool>("external");
  out.allow = patterns_of(ctx, given, "external_allow");
  out.deny = patterns_of(ctx, given, "external_deny");
  for (const std::string& text : texts_of(ctx, given.value("external_accept"))) {
    if (!out.accepted.add(text)) {
      refuse(
          ctx, given, "external_accept", text, "a status such as 404, or a range such as 200-299");
    }
  }
  constexpr std::int64_t k_ms = 1'000;
  out.max_age_s = given.get<std::int64_t>("external_max_age") / k_ms;
  out.timeout_ms = given.get<std::uint32_t>("external_timeout");
  out.is_anywhere = given.get<bool>("external_private");
  return out;
}

}  // namespace deployflow::validate
