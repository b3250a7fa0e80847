#include "stages/shape/header_lines.hpp"

#include "stages/release/header_field.hpp"
#include "stages/release/plain_pattern.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace deployflow::shape {
namespace {

using release::PlainPattern;

std::vector<std::uint64_t> meant(Ctx ctx, const std::string& glob) {
  std::vector<std::uint64_t> ids;
  ctx.each(glob, [&](const Artifact& file) { ids.push_back(file.id()); });
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool holds(const std::vector<std::uint64_t>& sorted, std::uint64_t id) {
  return std::binary_search(sorted.begin(), sorted.end(), id);
}

}  // namespace

bool HeaderLines::read(Ctx ctx, std::uint64_t file, std::string_view text) {
  constexpr std::string_view k_code = "shape/header";
  HeadersFile said = parse_headers(text);
  bool is_good = true;
  for (const LineProblem& problem : said.problems) {
    is_good = is_good && !problem.is_error;
    ctx.finding(problem.is_error ? DF_ERROR : DF_WARN, k_code, problem.message)
        .on(file)
        .at(problem.line, 1)
        .hint(problem.hint);
  }
  std::set<std::string> told;
  for (HeaderBlock& block : said.blocks) {
    std::vector<HeaderLine> kept;
    for (HeaderLine& header : block.headers) {
      if (!is_kept_by_stores(header.name)) {
        if (told.insert(header.name).second) {
          ctx.warning(k_code, in_quotes(header.name) + ": a bucket cannot send this header")
              .on(file)
              .at(header.line, 1)
              .hint("let the CDN or server in front of it do so");
        }
      } else if (!release::is_header_value(header.value)) {
        is_good = false;
        ctx.error(k_code, in_quotes(header.name) + ": the value has more than 4,096 characters")
            .on(file)
            .at(header.line, 1);
      } else {
        kept.push_back(std::move(header));
      }
    }
    block.headers = std::move(kept);
    if (!block.headers.empty()) {
      blocks_.push_back({std::move(block), {}});
    }
  }
  return is_good;
}

void HeaderLines::look(Ctx ctx) {
  for (Block& block : blocks_) {
    if (!PlainPattern::read(block.said.glob)) {
      block.originals = meant(ctx, block.said.glob);
    }
  }
}

void HeaderLines::apply(Ctx ctx, const std::vector<HeaderTarget>& targets) const {
  for (const Block& block : blocks_) {
    const auto plain = PlainPattern::read(block.said.glob);
    const std::vector<std::uint64_t> now =
        plain ? std::vector<std::uint64_t>() : meant(ctx, block.said.glob);
    bool found = false;
    for (const HeaderTarget& target : targets) {
      if (plain ? !plain->matches(target.name) && !plain->matches(target.key)
                : !holds(block.originals, target.original) && !holds(now, target.id)) {
        continue;
      }
      found = true;
      for (const HeaderLine& header : block.said.headers) {
        if (header.name == release::k_content_type) {
          require_ok(ctx.host()->set_media_type(ctx.raw(), target.id, cs(header.value)),
                     "set_media_type");
        } else {
          ctx.set_header(target.id, header.name, header.value);
        }
      }
    }
    if (!found) {
      ctx.log(DF_INFO,
              "_headers, line " + std::to_string(block.said.line) + ": " + block.said.path +
                  " means no file");
    }
  }
}

}  // namespace deployflow::shape
