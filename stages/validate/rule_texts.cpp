#include "stages/validate/rule_texts.hpp"

#include <array>

namespace deployflow::validate {

std::span<const RuleText> rule_texts() {
  using enum ExampleOf;
  using namespace rules;
  static const std::array k_all{
      RuleText{&k_file_size,
               "Such a file was seldom meant to be in a site: a dump, an archive, a raw video. The "
               "limit is max_file_size."},
      RuleText{&k_key_length, "S3 stores no longer key. Shorten the names of the file's folders."},
      RuleText{&k_key_characters,
               "A listing in XML cannot name such a key, so nobody would find it again.",
               key,
               "a\nb.html",
               "a-b.html"},
      RuleText{&k_too_large,
               "Its HTML was not checked. Pages over 1 MiB are rare; the limit is max_html_size."},
      RuleText{
          &k_too_complex,
          "Elements nested over 512 levels deep, over 1,000 attributes on one tag or over 400,000 "
          "tags: browsers show none of that well. Its HTML was not checked."},
      RuleText{&k_empty,
               "Mostly a file that a generator did not finish.",
               page,
               "<!DOCTYPE html><title>t</title>",
               "<!DOCTYPE html><title>t</title><p>text"},
      RuleText{&k_no_markup,
               "Fine for the proof of ownership that search engines ask for; else a file under a "
               "wrong name.",
               page,
               "plain text",
               "<!DOCTYPE html><title>t</title><p>text"},
      RuleText{&k_encoding,
               "Browsers show other characters than were written. Save the page as UTF-8.",
               page,
               "<!DOCTYPE html><title>t</title><p>gr\xFC\xDF",
               "<!DOCTYPE html><title>t</title><p>gr\xC3\xBC\xC3\x9F"},
      RuleText{
          &k_charset,
          "Browsers believe the declaration, and show two characters for each that is not ASCII.",
          page,
          "<!DOCTYPE html><meta charset=latin1><title>t</title><p>gr\xC3\xBC\xC3\x9F",
          "<!DOCTYPE html><meta charset=utf-8><title>t</title><p>gr\xC3\xBC\xC3\x9F"},
      RuleText{&k_nul, "Often a file that was cut or filled up when a machine crashed."},
      RuleText{&k_doctype,
               "Without a doctype as the first thing browsers imitate those of the nineties: other "
               "widths, "
               "other fonts in tables.",
               page,
               "<title>t</title><p>text",
               "<!DOCTYPE html><title>t</title><p>text"},
      RuleText{&k_quirks,
               "Some old doctypes have the effect of none.",
               page,
               "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 "
               "Transitional//EN\"><title>t</title><p>text",
               "<!DOCTYPE html><title>t</title><p>text"},
      RuleText{
          &k_unclosed,
          "All that follows is inside of it: bold to the end of the page, or a column in a column.",
          body,
          "<div><b>bold</div>",
          "<div><b>bold</b></div>"},
      RuleText{
          &k_stray,
          "An end tag without an element to end: mostly one that was taken away, or one too many.",
          body,
          "<p>text</p></div>",
          "<div><p>text</p></div>"},
      RuleText{
          &k_stray_p,
          "The paragraph ended by itself, mostly at a <div> or <ul>; this tag makes an empty one.",
          body,
          "<p>text<ul><li>x</ul></p>",
          "<p>text</p><ul><li>x</ul>"},
      RuleText{
          &k_nesting,
          "Browsers repair it by moving or dropping what is in the wrong place, not all alike.",
          body,
          "<b><i>text</b></i>",
          "<b><i>text</i></b>"},
      RuleText{&k_unfinished,
               "The page ends inside a tag, a comment or a declaration: often a file that was cut.",
               body,
               "<p>text</p><!-- a comment",
               "<p>text</p><!-- a comment -->"},
      RuleText{&k_duplicate_attribute,
               "Browsers take the first and say nothing.",
               body,
               "<p class=a class=b>text</p>",
               "<p class=\"a b\">text</p>"},
      RuleText{&k_self_closing,
               "HTML ignores the slash: the element stays open.",
               body,
               "<div/>text</div>",
               "<div></div>text"},
      RuleText{&k_after_body,
               "Browsers move it into the body.",
               page,
               "<!DOCTYPE html><html><title>t</title><body><p>a</p></body><p>b</p></html>",
               "<!DOCTYPE html><html><title>t</title><body><p>a</p><p>b</p></body></html>"},
      RuleText{&k_character_reference,
               "Browsers show it as it is written, or guess.",
               body,
               "<p>&nosuch; text</p>",
               "<p>&amp;nosuch; text</p>"},
      RuleText{&k_syntax,
               "Another parse error of the HTML standard.",
               body,
               "<p class=\"a\"id=\"b\">text</p>",
               "<p class=\"a\" id=\"b\">text</p>"},
      RuleText{&k_more, "How many findings are over max_findings_per_file."},
      RuleText{&k_link_missing,
               "Visitors get an error, or a page without its style. One finding for each file that "
               "is not "
               "there, at the first place that refers to it, with the others and the nearest name.",
               body,
               "<a href=\"gone.html\">x</a>",
               "<a href=\"other.html\">x</a>"},
      RuleText{&k_link_case,
               "This machine may not tell upper from lower case, but stores do.",
               body,
               "<a href=\"Other.html\">x</a>",
               "<a href=\"other.html\">x</a>"},
      RuleText{&k_link_fragment,
               "A visitor is at the right page, only not at the place; and a script may make it, "
               "so it is "
               "a warning.",
               body,
               "<a href=\"#part\">x</a>",
               "<a href=\"#part\">x</a><p id=\"part\">y</p>"},
      RuleText{&k_link_malformed,
               "Browsers do not understand the address.",
               body,
               "<a href=\"https://exa mple.com/\">x</a>",
               "<a href=\"https://example.com/\">x</a>"},
      RuleText{
          &k_link_outside,
          "Visitors see nothing that lies above the root of the site or on somebody's machine.",
          body,
          "<a href=\"file:///home/me/page.html\">x</a>",
          "<a href=\"other.html\">x</a>"},
      RuleText{&k_link_more,
               "How many findings about links of one file are over max_findings_per_file."},
      RuleText{
          &k_link_external,
          "Asked with `external: true`. A warning where the server says that there is no such "
          "page, or where there is no such server; information where it was down, slow or busy, "
          "for it may be back tomorrow. The site itself is not broken: visitors are led "
          "astray.",
          body,
          "<a href=https://example.com/no-such-page>more</a>",
          "<a href=https://example.com/>more</a>"},
      RuleText{&k_link_moved,
               "Every visitor makes the detour, until whoever answers for it is gone.",
               body,
               "<a href=http://example.com/old>more</a>",
               "<a href=https://example.com/new>more</a>"},
      RuleText{&k_link_private,
               "Mostly left from writing the page. Such an address is not asked, unless "
               "`external_private` is true: a page could make this machine ask its own network.",
               body,
               "<a href=http://localhost:8080/>more</a>",
               "<a href=https://www.example.com/>more</a>"},
      RuleText{&k_link_unreachable,
               "Not one host could be reached, which says something about the network and nothing "
               "about the links."},
      RuleText{&k_file_unread,
               "It is too large to read what it refers to, so its links were not checked."},
      RuleText{&k_site_orphan, "No page uses these files. A script may; else they can go."},
      RuleText{&k_site_unlinked,
               "No other page links to these pages: nobody finds them but by their address."},
      RuleText{&k_css_unused, "No page uses these style sheets. A script may; else they can go."},
      RuleText{&k_xml_malformed,
               "Search engines and feed readers drop a sitemap or a feed that is no XML.",
               xml,
               "<urlset><url><loc>/a?b&c</loc></url>",
               "<urlset><url><loc>/other.html</loc></url></urlset>"},
      RuleText{&k_manifest,
               "Browsers take nothing from it: no icon, no name, no start page.",
               manifest,
               "{\"name\": \"x\", \"icons\": [],}",
               "{\"name\": \"x\", \"icons\": []}"},
      RuleText{&k_ignore_unknown,
               "The comment has no effect: the code is misspelled, or of a later version.",
               body,
               "<!-- deployflow-ignore link/mising --><p>text</p>",
               "<!-- deployflow-ignore link/missing --><p>text</p>"},
      RuleText{&k_secret,
               "Whoever reads the site can use it, and copies of it stay when it is taken out: so "
               "take it out, and revoke it where it was made. What has a checksum is told only if "
               "that is right, and what looks like a placeholder is not. A finding shows four "
               "characters at most.",
               body,
               "<script>token = \"ghp_"
               "T7kun60ePONxZti3ElM6fuVCUHNjcr4TTydK\"</script>",
               "<script>token = read(\"token\")</script>"},
      RuleText{
          &k_integrity,
          "Browsers do not run a script, nor take a style sheet, that is not what the page says: "
          "mostly the file was built again and the page was not. Compared is the file as it is "
          "when validate runs.",
          body,
          "<script src=\"other.js\" "
          "integrity=\"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"></script>",
          "<script src=\"other.js\" "
          "integrity=\"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"></script>"},
      RuleText{&k_duplicate_id,
               "Links, labels and scripts find the first alone.",
               body,
               "<p id=\"a\">x</p><p id=\"a\">y</p>",
               "<p id=\"a\">x</p><p id=\"b\">y</p>"},
      RuleText{&k_alt,
               "Who does not see the image hears the name of the file. alt=\"\" says that it only "
               "decorates.",
               body,
               "<img src=\"a.png\">",
               "<img src=\"a.png\" alt=\"the two of us\">"},
      RuleText{&k_lang,
               "Voices, hyphens, quotes and translators follow the language that the page names.",
               page,
               "<!DOCTYPE html><html><title>t</title><p>text",
               "<!DOCTYPE html><html lang=\"en\"><title>t</title><p>text"},
      RuleText{&k_label,
               "Who does not see the form hears no name for the field; and a label is clicked more "
               "easily.",
               body,
               "<form>Name <input name=\"n\"></form>",
               "<form><label>Name <input name=\"n\"></label></form>"},
      RuleText{&k_heading,
               "One heading says what the page is about; <h2> is for its parts.",
               body,
               "<h1>another</h1>",
               "<h2>a part</h2>"},
      RuleText{&k_title,
               "It is what tabs, bookmarks and searches show.",
               page,
               "<!DOCTYPE html><html lang=\"en\"><p>text",
               "<!DOCTYPE html><html lang=\"en\"><title>t</title><p>text"},
      RuleText{&k_viewport,
               "Without it telephones show the page as wide as a desk, and small.",
               page,
               "<!DOCTYPE html><html lang=\"en\"><title>t</title><p>text",
               "<!DOCTYPE html><html lang=\"en\"><meta name=\"viewport\" "
               "content=\"width=device-width\"><title>t</title><p>text"},
      RuleText{&k_description,
               "Searches show it below the title.",
               page,
               "<!DOCTYPE html><html lang=\"en\"><title>t</title><p>text",
               "<!DOCTYPE html><html lang=\"en\"><meta name=\"description\" content=\"all about "
               "t\"><title>t</title><p>text"},
      RuleText{&k_canonical,
               "One page under several addresses counts as several.",
               page,
               "<!DOCTYPE html><html lang=\"en\"><title>t</title><p>text",
               "<!DOCTYPE html><html lang=\"en\"><link rel=\"canonical\" "
               "href=\"https://example.com/t\"><title>t</title><p>text"},
      RuleText{&k_mixed_content,
               "Browsers block it in a page that came by https. Asked of sites whose address (url) "
               "is https.",
               body,
               "<script src=\"http://example.com/a.js\"></script>",
               "<script src=\"https://example.com/a.js\"></script>"},
      RuleText{&k_noopener,
               "Browsers before 2021 let the other page steer this one.",
               body,
               "<a href=\"https://example.com/\" target=\"_blank\">x</a>",
               "<a href=\"https://example.com/\" target=\"_blank\" rel=\"noopener\">x</a>"},
      RuleText{&k_private_file,
               "What tools keep for themselves, keys, databases, and what editors leave behind. "
               "Leave it out by "
               ".deployflowignore.",
               key,
               ".env",
               ".well-known/security.txt"},
      RuleText{
          &k_api_key,
          "A Google API key in a page is fine if it is limited to the site and to what pages do "
          "with it; the id of an AWS key is no secret without its other half.",
          body,
          "<script>key = \"AI"
          "za5FTqrrhLBgSOs3INmmXdSSYylQ7OTA9BCkE\"</script>",
          "<script>key = read(\"key\")</script>"},
      RuleText{&k_source_map,
               "Visitors read the sources. That may be meant: then ignore the code.",
               key,
               "app.js.map",
               "app.js"},
      RuleText{&k_baseline_known,
               "What the file of the option baseline lists is not told, only counted. "
               "`deployflow validate --update-baseline` writes the file."},
      RuleText{
          &k_baseline_gone,
          "What the file of the option baseline lists was mended, or was never there: write the "
          "file anew, so that it is told if it comes back."},
      RuleText{
          &k_total_size,
          "A build that doubles what is stored and paid for, or that took something along which "
          "is no part of the site. Only where max_total_size is given."},
      RuleText{&k_file_count,
               "A build that makes far more files than it should. Only where max_files is given."},
      RuleText{&k_page_weight,
               "Visitors wait for a page with its scripts, style sheets, images and fonts, and pay "
               "for it on the way. The heaviest files are named."},
      RuleText{&k_link_empty,
               "An image without an address is a broken one, a style sheet without one is missing. "
               "What a script fills in is known by its id or by an attribute such as data-src.",
               body,
               "<img alt=\"A cup\">",
               "<img alt=\"\" src=\"https://img.example.net/cup.png\">"},
      RuleText{&k_link_contact,
               "Nothing happens, or a letter without an address is begun.",
               body,
               "<a href=\"mailto:info.example.com\">write</a>",
               "<a href=\"mailto:info@example.com\">write</a>"},
      RuleText{&k_image_broken,
               "Visitors see the sign for a broken image. Mostly it is what Git LFS leaves in a "
               "checkout without `git lfs pull`, an error page that was saved as the image, or a "
               "copy that broke off."},
      RuleText{&k_image_ratio,
               "The page shows it narrower or wider than it is: <img width=400 height=400> for "
               "what has 800x600. If a style sheet puts that right, the page jumps when the image "
               "arrives. Write <img width=400 height=300>."},
      RuleText{&k_image_oversized,
               "Visitors load all of it and see little: over three times as wide and as high as "
               "<img width height> of any page. Screens have up to three pixels for one of CSS."},
  };
  return k_all;
}

std::string_view name_of(RuleSet set) {
  return set == RuleSet::strict        ? "strict"
         : set == RuleSet::recommended ? "recommended"
                                       : "essential";
}

std::string_view name_of(Severity severity) {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "info";
}

}  // namespace deployflow::validate
