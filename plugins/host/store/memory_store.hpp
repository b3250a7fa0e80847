// S3 in memory, faithful where a client can tell: ETags, order, pages, conditions, multipart rules,
// digests checked on arrival, versions where they are switched on. For tests and for trying
// wrappers.

#pragma once

#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::store {

struct MemoryOptions {
  std::uint64_t least_part = 5U << 20;  // bytes of every part but the last
  std::uint32_t page = 1000;            // entries of a page, at most
  bool has_bucket = true;
};

class MemoryStore final : public ObjectStore {
 public:
  static constexpr std::string_view k_no_version = "null";  // of what was stored without versions

  struct Object {
    std::shared_ptr<const std::string> bytes;
    ObjectInfo info;  // with media type and headers
    std::vector<Tag> tags;
    std::string version = std::string(k_no_version);
  };
  struct Upload {
    std::string key;
    std::string media_type;
    std::vector<Header> headers;
    std::int64_t started = 0;
    std::map<std::uint32_t, std::pair<std::string, Md5>> parts;  // number -> bytes, their MD5
  };

  /// `loop` outlives it; everything happens there.
  explicit MemoryStore(Loop& loop, MemoryOptions options = {});

  void submit(Operation operation, Completion done) override;

  /// Another bucket of the same server, which copies may read. `store` outlives this.
  void add_neighbour(const std::string& bucket, const MemoryStore& store) {
    neighbours_[bucket] = &store;
  }

  /// What it holds, by key and by upload id. On the loop, or while nothing is under way.
  [[nodiscard]] const std::map<std::string, Object>& objects() const { return objects_; }
  [[nodiscard]] const std::map<std::string, Upload>& uploads() const { return uploads_; }

 private:
  Outcome apply(const Operation& operation);
  Outcome on(const ListPage& op);
  Outcome on(const Head& op);
  Outcome on(const Get& op);
  Outcome on(const Put& op);
  Outcome on(const Delete& op);
  Outcome on(const DeleteMany& op);
  Outcome on(const Copy& op);
  Outcome on(const CreateUpload& op);
  Outcome on(const UploadPart& op);
  Outcome on(const CopyPart& op);
  Outcome on(const CompleteUpload& op);
  Outcome on(const AbortUpload& op);
  Outcome on(const ListParts& op);
  Outcome on(const ListUploads& op);
  Outcome on(const ListVersions& op);
  Outcome on(const GetTags& op);
  Outcome on(const SetTags& op);
  Outcome on(const GetBucketConfig& op);
  Outcome on(const SetBucketConfig& op);
  Outcome on(const BucketExists& op);
  Outcome on(const CreateBucket& op);

  /// The object that a Copy or CopyPart names. Errors: not_found; conflict if it has not this ETag.
  template <class Op>
  Result<const Object*, StoreError> source_of(const Op& op, const std::string& etag) const;
  /// A version of an object, or the live one; nullptr if there is none.
  [[nodiscard]] const Object* find(const std::string& key, const std::string& version) const;
  [[nodiscard]] Versioning versioning() const;
  /// The live object of `key` goes: into the history, where that is kept.
  void retire(const std::string& key);
  bool condition_fails(const std::string& key, const std::string& if_match, bool if_absent) const;
  Reply store(const std::string& key,
              std::string bytes,
              std::string etag,
              std::string media_type,
              std::vector<Header> headers);

  Loop& loop_;
  MemoryOptions options_;
  std::map<std::string, Object> objects_;
  std::map<std::string, std::deque<Object>> history_;  // versions that are not live, newest first
  std::map<std::string, Upload> uploads_;
  std::map<BucketAspect, BucketConfig> config_;
  std::map<std::string, const MemoryStore*> neighbours_;
  std::uint64_t next_upload_ = 1;
  std::uint64_t next_version_ = 1;
  std::int64_t clock_ = 1'700'000'000;  // a second later at each change
};

}  // namespace deployflow::store
