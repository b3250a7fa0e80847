#include "plugins/host/store/object_store.hpp"

#include <array>
#include <condition_variable>
#include <mutex>

namespace deployflow::store {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

const char* config_name(BucketAspect aspect, std::size_t is_write) {
  static constexpr std::array<std::array<const char*, 2>, 4> k_names{
      {{"GetBucketVersioning", "PutBucketVersioning"},
       {"GetBucketWebsite", "PutBucketWebsite"},
       {"GetBucketCors", "PutBucketCors"},
       {"GetBucketLifecycleConfiguration", "PutBucketLifecycleConfiguration"}}};
  return k_names.at(static_cast<std::size_t>(aspect)).at(is_write);
}

}  // namespace

Payload make_payload(std::string bytes) {
  const RawDigests digests{sha256(bytes), md5(bytes)};
  return make_payload(std::make_shared<const std::string>(std::move(bytes)), digests);
}

Payload make_payload(std::shared_ptr<const std::string> bytes, const RawDigests& digests) {
  Payload payload;
  payload.size = bytes->size();
  payload.bytes = std::move(bytes);
  payload.sha256 = digests.sha256;
  payload.md5 = digests.md5;
  return payload;
}

std::string_view operation_name(const Operation& operation) {
  return std::visit(
      Overloaded{[](const ListPage&) { return "ListObjects"; },
                 [](const Head&) { return "HeadObject"; },
                 [](const Get&) { return "GetObject"; },
                 [](const Put&) { return "PutObject"; },
                 [](const Delete&) { return "DeleteObject"; },
                 [](const DeleteMany&) { return "DeleteObjects"; },
                 [](const Copy&) { return "CopyObject"; },
                 [](const CreateUpload&) { return "CreateMultipartUpload"; },
                 [](const UploadPart&) { return "UploadPart"; },
                 [](const CopyPart&) { return "UploadPartCopy"; },
                 [](const CompleteUpload&) { return "CompleteMultipartUpload"; },
                 [](const AbortUpload&) { return "AbortMultipartUpload"; },
                 [](const ListParts&) { return "ListParts"; },
                 [](const ListUploads&) { return "ListMultipartUploads"; },
                 [](const ListVersions&) { return "ListObjectVersions"; },
                 [](const GetTags&) { return "GetObjectTagging"; },
                 [](const SetTags&) { return "PutObjectTagging"; },
                 [](const GetBucketConfig& op) { return config_name(op.aspect, 0); },
                 [](const SetBucketConfig& op) { return config_name(aspect_of(op.config), 1); },
                 [](const BucketExists&) { return "HeadBucket"; },
                 [](const CreateBucket&) { return "CreateBucket"; }},
      operation);
}

bool is_write(const Operation& operation) {
  return std::visit(
      []<class T>(const T&) {
        return !(std::is_same_v<T, ListPage> || std::is_same_v<T, Head> || std::is_same_v<T, Get> ||
                 std::is_same_v<T, ListParts> || std::is_same_v<T, ListUploads> ||
                 std::is_same_v<T, ListVersions> || std::is_same_v<T, GetTags> ||
                 std::is_same_v<T, GetBucketConfig> || std::is_same_v<T, BucketExists>);
      },
      operation);
}

std::string_view operation_key(const Operation& operation) {
  return std::visit(
      []<class T>(const T& typed) -> std::string_view {
        if constexpr (requires { typed.key; }) {
          return typed.key;
        } else {
          return {};
        }
      },
      operation);
}

Outcome submit_and_wait(ObjectStore& store, Operation operation) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<Outcome> outcome;  // guarded by mutex
  store.submit(std::move(operation), [&](Outcome result) {
    const std::lock_guard lock(mutex);  // notify under the lock: the waiter owns these locals
    outcome.emplace(std::move(result));
    arrived.notify_one();
  });
  std::unique_lock lock(mutex);
  arrived.wait(lock, [&] { return outcome.has_value(); });
  return std::move(*outcome);
}

}  // namespace deployflow::store
