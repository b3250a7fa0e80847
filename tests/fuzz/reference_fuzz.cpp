// Addresses, and the redirects of a site, whatever their bytes.

#include "stages/validate/anchors.hpp"
#include "stages/validate/redirects.hpp"
#include "stages/validate/url.hpp"
#include "tests/fuzz/claim.hpp"

namespace deployflow::validate {
namespace {

void judge(std::string_view url, const SiteAddress& address) {
  UrlResolver resolver(address, "docs/guide/page.html");
  for (int i = 0; i < 2; ++i) {
    const Destination to = resolver.resolve(url);
    CLAIM(to.where == Where::inside || to.path.empty());
    CLAIM(to.where != Where::malformed || *to.why != 0);
    CLAIM(to.path.size() + to.fragment.size() <= 2 * url.size() + 64);
    // No dot segments are left, but those that were written as %2F.
    CLAIM(url.find('%') != std::string_view::npos ||
          ("/" + to.path + "/").find("/../") == std::string::npos);
    (void)has_anchor({}, to.fragment);
    resolver.set_base(url);
  }
}

}  // namespace
}  // namespace deployflow::validate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::validate;
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  judge(text, {});
  if (const auto address = parse_site_address(text)) {
    CLAIM(!address->host.empty());
    CLAIM(address->prefix.empty() || address->prefix.ends_with('/'));
    judge(text, *address);
  }
  std::size_t last = 0;
  read_redirects(text, [&](const Reference& r) {
    CLAIM(r.at >= last && r.at + r.url.size() <= text.size());
    CLAIM(text.substr(r.at).starts_with(r.url));
    last = r.at;
    (void)AnswerPattern(r.url).answers(segments_of(text));
    (void)AnswerPattern(text).answers(segments_of(r.url));
  });
  return 0;
}
