// What a store's refusal means: for the retry, for the exit code, and for people.

#pragma once

#include "plugins/host/store/http.hpp"
#include "plugins/host/store/object_store.hpp"
#include "plugins/host/store/s3_xml.hpp"

#include <string>
#include <string_view>

namespace deployflow::store {

/// "PutObject css/app.css", "ListObjects": safe to print.
std::string describe_operation(const Operation& operation);

/// No usable answer came.
StoreError to_store_error(const Operation& operation, HttpFailure failure);

/// An answer that is an error: `text` is its <Error> document, empty members if it had none.
/// `bucket` and `endpoint` are for hints.
StoreError to_store_error(const Operation& operation,
                          const HttpResponse& response,
                          S3ErrorText text,
                          std::string_view bucket,
                          std::string_view endpoint);

/// An answer that says success and is not what was asked for: like a 500.
StoreError unusable_answer(const Operation& operation, std::string_view why);

/// An error of our own making, before a request was sent.
StoreError local_error(const Operation& operation, Error error);

/// Does the answer mean that the store has no such operation?
bool is_not_offered(int status, std::string_view code);

/// The classes of the AWS SDKs' standard retry mode.
bool is_throttling(int status, std::string_view code);
bool is_transient(int status, std::string_view code);

}  // namespace deployflow::store
