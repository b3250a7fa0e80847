// A file _redirects, whatever its bytes.

#include "stages/shape/redirects_file.hpp"
#include "tests/fuzz/claim.hpp"

#include <set>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::shape;
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  const RedirectsFile file = parse_redirects(text);
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
  std::set<std::string> from;
  line = 0;
  for (const Redirect& redirect : file.redirects) {
    CLAIM(redirect.line > line && redirect.line <= ends + 1);
    CLAIM(redirect.from.front() == '/' && from.insert(redirect.from).second);
    CLAIM(is_plain(redirect.from) && is_plain(redirect.to) && !redirect.to.empty());
    CLAIM(redirect.from != redirect.to);
    line = redirect.line;
  }
  return 0;
}
