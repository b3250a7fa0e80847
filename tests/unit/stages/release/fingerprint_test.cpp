#include "stages/release/fingerprint.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace deployflow::release;

TEST_CASE("the names that bundlers give to files with a hash in them are fingerprinted") {
  for (const char* key : {
           // webpack, Vue CLI, Create React App, Docusaurus, MkDocs Material
           "app.9f2c1a.js",
           "main.3f2a9c81d4.chunk.js.map",
           "static/js/2.3f2a9c81.chunk.js",
           "static/js/runtime-main.9f2c1a3b.js",
           "js/chunk-vendors.1a2b3c4d.js",
           "js/main.3f2a9c81d4e5f6a7b8c9.js",
           "static/media/logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg",
           "3f2a9c81d4e5f6a7b8c9.png",
           "assets/js/935f2afb.5c1e2d3f.js",
           "assets/images/logo-0a1b2c3d4e5f60718293a4b5c6d7e8f9.png",
           "assets/javascripts/bundle.220ee61c.min.js",
           "assets/stylesheets/main.7a6b5c4d.min.css.map",
           // Vite, Rollup, VitePress, SvelteKit, Nuxt
           "assets/index-BX3kd9aQ.js",
           "assets/index-legacy-D8x_kQ2z.js",
           "assets/vendor-B_x-9kQ2.js",
           "assets/index-DkXbAqQz.js",
           "assets/index.9f2c1a3b.css",
           "assets/logo-BX3kd9aQ.svg",
           "assets/chunks/theme.BX3kd9aQ.js",
           "assets/guide_index.md.Dk3xq9Zt.lean.js",
           "bundle-3f2a9c81.mjs",
           "_app/immutable/entry/start.CxYz12ab.js",
           "_app/immutable/chunks/BX3kd9aQ.js",
           "_app/immutable/assets/font.CxYzAbQd.woff2",
           "_nuxt/entry.1a2b3c4d.js",
           "_nuxt/DkXbAqQz.js",
           // Parcel
           "index.7b1c2d3e.js",
           "logo.e31bb0bc.png",
           // esbuild, Remix, Angular
           "app-5KXQYEWL.js",
           "chunk-FK6YQ2XN.js",
           "styles-5INURTSO.css",
           "media/logo-FK6YQ2XN.png",
           "main.7b1c2d3e4f5a6b7c.js",
           "polyfills.0a1b2c3d4e5f6a7b.js",
           // Astro
           "_astro/index.DjN2kl3x.css",
           "_astro/hoisted.BwYk3x9a.js",
           "_astro/hero.D3f9xk2l_Z1qWxYz.webp",
           "blog/_astro/penguin.COoXDz0k_2fVVZs.webp",
           "_astro/Layout.astro_astro_type_script_index_0_lang.BkTqXzXw.js",
           // Next, Gatsby
           "_next/static/chunks/123-0a1b2c3d4e5f6a7b.js",
           "_next/static/css/0a1b2c3d4e5f6a7b.css",
           "_next/static/media/c9a5bc6a7c948fb0-s.p.woff2",
           "component---src-pages-index-js-0123456789abcdef0123.js",
           // Hugo
           "css/style.min.e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.css",
           "photo_hu3e8a1b2c3d4e5f60718293a4b5c6d7e8_12345_600x0_resize_q75_box.jpg",
           "sunset_hu_59e56ffff1bc1d8d.jpg",
           "sunset_hu15210517121918042184.jpg",
           // Sprockets, Propshaft, Django
           "assets/application-908e25f4bf641868d8683022a5b62f54.css",
           "assets/application-0a1b2c3d.css",
           "static/base.27e20196a850.css",
           "static/admin/img/icon-yes.d2f9f035226a.svg",
           // a service worker's library, rustdoc, all letters but sixteen of them
           "workbox-5ffe50d4.js",
           "static.files/rustdoc-1a2b3c4d5e6f7a8b.css",
           "app.deadbeefdeadbeef.js",
           "app-9f2c1a3b.min.css",
       }) {
    CAPTURE(key);
    CHECK(is_fingerprinted(key));
  }
}

