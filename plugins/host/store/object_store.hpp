// One bucket, one operation at a time: the interface of the S3 client, of its in-memory twin and of
// every wrapper (retry, pacing, prefix, dry run). tests/contract holds the suite that all of them
// pass.
//
// An operation is what one request of the S3 API does. What takes several (an upload in parts, a
// transfer between stores) is built on this interface in put_object.hpp and transfer.hpp.

#pragma once

#include "plugins/host/base/digest.hpp"
#include "plugins/host/base/file.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/store/bucket_config.hpp"
#include "plugins/host/store/object_settings.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace deployflow::store {

using Header = std::pair<std::string, std::string>;  // name in lower case, value

/// Bytes to send with their digests, made before the request: in memory, or a range of an open
/// file. Cheap to copy; a retry sends the same bytes again.
struct Payload {
  std::shared_ptr<const std::string> bytes;  // null: the file range below
  std::shared_ptr<const OpenFile> file;
  std::string path;          // of `file`, for messages
  std::uint64_t offset = 0;  // of the range in `file`
  std::uint64_t size = 0;    // bytes to send; with `bytes`, its size
  Sha256 sha256{};
  Md5 md5{};
};

/// Payload of a text in memory, digests computed here, or given.
Payload make_payload(std::string bytes);
Payload make_payload(std::shared_ptr<const std::string> bytes, const RawDigests& digests);

/// What a store says of an object.
struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;             // without quotes; as the store gave it
  std::int64_t modified = 0;    // seconds since the epoch; 0 = not told
  std::int64_t answered = 0;    // the store's clock when it said so (Date); 0 = not told, or listed
  std::string media_type;       // head and get only
  std::vector<Header> headers;  // head and get only: cache-control, content-*, x-amz-meta-*, ...
  // head and get only: an earlier write of this run proved that the store's ETags are MD5s
  bool etag_is_md5 = false;
  std::string version_id = {};  // list_versions only; "null" of what was stored without versions
};

/// ---- operations, one struct each
/// -------------------------------------------------------------------

struct ListPage {  // one page, in the order of UTF-8 bytes
  std::string prefix;
  std::string start_after;  // exclusive; used on the first page and when a store gives no token
  std::string token;        // continuation of the page before; empty = first
  std::uint32_t max_keys = 1000;
};
struct Head {
  std::string key;
  std::string version = {};  // as list_versions names it; empty = the live one
};
struct Get {
  std::string key;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> count;  // bytes; nullopt = to the end
  std::string if_match;                // ETag without quotes; empty = any. Differs -> conflict
  /// Called on the loop with the body's bytes in order, before the completion; a retry continues
  /// where the bytes ended. Null = collected in Reply::body (at most 64 MiB).
  std::function<Result<void>(std::string_view)> sink;
  std::string version = {};  // as in Head
};
struct Put {
  std::string key;
  Payload payload;
  std::string media_type;
  std::vector<Header> headers;
  std::string if_match;    // replace only this ETag; differs -> conflict
  bool if_absent = false;  // only if there is none, else conflict
};
struct Delete {  // success also when there is none
  std::string key;
  std::string if_match;
};
struct DeleteMany {  // at most 1,000; Reply::failures names those that were not deleted
  std::vector<std::string> keys;
};
struct Copy {            // server-side, metadata kept unless replaced
  std::string from_key;  // with from_bucket: the whole key there, under no prefix
  std::string key;
  std::string if_match;                                                // ETag of the source
  std::optional<std::pair<std::string, std::vector<Header>>> replace;  // media type, headers
  std::string from_bucket = {};   // of the same endpoint; empty = this one
  std::string from_version = {};  // of the source, as in Head
  std::uint64_t size = 0;         // of the source, for a dry run; 0 = not told
};
struct CreateUpload {
  std::string key;
  std::string media_type;
  std::vector<Header> headers;
};
struct UploadPart {
  std::string key;
  std::string upload_id;
  std::uint32_t number = 1;  // 1 to 10,000
  Payload payload;
};
struct CopyPart {  // server-side: a range of another object as a part
  std::string key;
  std::string upload_id;
  std::uint32_t number = 1;
  std::string from_key;  // as in Copy
  std::string from_bucket;
  std::uint64_t offset = 0;
  std::uint64_t size = 1;   // at least 1
  std::string source_etag;  // that the source must have
  std::string from_version = {};
};
struct UploadedPart {
  std::uint32_t number = 0;
  std::string etag;
  std::uint64_t size = 0;
};
struct CompleteUpload {
  std::string key;
  std::string upload_id;
  std::vector<UploadedPart> parts;  // in order of number
  std::string if_match;
  bool if_absent = false;
};
struct AbortUpload {  // success also when there is none
  std::string key;
  std::string upload_id;
};
struct ListParts {  // one page
  std::string key;
  std::string upload_id;
  std::uint32_t after_number = 0;
};
struct ListUploads {  // one page of multipart uploads that were begun and not finished
  std::string prefix;
  std::string after_key;
  std::string after_upload_id;
};
struct ListVersions {  // one page: by key, of each key the newest first; no delete markers
  std::string prefix;
  std::string after_key;
  std::string after_version;
  std::uint32_t max_keys = 1000;
};
struct GetTags {
  std::string key;
};
struct SetTags {  // replaces all of an object's tags; none = removes them
  std::string key;
  std::vector<Tag> tags;
};
struct GetBucketConfig {
  BucketAspect aspect = BucketAspect::versioning;
};
struct SetBucketConfig {  // replaces the whole of this aspect
  BucketConfig config;
};
struct BucketExists {};  // not_found if not
struct CreateBucket {};  // success also when it is ours already

