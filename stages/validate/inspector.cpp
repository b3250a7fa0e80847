#include "stages/validate/inspector.hpp"

#include "stages/validate/encoding.hpp"
#include "stages/validate/facts_builder.hpp"
#include "stages/validate/file_readers.hpp"
#include "stages/validate/ignore_marks.hpp"
#include "stages/validate/key.hpp"
#include "stages/validate/media.hpp"
#include "stages/validate/page.hpp"
#include "stages/validate/secrets.hpp"
#include "stages/validate/size_text.hpp"

#include <string>
#include <utility>
#include <vector>

namespace deployflow::validate {
namespace {

// Of a page that is served in another encoding than UTF-8; else empty.
std::string_view other_charset(const SiteFile& file) {
  const std::string_view charset = charset_parameter(file.media_type);
  return names_utf8(charset) ? std::string_view() : charset;
}

void read_others(std::string_view text, const FileReader& reader, FactsBuilder& facts) {
  Position at;
  std::size_t done = 0;  // references mostly come in the order of the text
  const auto position_of = [&](std::size_t offset) {
    if (offset < done) {
      at = {};
      done = 0;
    }
    at = advanced(at, text.substr(done, offset - done));
    done = offset;
    return at;
  };
  reader.read(text,
              {[&](const Reference& r) { facts.add(r, position_of(r.at)); },
               [&](const Rule& rule, std::size_t offset, std::string message, std::string hint) {
                 facts.add(finding_of(rule,
                                      std::move(message),
                                      std::move(hint),
                                      offset == k_nowhere ? Position{0, 0} : position_of(offset)));
               }});
}

// Is the page looked into? Text of a page that is not is searched for secrets all the same.
bool is_page_read(const SiteFile& file, const Settings& settings) {
  return is_html(file.media_type) && file.redirect.empty() &&
         file.size <= settings.max_file_bytes && file.size <= settings.max_html_bytes &&
         other_charset(file).empty();
}

bool is_followed(const SiteFile& file) {
  const FileReader* reader = reader_of(file);
  return reader != nullptr && file.size <= reader->max_bytes;
}

std::uint64_t bytes_to_read(const SiteFile& file, const Settings& settings) {
  if (file.size > settings.max_file_bytes || !file.redirect.empty()) {
    return 0;
  }
  return is_page_read(file, settings) || is_followed(file) ? file.size : bytes_to_search(file);
}

bool has_comments_of_css(const SiteFile& file) {
  return is_media_type(file.media_type, "text/css") ||
         is_media_type(file.media_type, "text/javascript");
}

std::vector<Finding> what_is_not_read(const SiteFile& file, const Settings& settings) {
  const bool is_page = is_html(file.media_type);
  if (file.size > settings.max_file_bytes) {
    return {
        finding_of(rules::k_file_size,
                   size_text(file.size) + ", the limit is " + size_text(settings.max_file_bytes),
                   "raise max_file_size, or leave the file out of the site")};
  }
  if (is_page && !other_charset(file).empty()) {
    return {finding_of(
        rules::k_charset,
        "served as " + std::string(other_charset(file)) + ": only UTF-8 pages are checked",
        "convert the page to UTF-8")};
  }
  if (is_page && file.size > settings.max_html_bytes) {
    return {finding_of(rules::k_too_large,
                       size_text(file.size) + " of HTML was not checked, the limit is " +
                           size_text(settings.max_html_bytes),
                       "raise max_html_size")};
  }
  if (const FileReader* reader = reader_of(file);
      !is_page && reader != nullptr && file.size > reader->max_bytes) {
    return {finding_of(rules::k_file_unread,
                       size_text(file.size) + ": what it refers to was not checked, the limit is " +
                           size_text(reader->max_bytes))};
  }
  return {};
}

}  // namespace

bool is_read(const SiteFile& file, const Settings& settings) {
  return bytes_to_read(file, settings) > 0;
}

FileFacts Inspector::inspect(const SiteFile& file, const Settings& settings) {
  FactsBuilder facts(settings.address, file.key);
  if (settings.external.is_on) {
    facts.keep_outside();
  }
  for (Finding& finding : check_key(file.key, RuleSet::strict)) {
    if (settings.page.asks(*find_rule(finding.code))) {
      facts.add(std::move(finding));
    }
  }
  if (!file.redirect.empty()) {
    facts.add({RefKind::page, file.redirect}, Position{0, 0});
    return std::move(facts).finish();
  }
  for (Finding& finding : what_is_not_read(file, settings)) {
    facts.add(std::move(finding));
  }
  SiteFile part = file;
  part.size = bytes_to_read(file, settings);
  if (is_page_read(file, settings)) {
    read_(part, buffer_);
    read_page(buffer_, settings.page, memory_, facts);
  } else if (part.size > 0) {
    read_(part, buffer_);
    if (has_comments_of_css(file)) {
      facts.set_ignored(read_ignore_marks(buffer_, CommentSyntax::css).rules);
    }
    if (is_followed(file)) {
      read_others(buffer_, *reader_of(file), facts);
    }
  } else {
    buffer_.clear();
  }
  for (Finding& finding : find_secrets(buffer_, settings.page)) {
    facts.add(std::move(finding));
  }
  return std::move(facts).finish();
}

}  // namespace deployflow::validate