TEST_CASE("names with numbers, words and dates that look a little like a hash are not") {
  for (const char* key : {
           "",
           "app.js",
           "css/style.css",
           "sw.js",
           "service-worker.js",
           "site.webmanifest",
           "a/.3f2a9c81d4e5f6a7",
           // all digits: dates, versions, numbers, sizes, cameras
           "report.20240101.pdf",
           "jquery-3.6.0.min.js",
           "photo-20240101120000123456.jpg",
           "bundle.12345678.js",
           "IMG_20240101.jpg",
           "IMG_1234.jpg",
           "DSC_20567.jpg",
           "photo-DSCN2345.jpg",
           "camera-DSCN2345.js",
           "scan-INVOICE2.pdf",
           "icon-MP3FILES.svg",
           "logo-800x600.png",
           // dates and versions with a letter
           "report-20240101a.pdf",
           "app-20240101b.js",
           "fonts/fontawesome-webfont-v470.woff2",
           "bootstrap.5.3.2-beta1.min.css",
           // words that are hex, and colours
           "face.decade.css",
           "theme.facade.css",
           "theme.deadbeef.js",
           "intro-face2face.mp4",
           "jobs-decade2024.css",
           "theme.ff6600.css",
           "theme.00ff00.css",
           "icon-1a2b3c.svg",
           "a1b2c3d4.jpg",
           "font-effaced1.woff",
           // Camel words with numbers, eight characters of them
           "photo-iPhone15.jpg",
           "js/plugin-iPhone15.js",
           "photo-iPadPro2.jpg",
           "js/demo-iPadAir2.js",
           "screenshot-iOS17Pro.png",
           "screenshot-Win11Pro.png",
           "js/setup-Win11Pro.js",
           "model-2ndGen3D.png",
           "poster-A4Size2x.png",
           "video-H264x265.mp4",
           "logo-eBayToGo.png",
           "js/lib-eBayToGo.js",
           "js/lib-CssXPath.js",
           "js/page.MainPage.js",
           "logo.MacBookP.png",
           "BX3kd9aQ.jpg",
           // small letters and digits: words with numbers
           "photo-summer23.jpg",
           "notes-chapter1.pdf",
           "music-track01b.mp3",
           // UUIDs name a thing, not its content
           "3f2a9c81-d4e5-4f6a-8b7c-9d0e1f2a3b4c.jpg",
           "_nuxt/builds/meta/3f2a9c81-d4e5-4f6a-8b7c-9d0e1f2a3b4c.json",
           // pages, and what machines look up by name, whatever stands in it
           "about.9f2c1a3b.html",
           "google1a2b3c4d5e6f7a8b.html",
           "9f2c1a3b4d5e6f7a.htm",
           "post-0a1b2c3d4e5f60718293a4b5c6d7e8f9.xhtml",
           "sitemap-3f2a9c81d4e5f6a7.xml",
           "3f2a9c81d4e5f6a73f2a9c81d4e5f6a7.txt",
           "about-9f2c1a3b4d5e6f7a",
           // in the folders of bundlers
           "_nuxt/builds/latest.json",
           "_nuxt/MainPage.js",
           "_next/static/BX3kd9aQ/_buildManifest.js",
           "_next/static/chunks/main-app.js",
           "my_astro/hero-DkXbAqQz.webp",
           "logo-DkXbRqQz.webp",
           // a folder's name is not the file's
           "v.3f2a9c81d4e5f6a7/app.js",
           "static/d36ac2a4d4e5f6a7b8c9/photo.jpg",
       }) {
    CAPTURE(key);
    CHECK_FALSE(is_fingerprinted(key));
  }
}

TEST_CASE("a name of any bytes is judged, and never found to be a hash by its length alone") {
  CHECK_FALSE(is_fingerprinted(std::string_view("\0\xFF-\x80.js", 7)));
  CHECK_FALSE(is_fingerprinted("...."));
  CHECK_FALSE(is_fingerprinted("-.-"));
  CHECK_FALSE(is_fingerprinted("--------.js"));
  CHECK_FALSE(is_fingerprinted("app-________.js"));
  CHECK_FALSE(is_fingerprinted("_astro/--------.js"));
  CHECK_FALSE(is_fingerprinted(std::string(2000, 'z') + ".js"));
}