using Operation = std::variant<ListPage,
                               Head,
                               Get,
                               Put,
                               Delete,
                               DeleteMany,
                               Copy,
                               CreateUpload,
                               UploadPart,
                               CopyPart,
                               CompleteUpload,
                               AbortUpload,
                               ListParts,
                               ListUploads,
                               ListVersions,
                               GetTags,
                               SetTags,
                               GetBucketConfig,
                               SetBucketConfig,
                               BucketExists,
                               CreateBucket>;

/// The name of the operation as S3 calls it: "PutObject". For logs and messages.
std::string_view operation_name(const Operation& operation);
/// Does it change what the store holds?
bool is_write(const Operation& operation);
/// The key it is about; empty for the bucket and for listings.
std::string_view operation_key(const Operation& operation);

struct UnfinishedUpload {
  std::string key;
  std::string upload_id;
  std::int64_t started = 0;  // seconds since the epoch
};

struct DeleteFailure {
  std::string key;
  std::string code;
  std::string message;
};

/// What came back. Only the members that the operation speaks of are set.
struct Reply {
  ObjectInfo object;                      // head, get, put, copy, complete
  std::string body;                       // get without sink
  std::vector<ObjectInfo> objects;        // list_page, list_versions
  std::vector<UploadedPart> parts;        // list_parts, upload_part and copy_part (one)
  std::vector<UnfinishedUpload> uploads;  // list_uploads
  std::vector<DeleteFailure> failures;    // delete_many
  std::string upload_id;                  // create_upload
  std::vector<Tag> tags;                  // get_tags, sorted by name
  BucketConfig config;                    // get_bucket_config
  bool truncated = false;                 // list_*: there is another page
  std::string next_token;                 // list_page: continuation; may be empty though truncated
  std::string next_key;                   // list_uploads, list_versions: marker of the next page
  std::string next_id;                    // ... an id of an upload, or of a version
  std::uint32_t requests = 1;             // HTTP requests that it took, retries included
};

/// An Error that also tells a wrapper what to do about it.
struct StoreError : Error {
  int http_status = 0;         // 0 = no answer came
  std::string code_text = {};  // S3's <Code>, such as "SlowDown"; may be empty
  bool transient = false;      // the same request may succeed later
  bool throttled = false;      // ... and the store asks for fewer
  std::optional<std::chrono::milliseconds> retry_after = {};
  std::uint32_t requests = 1;  // HTTP requests made, retries included
  std::string etag = {};       // get: of the object whose body broke off; may be empty
  bool once_more = false;      // transient, but what fails twice will go on failing
};

using Outcome = Result<Reply, StoreError>;
using Completion = std::function<void(Outcome)>;

/// Thread-safe: submit from any thread. The completion runs exactly once, on the Loop, never inside
/// submit(). After cancellation every operation completes soon with Errc::cancelled.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual void submit(Operation operation, Completion done) = 0;
};

/// Submit and wait; for commands that do one thing at a time. Not from the loop's thread.
Outcome submit_and_wait(ObjectStore& store, Operation operation);

}  // namespace deployflow::store
