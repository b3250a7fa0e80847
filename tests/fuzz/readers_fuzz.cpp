// Style sheets, srcset, XML, web app manifests, secrets and what a file does not want to hear,
// whatever the bytes.

#include "stages/validate/css.hpp"
#include "stages/validate/ignore_marks.hpp"
#include "stages/validate/secrets.hpp"
#include "stages/validate/srcset.hpp"
#include "stages/validate/web_manifest.hpp"
#include "stages/validate/xml_reader.hpp"
#include "tests/fuzz/claim.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::validate;
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  const auto inside = [text](const Reference& r) {
    CLAIM(r.at <= text.size());
    CLAIM(!reference_noun(r.kind).empty());
  };
  read_css(text, inside);
  read_srcset(text, inside);
  const FileSink sink{
      inside,
      [text](const Rule& rule, std::size_t at, const std::string& message, const std::string&) {
        CLAIM(is_rule(rule.code) && at <= text.size() && !message.empty());
      }};
  read_xml(text, sink);
  read_web_manifest(text,
                    {[text](const Reference& r) {
                       CLAIM(r.at < text.size() && text[r.at] == '"' && !r.url.empty());
                     },
                     sink.finding});
  search_secrets(text, [text](const Secret& secret) {
    CLAIM(!secret.text.empty() && secret.text.data() >= text.data() &&
          secret.text.data() + secret.text.size() <= text.data() + text.size());
  });
  for (const Finding& finding : find_secrets(text, {.rules = RuleSet::strict})) {
    CLAIM(is_rule(finding.code) && finding.message.size() < 100);
  }
  for (const CommentSyntax syntax : {CommentSyntax::html, CommentSyntax::css}) {
    for (const IgnoreMarks::Unknown& unknown : read_ignore_marks(text, syntax).unknown) {
      CLAIM(!is_rule(unknown.code) && text.substr(unknown.at).starts_with(unknown.code));
    }
  }
  return 0;
}
