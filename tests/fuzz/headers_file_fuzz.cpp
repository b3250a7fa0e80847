// A file _headers, whatever its bytes.

#include "plugins/host/base/glob.hpp"
#include "stages/release/header_field.hpp"
#include "stages/shape/headers_file.hpp"
#include "tests/fuzz/claim.hpp"

#include <set>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::shape;
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  const HeadersFile file = parse_headers(text);
  const auto ends = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }));
  CLAIM(file.problems.size() <= 101);
  std::uint32_t line = 0;
  for (const LineProblem& problem : file.problems) {
    CLAIM(problem.line >= 1 && problem.line >= line && problem.line <= ends + 1);
    CLAIM(!problem.message.empty() && !deployflow::fuzz::has_control(problem.message));
    CLAIM(problem.message.size() < 200);
    line = problem.line;
  }
  line = 0;
  for (const HeaderBlock& block : file.blocks) {
    CLAIM(block.line > line && block.path.front() == '/' && !block.headers.empty());
    CLAIM(!block.glob.empty() && block.glob.front() != '/' && block.glob.front() != '!');
    CLAIM(deployflow::Glob::compile(block.glob).ok());
    line = block.line;
    std::set<std::string> names;
    for (const HeaderLine& header : block.headers) {
      CLAIM(header.line > line && header.line <= ends + 1);
      CLAIM(deployflow::release::is_token(header.name) && names.insert(header.name).second);
      CLAIM(!header.value.empty() && !deployflow::fuzz::has_control(header.value));
      line = header.line;
    }
  }
  return 0;
}
