// The safe order: in which phases a site's objects may be stored so that no visitor meets a broken
// page.
//
// A bucket has no transaction over several keys, so a deployment is seen while it happens. What can
// be chosen is the order. Each phase begins when every object of the phases before it is stored and
// confirmed; if one is not, nothing later is touched. The phases, and what each relies on:
//
//   1 new_files           No live page names them, so storing them changes nothing that a visitor
//   sees. 2 changed_files       Styles, scripts, images under a name that live pages use already.
//   They may name
//                         new files (a style sheet its new font), so they come after them. From
//                         here on a visitor may see an old page with a new style: unavoidable under
//                         one name, absent where file names carry a fingerprint, since those are
//                         always new.
//   3 new_extensionless   Objects that may or may not be pages (below).
//   4 new_pages           Every file that they need is there. No live page links to them yet; they
//   may
//                         link to each other, so all of them come before the pages that lead to
//                         them.
//   5 changed_extensionless
//   6 changed_pages       What they need is there, and what they link to as well.
//   7 home                index.html of the root, where most visits begin, new or changed: on a
//   first
//                         deployment the site opens when everything behind its front door is in
//                         place.
//   8 announcements       What tells machines which pages there are: changed feeds and site maps,
//   whose
//                         readers fetch new addresses at once; and the service worker of the root,
//                         whose new version fetches pages into its own cache as soon as a browser
//                         sees it. A worker before its pages would keep the old ones for good.
//
// No page needs an announcement to be shown: a changed feed is still there in its old version, a
// missing worker is registered at the next visit. A *new* feed is in phase 1: nobody knows its
// address yet, and a page that links to it finds it. A worker is only recognised in the root, where
// its scope is the site: "locale/sw.js" is Swahili, and a page may need it.
//
// EXTENSIONLESS. Where the media type is known (upload) a page is text/html or
// application/xhtml+xml. A listing (replicate) has keys only: there a page ends in .html, .htm,
// .xhtml, .xht or .shtml, and a key whose last segment has no suffix ("about", "blog/") is of
// unknown kind. If it is a page, it must come after all files; if it is a file, before all pages
// that may need it. Between the two it is both.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace deployflow::release {

/// What an object is to a visitor.
enum class Role : std::uint8_t { file, feed, extensionless, page, home, worker };

enum class Phase : std::uint8_t {
  new_files,
  changed_files,
  new_extensionless,
  new_pages,
  changed_extensionless,
  changed_pages,
  home,
  announcements
};
inline constexpr std::size_t k_phase_count = 8;

/// Is the key free in the target, or does it name an older version?
enum class Novelty : std::uint8_t { fresh, changed };

/// The role of a file whose media type is known: "text/html; charset=utf-8".
Role role_by_media_type(std::string_view key, std::string_view media_type);
/// The role of an object of which only the key is known.
Role role_by_key(std::string_view key);

Phase phase_of(Role role, Novelty novelty);

/// "new files": for messages.
std::string_view phase_name(Phase phase);

/// May a visitor see that this phase has begun? False for new_files alone: a new page can be asked
/// for by anyone who knows or guesses its address.
bool is_visible(Phase phase);

}  // namespace deployflow::release
