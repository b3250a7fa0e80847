// The settings of a bucket as a whole that matter to a site: versioning, website, CORS, lifecycle.
//
// Each is one document in the S3 API, read and replaced whole. A document may hold more than is
// said here (routing rules, transitions, filters by tag): `has_more` tells, and writing it back
// would lose that.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace deployflow::store {

enum class BucketAspect : std::uint8_t { versioning, website, cors, lifecycle };

enum class Versioning : std::uint8_t { never, enabled, suspended };  // `never` cannot be set

/// How the store serves the bucket as a website.
struct Website {
  std::string index;      // object of a folder: "index.html"; no '/'
  std::string error_key;  // object for what is not there: "404.html"; empty = none
  std::string
      all_to;  // every request goes to this host instead; then index and error_key are empty
  friend bool operator==(const Website&, const Website&) = default;
};

/// Which pages of other origins may read the objects (the Fetch standard's CORS protocol).
struct CorsRule {
  std::vector<std::string> origins;  // "https://example.com", "*"
  std::vector<std::string> methods;  // GET, HEAD, PUT, POST, DELETE
  std::vector<std::string> headers;  // that a request may have
  std::vector<std::string> exposed;  // headers of answers that a script may read
  std::optional<std::uint32_t> max_age_seconds;
  friend bool operator==(const CorsRule&, const CorsRule&) = default;
};

/// What the store cleans by itself. Days are at least 1.
struct LifecycleRule {
  std::string id;
  std::string prefix;  // of the keys that it is about
  bool enabled = true;
  std::optional<std::uint32_t> expire_days;      // objects
  std::optional<std::uint32_t> noncurrent_days;  // replaced versions
  std::optional<std::uint32_t>
      unfinished_days;  // multipart uploads that were begun and not finished
  friend bool operator==(const LifecycleRule&, const LifecycleRule&) = default;
};

struct VersioningConfig {
  Versioning versioning = Versioning::never;
};
struct WebsiteConfig {
  std::optional<Website> website;  // none = set: no longer a website
  bool has_more = false;
};
struct CorsConfig {
  std::vector<CorsRule> rules;  // none = set: removed
  bool has_more = false;
};
struct LifecycleConfig {
  std::vector<LifecycleRule> rules;  // none = set: removed
  bool has_more = false;
};

using BucketConfig = std::variant<VersioningConfig, WebsiteConfig, CorsConfig, LifecycleConfig>;

inline BucketAspect aspect_of(const BucketConfig& config) {
  return static_cast<BucketAspect>(config.index());
}

}  // namespace deployflow::store
