// The settings of a bucket as the XML of the S3 API, both ways. Pure; input is hostile as in
// s3_xml.hpp.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/store/bucket_config.hpp"

#include <string>
#include <string_view>

namespace deployflow::store {

/// Errors: `remote` for what is not this aspect's document.
Result<BucketConfig> parse_bucket_config_xml(BucketAspect aspect, std::string_view body);

/// The document that sets `config`; empty if it is to be removed instead.
/// Errors: `config` for what S3 does not take: no days at all, 0 days, a website without index.
Result<std::string> make_bucket_config_xml(const BucketConfig& config);

/// "versioning": the query parameter and the name in messages.
std::string_view aspect_name(BucketAspect aspect);
/// The error code with which a store says that nothing is set; empty for versioning.
std::string_view code_when_unset(BucketAspect aspect);
/// What a bucket has of which nothing is set.
BucketConfig unset_config(BucketAspect aspect);

}  // namespace deployflow::store
