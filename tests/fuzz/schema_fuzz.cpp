// The schema of a plugin, which nobody vouches for, and the regular expressions in it: the first
// line of the input is an expression as well, the rest a text to match.

#include "plugins/host/base/text.hpp"
#include "plugins/host/pipeline/pattern.hpp"
#include "plugins/host/pipeline/pipeline.hpp"
#include "plugins/host/pipeline/schema.hpp"
#include "tests/fuzz/claim.hpp"

namespace deployflow::pipeline {
namespace {

void check_pattern(std::string_view rest) {
  const std::string_view expression = fuzz::take_line(rest);
  const auto pattern = Pattern::compile(expression);
  if (!pattern) {
    CLAIM(pattern.error().code == Errc::config);
    CLAIM(!fuzz::has_control(pattern.error().message));
    return;
  }
  const bool anywhere = pattern.value().matches(rest);
  CLAIM(!anywhere || is_utf8(rest));
  // Without anchors, more text around a match keeps it.
  if (anywhere && expression.find_first_of("^$") == std::string_view::npos && rest.size() < 4000) {
    CLAIM(pattern.value().matches("x" + std::string(rest) + "x"));
  }
}

void check_schema(const std::string& text) {
  const auto schema = parse_schema(text);
  if (!schema) {
    CLAIM(schema.error().code == Errc::plugin);
    CLAIM(!fuzz::has_control(schema.error().message));
    return;
  }
  (void)describe_type(schema.value());
  Pipeline pipeline;
  Value with;
  with.kind = Value::Kind::map;
  for (const Diagnostic& diagnostic : check_options(with, text.c_str(), pipeline, "with")) {
    CLAIM(!fuzz::has_control(to_string(diagnostic, "p")));
  }
  CLAIM(text.find('\0') != std::string::npos || describe_options(text.c_str()).ok());
}

}  // namespace
}  // namespace deployflow::pipeline

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  deployflow::pipeline::check_pattern(text);
  deployflow::pipeline::check_schema(std::string(text));
  return 0;
}
