// The S3 client: each operation is one signed request, sent at once and once.
//
// Retrying, pacing and limits are wrappers. What is repeated here is only what an answer taught us,
// once for each request: the bucket's region, the store's clock, fresh credentials for expired
// ones, the older listing, single deletes, the way an ETag is written, a media type that is
// rewritten before its signature is checked; and a kept connection that turned out dead.

#pragma once

#include "plugins/host/base/time.hpp"
#include "plugins/host/store/clock_skew.hpp"
#include "plugins/host/store/credentials/credentials.hpp"
#include "plugins/host/store/endpoint.hpp"
#include "plugins/host/store/http.hpp"
#include "plugins/host/store/link.hpp"
#include "plugins/host/store/object_store.hpp"
#include "plugins/host/store/s3_request.hpp"
#include "plugins/host/store/s3_xml.hpp"
#include "plugins/host/store/sign.hpp"

#include <memory>
#include <string>

namespace deployflow::store {

struct S3Options {
  Endpoint endpoint;
  std::shared_ptr<CredentialsSource> credentials;
  TlsFiles tls;
  const Clock* clock = nullptr;  // null = the machine's
  ObjectHeaders objects = {};
  std::string twin_bucket = {};  // another of the same target, whose objects are encrypted alike
  WireSettings wire = {};        // to begin with
  /// Without a byte moved, then a request has failed; what S3 does by itself gets more.
  std::chrono::milliseconds stall_timeout = k_usual_patience;
};

class S3Store final : public ObjectStore {
 public:
  /// `engine` outlives it.
  S3Store(HttpEngine& engine, S3Options options);

  void submit(Operation operation, Completion done) override;

  /// A link to an object, for at most 7 days. Sends nothing. `done` on the loop. Errors: of the
  /// credentials; `usage` if the target is anonymous, has a customer's key, or the time is none.
  void presign(std::string key, std::chrono::seconds ttl, std::function<void(Result<Link>)> done);

 private:
  struct Call;
  using CallPtr = std::shared_ptr<Call>;

  Result<Link> make_link(const std::string& key,
                         std::chrono::seconds ttl,
                         const std::optional<Credentials>& credentials);
  void begin(const CallPtr& call);
  void sign_and_send(const CallPtr& call, const Result<std::optional<Credentials>>& credentials);
  Result<HttpRequest> to_http(Call& call, const std::optional<Credentials>& credentials);
  void on_answer(const CallPtr& call, HttpOutcome answer);
  void hide_what_was_sent(const Call& call, std::string& said) const;
  void on_success(const CallPtr& call, HttpResponse response);
  bool list_otherwise(const ListPage& list, const Reply& page, bool is_encoded);
  void learn_etags(const Operation& operation, ObjectInfo& object);
  void on_refusal(const CallPtr& call, const HttpResponse& response);
  bool learn(const CallPtr& call, const HttpResponse& response, const S3ErrorText& text);
  bool learn_region(const HttpResponse& response, const S3ErrorText& text);
  bool try_other_way(const CallPtr& call, int status, std::string_view code);
  bool try_unsigned_media_type(const CallPtr& call, std::string_view code);
  void delete_one_by_one(const CallPtr& call);
  void copy_if_source_matches(const CallPtr& call);
  void write_if_etag_matches(const CallPtr& call);
  bool look_closer(const CallPtr& call, const StoreError& error);
  void look_at_etag(const CallPtr& call, StoreError error);
  void look_at_upload(const CallPtr& call, StoreError error);
  void ask(const CallPtr& call, Operation question, Completion answer);
  void finish(const CallPtr& call, Outcome outcome);

  HttpEngine& engine_;
  S3Options options_;
  Signer signer_;
  ClockSkew skew_;
  WireSettings wire_;           // as learned so far
  bool etags_are_md5_ = false;  // a write proved it
  /// An ETag that a write demands is looked at before it: no demand is ever met here.
  bool looks_at_etags_ = false;
  bool has_answered_ = false;
};

}  // namespace deployflow::store
