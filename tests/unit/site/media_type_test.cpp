#include "plugins/host/site/media_type.hpp"

#include <doctest/doctest.h>

using deployflow::site::media_type_of;

TEST_CASE("text types carry their charset and the extension's case does not matter") {
  CHECK(media_type_of("index.html") == "text/html; charset=utf-8");
  CHECK(media_type_of("a/b/INDEX.HTM") == "text/html; charset=utf-8");
  CHECK(media_type_of("app.mjs") == "text/javascript; charset=utf-8");
  CHECK(media_type_of("style.css") == "text/css; charset=utf-8");
  CHECK(media_type_of("font.woff2") == "font/woff2");
  CHECK(media_type_of("3d.3gp") == "video/3gpp");
  CHECK(media_type_of("a.zst") == "application/zstd");
}

TEST_CASE("a name without a known extension is a stream of bytes") {
  for (const char* key :
       {"CNAME", ".htaccess", "dir.html/file", "a.unknown", "", "trailing.", "x/.json"}) {
    INFO(key);
    CHECK(media_type_of(key) == "application/octet-stream");
  }
}
