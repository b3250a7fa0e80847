// What one file says about another: an address, and what for.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace deployflow::validate {

/// What a browser does with the address. The names of reference_noun() are in the same order.
enum class RefKind : std::uint8_t {
  page,       // goes there when asked: <a>, <area>, a form, a refresh, a sitemap, a redirect
  related,    // says that it is there: canonical, alternate, next, og:url
  frame,      // shows it inside: <iframe>, <object>, <embed>
  image,      // also icons, posters, and those of social media
  style,      // a style sheet
  script,     //
  font,       //
  media,      // sound, video, subtitles
  manifest,   //
  fragment,   // a part of a picture: <use> of SVG
  other,      // whatever a style sheet or a preload names
  answer,     // no reference: the file says that a server answers this address; see redirects.hpp
  integrity,  // none of its own: what a script or a style sheet must be, as the fragment
  offered,    // an image that a browser takes perhaps, or another program: srcset, icons, og:image
  shown       // none of its own: how large a page shows an image, as the fragment
};

/// "link to", "image", ...: what stands before a path in a message.
std::string_view reference_noun(RefKind kind);

/// Is the address one that a person goes to, so that a server may add "index.html" or ".html"?
constexpr bool is_place(RefKind kind) {
  return kind <= RefKind::frame;
}

struct Reference {
  RefKind kind = RefKind::page;
  std::string_view url;  // as written, character references and escapes decoded; not trimmed.
                         // Valid during the call that hands it over
  std::size_t at = 0;    // offset in the text that is read
};

/// Gets each reference, in the order of the text.
using ReferenceSink = std::function<void(const Reference&)>;

}  // namespace deployflow::validate
