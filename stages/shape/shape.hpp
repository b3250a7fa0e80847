// The stage `shape`: gives a site the shape that a plain bucket can serve. Its reference is the
// README beside this file.

#pragma once

#include "stages/shape/layout.hpp"
#include "stages/shape/redirect_list.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace deployflow::stages {

class Shape {
 public:
  static constexpr auto name = "shape";
  static constexpr auto version = "0.1.0";
  static constexpr auto summary =
      "gives a site the shape that a plain bucket can serve: addresses, redirects, headers";
  static constexpr auto options = R"({
    "type": "object",
    "properties": {
      "pages": {
        "type": "string",
        "enum": ["keep", "extensionless", "folders"],
        "default": "keep",
        "description": "about.html is stored as about.html, about, or about/index.html"
      },
      "strip_index": {
        "type": "boolean",
        "default": false,
        "description": "blog/index.html is stored under blog/ and blog, too"
      },
      "redirects": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "/old: /new; without it the site's file _redirects, if there is one"
      },
      "as": {
        "type": "string",
        "enum": ["website", "page"],
        "default": "website",
        "description": "a redirect is an empty object with a header for website endpoints, or a page that works anywhere"
      },
      "headers_file": {
        "type": "boolean",
        "default": true,
        "description": "the site's file _headers says with which headers files are stored"
      },
      "not_found": {
        "type": "string",
        "minLength": 1,
        "description": "the page for addresses that are not there, which must exist and keeps its name"
      },
      "noindex": {
        "type": "boolean",
        "default": false,
        "description": "robots.txt asks crawlers to stay away, in place of the site's own"
      }
    }
  })";
  static constexpr std::uint32_t caps = DF_CAP_READS_CONTENT | DF_CAP_CHANGES_SET;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  shape::LayoutOptions layout_;
  std::optional<shape::RedirectList> redirects_;  // of the option
  bool as_pages_ = false;
  bool headers_file_ = true;
  bool noindex_ = false;
  std::optional<shape::Place> not_found_at_;  // if it was named
};

}  // namespace deployflow::stages
