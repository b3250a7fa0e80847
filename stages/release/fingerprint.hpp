// Does a file name carry a fingerprint of the file's content, as bundlers write it?
//
// Such a file never changes under its name, so browsers may keep it for a year without asking. The
// two mistakes weigh differently: a name that is wrongly taken for one breaks a site for a year in
// every browser that has been there, and no later deployment can reach them; a name that is wrongly
// refused costs one conditional request per visit. So all doubt means no.

#pragma once

#include <string_view>

namespace deployflow::release {

/// THE RULE. The key is that of a plain file (order.hpp: no page, feed or worker) with a suffix
/// other than .txt and .xml, holds no UUID, and one of these stands in its last segment:
///
///   1. 16 or more lower-case hex digits with a letter among them, between any of . - _ (Next,
///      Hugo, Sprockets, Angular, Gatsby); also after "hu", as Hugo names images.
///   2. 8 to 15 of them after . or - or as the whole name, ending at a dot: with at least two
///      digits and at least three runs of digits or letters, so no word (face2face), date with a
///      letter or word with a year; as the whole name only if the file is code (below). Of code
///      also 6 or 7 after a dot, with four runs (9f2c1a, but not the colour 00ff00).
///   3. Eight of A-Z 2-7 after . or -, ending at a dot (esbuild, Angular): digits and letters, not
///      only at its end the digits (DSCN2345); two runs of digits unless the file is code.
///   4. Eight of A-Z a-z 0-9 - _ in the same places (Vite, Rollup, Astro, SvelteKit), that no
///      words make: each letter that stands alone, lower-case piece without a vowel and further run
///      of digits is a sign of chance. Code takes two signs, or three without any digit; other
///      files take four, and a digit.
///   5. In a folder that a bundler alone writes (_astro/, _next/static/, _nuxt/, _app/immutable/):
///      eight of those, also as the whole name or before _, with two kinds of characters and one
///      sign.
///
/// Code is js, mjs, css, wasm and map: people name pictures and documents, tools name code. About
/// 70 % of Vite's names are recognised; a rule for assets/** covers the rest.
bool is_fingerprinted(std::string_view key);

}  // namespace deployflow::release
