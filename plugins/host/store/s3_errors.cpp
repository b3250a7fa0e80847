#include "plugins/host/store/s3_errors.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/retry_after.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <span>

namespace deployflow::store {
namespace {

constexpr std::size_t k_shown_text = 200;  // bytes of the server's own words

using Names = std::span<const std::string_view>;

bool is_one_of(std::string_view code, Names names) {
  return std::find(names.begin(), names.end(), code) != names.end();
}

constexpr std::array<std::string_view, 15> k_throttling{"SlowDown",
                                                        "Throttling",
                                                        "ThrottlingException",
                                                        "ThrottledException",
                                                        "RequestThrottledException",
                                                        "TooManyRequestsException",
                                                        "TooManyRequests",
                                                        "ProvisionedThroughputExceededException",
                                                        "TransactionInProgressException",
                                                        "RequestLimitExceeded",
                                                        "BandwidthLimitExceeded",
                                                        "LimitExceededException",
                                                        "RequestThrottled",
                                                        "PriorRequestNotComplete",
                                                        "EC2ThrottledException"};

// BadDigest and its kin: the bytes were damaged on the way, for our digests are of what we sent.
constexpr std::array<std::string_view, 10> k_transient{"RequestTimeout",
                                                       "RequestTimeoutException",
                                                       "InternalError",
                                                       "InternalErrors",
                                                       "ServiceUnavailable",
                                                       "OperationAborted",
                                                       "ConditionalRequestConflict",
                                                       "BadDigest",
                                                       "XAmzContentSHA256Mismatch",
                                                       "IncompleteBody"};

// XAdminUserNotFound: Versity's word for InvalidAccessKeyId.
constexpr std::array<std::string_view, 15> k_auth{"AccessDenied",
                                                  "InvalidAccessKeyId",
                                                  "SignatureDoesNotMatch",
                                                  "ExpiredToken",
                                                  "ExpiredTokenException",
                                                  "TokenRefreshRequired",
                                                  "InvalidToken",
                                                  "InvalidTokenId",
                                                  "XAdminUserNotFound",
                                                  "InvalidSecurity",
                                                  "NotSignedUp",
                                                  "AccountProblem",
                                                  "AllAccessDisabled",
                                                  "UnauthorizedAccess",
                                                  "RequestTimeTooSkewed"};

constexpr std::array<std::string_view, 4> k_not_found{
    "NoSuchKey", "NoSuchBucket", "NoSuchUpload", "NoSuchVersion"};
constexpr std::array<std::string_view, 3> k_not_offered{
    "NotImplemented", "MethodNotAllowed", "UnsupportedOperation"};

bool is_conditional(const Operation& operation) {
  return std::visit(
      []<class T>(const T& op) {
        bool any = false;
        if constexpr (requires { op.if_match; }) {
          any = any || !op.if_match.empty();
        }
        if constexpr (requires { op.if_absent; }) {
          any = any || op.if_absent;
        }
        return any;
      },
      operation);
}

Errc errc_of(const Operation& operation, int status, std::string_view code) {
  // Stores differ: 412 and 409, and one that has 304 (minio issue 19442).
  if (code == "PreconditionFailed" || status == 412 ||
      (is_conditional(operation) && (status == 304 || status == 409))) {
    return Errc::conflict;
  }
  if (is_one_of(code, k_not_found) || (code.empty() && status == 404)) {
    return Errc::not_found;
  }
  if (is_one_of(code, k_auth) || (code.empty() && (status == 401 || status == 403))) {
    return Errc::auth;
  }
  if (code == "BucketAlreadyExists") {
    return Errc::conflict;
  }
  return Errc::remote;
}

std::string hint_of(std::string_view code,
                    int status,
                    std::string_view bucket,
                    std::string_view endpoint) {
  if (code == "NoSuchBucket") {
    return fmt::format("there is none at {}: create it, or correct the target's bucket or endpoint",
                       printable(endpoint));
  }
  if (code == "InvalidAccessKeyId" || code == "XAdminUserNotFound") {
    return fmt::format("{} does not know this access key: is it the key of another store?",
                       printable(endpoint));
  }
  if (code == "SignatureDoesNotMatch") {
    return "the secret key does not belong to the access key; check both for a missing character";
  }
  if (code == "ExpiredToken" || code == "ExpiredTokenException" || code == "TokenRefreshRequired") {
    return "the credentials have expired: get new ones and run the same command again";
  }
  if (code == "RequestTimeTooSkewed") {
    return "this machine's clock and the store's differ by more than 15 minutes: set the clock";
  }
  if (code == "AccessControlListNotSupported") {
    return "the bucket takes no ACLs: remove `acl` from the target";
  }
  if (code == "AccessDenied" || (code.empty() && status == 403)) {
    return fmt::format("the key may not do this in the bucket {}: check its policy",
                       printable(bucket));
  }
  if (code == "EntityTooLarge") {
    return "the store takes no object as large as this";
  }
  if (code.empty() && (status == 301 || status == 307 || status == 302)) {
    return "the endpoint redirects elsewhere; redirects are not followed: name the right endpoint "
           "and region";
  }
  return {};
}

}  // namespace

bool is_not_offered(int status, std::string_view code) {
  return status == 501 || status == 405 || is_one_of(code, k_not_offered);
}

bool is_throttling(int status, std::string_view code) {
  return status == 429 || is_one_of(code, k_throttling) ||
         (status == 503 && code != "NotImplemented");
}

bool is_transient(int status, std::string_view code) {
  return is_throttling(status, code) || status == 408 || status == 500 || status == 502 ||
         status == 504 || is_one_of(code, k_transient);
}

std::string describe_operation(const Operation& operation) {
  const std::string_view key = operation_key(operation);
  if (key.empty()) {
    return std::string(operation_name(operation));
  }
  return fmt::format("{} {}", operation_name(operation), printable(key));
}

StoreError to_store_error(const Operation& operation, HttpFailure failure) {
  StoreError error;
  error.code = failure.code;
  error.message = fmt::format("{}: {}", describe_operation(operation), failure.message);
  error.hint = std::move(failure.hint);
  error.transient = failure.transient;
  return error;
}

StoreError to_store_error(const Operation& operation,
                          const HttpResponse& response,
                          S3ErrorText text,
                          std::string_view bucket,
                          std::string_view endpoint) {
  const int status = response.status;
  // Ceph 16 says NoSuchKey of an upload that is gone.
  const bool is_of_upload = std::visit(
      [](const auto& op) {
        return requires {
          op.upload_id;
        };
      },
      operation);
  if (is_of_upload && text.code == "NoSuchKey") {
    text.code = "NoSuchUpload";
  }
  if (std::holds_alternative<BucketExists>(operation) && status == 404) {
    text.code = "NoSuchBucket";  // a HEAD has no body to say it
  }
  StoreError error;
  error.code = errc_of(operation, status, text.code);
  error.http_status = status;
  error.code_text = printable(std::string_view(text.code).substr(0, 64));
  error.throttled = is_throttling(status, text.code);
  error.transient = is_transient(status, text.code);
  error.retry_after = retry_after_of(response);
  error.message = fmt::format("{}: {}", describe_operation(operation), status);
  if (!error.code_text.empty()) {
    error.message += " " + error.code_text;
  }
  if (text.code == "NoSuchBucket") {
    error.message += ": no bucket " + printable(bucket);
  }
  if (!text.message.empty()) {
    error.message += ": " + printable(std::string_view(text.message).substr(0, k_shown_text));
  }
  error.hint = hint_of(text.code, status, bucket, endpoint);
  return error;
}

StoreError unusable_answer(const Operation& operation, std::string_view why) {
  StoreError error;
  error.code = Errc::remote;
  error.message = fmt::format("{}: {}", describe_operation(operation), why);
  error.http_status = 200;
  error.transient = true;
  return error;
}

StoreError local_error(const Operation& operation, Error error) {
  StoreError out;
  out.code = error.code;
  out.message = fmt::format("{}: {}", describe_operation(operation), error.message);
  out.hint = std::move(error.hint);
  out.requests = 0;
  return out;
}

}  // namespace deployflow::store
