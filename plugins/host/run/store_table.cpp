// df_objectstore: the stores of the pipeline's targets, for stages.

#include "plugins/host/load/status.hpp"
#include "plugins/host/run/batch.hpp"
#include "plugins/host/run/bucket_table.hpp"
#include "plugins/host/run/farewell.hpp"
#include "plugins/host/run/stage_call.hpp"
#include "plugins/host/store/list_all.hpp"
#include "plugins/host/store/part_size.hpp"
#include "plugins/host/store/s3_errors.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace deployflow::run {
namespace {

using store::k_reserved;

df_status table_target(df_ctx* ctx, df_str name, df_target_info* out) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    auto opened = c.run().targets.open(view(name));
    if (!opened) {
      return c.fail(opened.error(), "host/target");
    }
    const store::TargetStore& target = **opened;
    df_target_info info{};
    info.struct_size = out->struct_size;
    info.name = lend(target.config().name);
    info.display = c.keep(target.config().display());
    info.endpoint = lend(target.endpoint());
    info.bucket = lend(target.config().bucket);
    info.prefix = lend(target.config().prefix);
    info.url = target.config().url.empty() ? df_str{} : lend(target.config().url);
    info.object_base = lend(target.object_base());
    if (const auto& state = target.config().state) {
      info.state = c.keep(state->display());
    }
    std::copy_n(reinterpret_cast<const char*>(&info),
                std::min<std::size_t>(out->struct_size, sizeof info),
                reinterpret_cast<char*>(out));
    return DF_OK;
  });
}

/// Pages on their way from the loop to the stage's thread.
class PageQueue {
 public:
  void push(std::vector<df_object> objects, std::shared_ptr<void> storage) {
    const std::lock_guard lock(mutex_);
    pages_.emplace_back(std::move(objects), std::move(storage));
    wake_.notify_one();
  }
  void end(Result<void, store::StoreError> outcome) {
    const std::lock_guard lock(mutex_);
    outcome_.emplace(std::move(outcome));
    wake_.notify_one();
  }
  void stop_wanting() {
    const std::lock_guard lock(mutex_);
    wanted_ = false;
  }
  [[nodiscard]] bool wanted() {
    const std::lock_guard lock(mutex_);
    return wanted_;
  }
  using Page = std::pair<std::vector<df_object>, std::shared_ptr<void>>;
  /// The next page; nullopt once there are no more and the outcome is known.
  std::optional<Page> next() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !pages_.empty() || outcome_; });
    if (pages_.empty()) {
      return std::nullopt;
    }
    Page page = std::move(pages_.front());
    pages_.pop_front();
    return page;
  }
  [[nodiscard]] const Result<void, store::StoreError>& outcome() const { return *outcome_; }

 private:
  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::deque<Page> pages_;
  std::optional<Result<void, store::StoreError>> outcome_;
  bool wanted_ = true;
};

/// A page of a listing, for the stage.
store::ListPageSink to_queue(const std::shared_ptr<PageQueue>& queue) {
  return [queue](std::vector<store::ObjectInfo> page) {
    auto storage = std::make_shared<std::vector<store::ObjectInfo>>(std::move(page));
    std::vector<df_object> objects;
    objects.reserve(storage->size());
    for (const auto& info : *storage) {
      df_object object{};
      object.struct_size = sizeof object;
      object.key = lend(info.key);
      object.size = info.size;
      object.mtime_s = info.modified;
      object.etag = lend(info.etag);
      object.version_id = info.version_id.empty() ? df_str{} : lend(info.version_id);
      objects.push_back(object);
    }
    queue->push(std::move(objects), std::move(storage));
    return queue->wanted();
  };
}

store::ListCompletion end_of(const std::shared_ptr<PageQueue>& queue) {
  return [queue](Result<void, store::StoreError> outcome) { queue->end(std::move(outcome)); };
}

// The artifacts' keys are what a target holds, more or less: a long listing is cut at them.
void list_objects(store::TargetStore& target,
                  const std::string& prefix,
                  const site::ArtifactSet& artifacts,
                  const std::shared_ptr<PageQueue>& queue) {
  const auto planned = std::make_shared<store::PlannedListing>(target.planned().below(prefix));
  const auto push = to_queue(queue);
  store::list_all(
      target.store(),
      {prefix,
       [&artifacts, prefix](const std::string& after) {
         return artifacts.keys_apart(prefix, after, store::k_page_keys);
       }},
      [planned, push](std::vector<store::ObjectInfo> page) {
        return push(planned->lay_over(std::move(page)));
      },
      [queue, planned, push](Result<void, store::StoreError> outcome) {
        if (outcome) {
          push(planned->rest());
        }
        queue->end(std::move(outcome));
      });
}

