#include "stages/upload/explain.hpp"

#include "stages/release/release_json.hpp"

#include <utility>

namespace deployflow::stages {
namespace {

std::string in_words(const release::HeaderChange& change) {
  if (!change.after) {
    return change.name + " is taken away";
  }
  return change.name + ": " + *change.after +
         (change.before ? " (was " + *change.before + ")" : "");
}

}  // namespace

void Explain::configure(Ctx ctx, const Options& given) {
  key_ = given.get<std::string>("key");
  const auto defaults = given.get_or("header_defaults", true) ? release::HeaderRules::Defaults::on
                                                              : release::HeaderRules::Defaults::off;
  headers_ = release::HeaderRules::read(ctx, name, given.value("headers"), defaults);
}

void Explain::run(Ctx ctx, const RunInfo& /*info*/) const {
  using release::Json;
  const auto explained = headers_.explain(ctx, key_);
  if (!explained) {
    ctx.error("explain/no-file", "the site has no file " + key_)
        .hint("the key is the path below the site's folder");
    throw Failure{DF_FAILED, ""};
  }
  Json steps = Json::array();
  for (const release::HeaderStep& step : explained->steps) {
    ctx.answer(step.by + (step.changes.empty() ? ": changes nothing" : ":"));
    Json changes = Json::array();
    for (const release::HeaderChange& change : step.changes) {
      ctx.answer("  " + in_words(change));
      changes.push_back({{"name", change.name},
                         {"before", change.before ? Json(*change.before) : Json(nullptr)},
                         {"after", change.after ? Json(*change.after) : Json(nullptr)}});
    }
    steps.push_back({{"by", step.by}, {"changes", std::move(changes)}});
  }
  ctx.answer("so " + key_ + " is stored with");
  ctx.answer("  content-type: " + explained->result.content_type);
  Json headers{{"content-type", explained->result.content_type}};
  for (const auto& [header, value] : explained->result.headers) {
    ctx.answer(std::string("  ").append(header).append(": ").append(value));
    headers[header] = value;
  }
  const Json whole{{"key", key_}, {"steps", std::move(steps)}, {"headers", std::move(headers)}};
  ctx.set_output("explanation", whole.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace deployflow::stages
