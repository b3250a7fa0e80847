// The option `website` of the stage `upload`: how the store serves a target's bucket to browsers,
// read before the site is stored, and set, if it is another, once the site is.
//
// In between, because the documents must be there before anybody is sent to them; and before the
// release is recorded, so that a release that is live is one that is served as its pipeline says.
// S3 has one such setting for a bucket: the index is a name in any folder, the page for what is not
// there is one key, which gets the target's prefix.

#pragma once

#include "stages/release/inventory.hpp"
#include "stages/release/live_state.hpp"

#include <deployflow/stage.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow::stages {

/// A member of an object schema.
inline constexpr std::string_view k_website_schema = R"(
      "website": {
        "type": "object",
        "required": ["index"],
        "description": "how the store serves the bucket as a website; set if it is otherwise",
        "properties": {
          "index": {
            "type": "string",
            "pattern": "^[^/]+$",
            "description": "name of the page of a folder, such as index.html"
          },
          "error": {
            "type": "string",
            "pattern": "^[^/]",
            "description": "key of the page for what is not there, such as 404.html"
          }
        }
      },)";

struct WebsiteOption {
  std::string index;
  std::string error;  // empty = none
  df_pos at{};        // in the pipeline file
};

std::optional<WebsiteOption> read_website_option(Ctx ctx, const Options& given);

/// Throws Failure with a finding for each page that is neither in the site nor, where that is a
/// part of it only, in what is live.
void check_pages(Ctx ctx,
                 const WebsiteOption& wanted,
                 const release::Inventory& site,
                 const release::LiveState* live);

/// The website of one target.
class Website {
 public:
  Website(WebsiteOption wanted, std::string_view target)
      : wanted_(std::move(wanted)), target_(target) {}

  /// Read what is set, and declare the change, if there is any to make. Warns where there are no
  /// websites, or where more is set than could be set again.
  void compare(Ctx ctx, const Store& store);
  /// Make that change.
  void set(Ctx ctx, const Store& store) const;

 private:
  void warn_no_website(Ctx ctx) const;

  WebsiteOption wanted_;
  std::string target_;
  std::string error_key_;  // with the prefix of the target
  bool is_due_ = false;
};

}  // namespace deployflow::stages