void list_uploads(store::ObjectStore& store,
                  const std::string& prefix,
                  const std::shared_ptr<PageQueue>& queue) {
  store::list_all_uploads(
      store,
      prefix,
      [queue](std::vector<store::UnfinishedUpload> page) {
        auto storage = std::make_shared<std::vector<store::UnfinishedUpload>>(std::move(page));
        std::vector<df_object> objects;
        objects.reserve(storage->size());
        for (const auto& upload : *storage) {
          df_object object{};
          object.struct_size = sizeof object;
          object.key = lend(upload.key);
          object.mtime_s = upload.started;
          object.upload_id = lend(upload.upload_id);
          objects.push_back(object);
        }
        queue->push(std::move(objects), std::move(storage));
        return queue->wanted();
      },
      end_of(queue));
}

/// The status of a listing that failed, with its finding where the stage does not give it.
df_status failed_listing(df_ctx& call, const store::StoreError& error, std::uint32_t flags) {
  if ((flags & DF_LIST_VERSIONS) != 0 &&
      store::is_not_offered(error.http_status, error.code_text)) {
    return DF_UNSUPPORTED;
  }
  // Many stores cannot list uploads or versions; whether that matters is the stage's to say.
  return (flags & (DF_LIST_UPLOADS | DF_LIST_VERSIONS)) != 0 ? load::to_status(error.code)
                                                             : call.fail(error, "host/list");
}

df_status table_list(df_ctx* ctx,
                     df_str target,
                     df_str key_prefix,
                     std::uint32_t flags,
                     void* user,
                     df_status (*each)(void*, const df_object*)) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    auto opened = c.run().targets.open(view(target));
    if (!opened) {
      return c.fail(opened.error(), "host/target");
    }
    const std::string prefix(view(key_prefix));
    const auto queue = std::make_shared<PageQueue>();
    if ((flags & DF_LIST_UPLOADS) != 0) {
      list_uploads((*opened)->store(), prefix, queue);
    } else if ((flags & DF_LIST_VERSIONS) != 0) {
      store::list_all_versions((*opened)->store(), prefix, to_queue(queue), end_of(queue));
    } else {
      list_objects(**opened, prefix, c.run().artifacts, queue);
    }
    df_status status = DF_OK;
    while (const auto page = queue->next()) {
      for (const df_object& object : page->first) {
        if (status == DF_OK &&
            (prefix.starts_with(k_reserved) || !view(object.key).starts_with(k_reserved))) {
          status = each(user, &object);
        }
      }
      if (status != DF_OK) {
        queue->stop_wanting();
      }
    }
    if (status == DF_OK && !queue->outcome()) {
      return failed_listing(c, queue->outcome().error(), flags);
    }
    return status;
  });
}

df_status table_batch(df_ctx* ctx, const df_batch* batch) {
  if (batch != nullptr && (batch->flags & DF_BATCH_FAREWELL) != 0) {
    return run_farewell(ctx, *batch);
  }
  return guarded(ctx, [&](df_ctx& c) { return Batch(c, *batch).run(); });
}

Result<std::string> etag_of(const site::Artifact& artifact,
                            const StopToken& stop,
                            ThreadPool& pool) {
  if (artifact.bytes) {
    return store::expected_etag_of(*artifact.bytes);
  }
  return site::with_unchanged_file(
      artifact, [&] { return store::expected_etag(artifact.path, stop, &pool); });
}

df_status table_etags(df_ctx* ctx, const std::uint64_t* ids, std::uint64_t count, df_str* out) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    std::vector<site::ArtifactSet::Pointer> artifacts;
    for (std::uint64_t i = 0; i < count; ++i) {
      artifacts.push_back(c.run().artifacts.get(ids[i]));
      if (!artifacts.back()) {
        return DF_NOT_FOUND;
      }
    }
    std::atomic<df_status> worst{DF_OK};
    const auto make = [&](std::size_t i) {
      if (c.run().stop.stop_requested()) {
        worst = DF_CANCELLED;
        return;
      }
      auto made = etag_of(*artifacts[i], c.run().stop, c.run().pool);
      if (made) {
        out[i] = c.keep(std::move(made).value());
      } else {
        worst = c.fail(made.error(), "site/unreadable", artifacts[i]->key);
      }
    };
    if (count == 1) {
      make(0);  // here: a task of the pool has no help from it, and one large file has many parts
    } else {
      c.run().pool.for_each(count, make);
    }
    return worst;
  });
}

}  // namespace

const df_objectstore& store_table() {
  static const df_objectstore table = [] {
    df_objectstore t{};
    t.struct_size = sizeof t;
    t.target = table_target;
    t.list = table_list;
    t.batch = table_batch;
    t.etags = table_etags;
    add_bucket_calls(t);
    return t;
  }();
  return table;
}

}  // namespace deployflow::run
