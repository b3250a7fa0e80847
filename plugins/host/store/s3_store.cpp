#include "plugins/host/store/s3_store.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/bucket_config_xml.hpp"
#include "plugins/host/store/redact.hpp"
#include "plugins/host/store/s3_call.hpp"
#include "plugins/host/store/s3_errors.hpp"
#include "plugins/host/store/s3_reply.hpp"
#include "plugins/host/store/s3_xml.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

bool is_aws(std::string_view host) {
  return host.find("amazonaws.com") != std::string_view::npos;
}

bool is_expired(std::string_view code) {
  return code == "ExpiredToken" || code == "ExpiredTokenException" ||
         code == "TokenRefreshRequired";
}

}  // namespace

S3Store::S3Store(HttpEngine& engine, S3Options options)
    : engine_(engine),
      options_(std::move(options)),
      skew_(options_.clock != nullptr ? *options_.clock : system_clock()),
      wire_(options_.wire) {}

void S3Store::submit(Operation operation, Completion done) {
  auto call = std::make_shared<Call>();
  call->operation = std::move(operation);
  call->done = std::move(done);
  if (engine_.on_loop()) {
    begin(call);
  } else {
    engine_.post([this, call] { begin(call); });
  }
}

void S3Store::begin(const CallPtr& call) {
  if (const auto* many = std::get_if<DeleteMany>(&call->operation)) {
    const bool in_xml = std::all_of(many->keys.begin(), many->keys.end(), is_xml_text);
    if (!wire_.delete_many || !in_xml) {
      delete_one_by_one(call);
      return;
    }
  }
  if (const auto* copy = std::get_if<Copy>(&call->operation);
      copy != nullptr && !copy->if_match.empty() && copy->from_bucket.empty() &&
      !call->looked_closer) {
    copy_if_source_matches(call);
    return;
  }
  if (looks_at_etags_ && !call->looked_closer && !demanded_etag(call->operation).empty()) {
    write_if_etag_matches(call);
    return;
  }
  options_.credentials->get([this, call](const Result<std::optional<Credentials>>& credentials) {
    if (engine_.on_loop()) {
      sign_and_send(call, credentials);
    } else {
      engine_.post([this, call, credentials] { sign_and_send(call, credentials); });
    }
  });
}

void S3Store::sign_and_send(const CallPtr& call,
                            const Result<std::optional<Credentials>>& credentials) {
  if (!credentials.ok()) {
    StoreError error;
    static_cast<Error&>(error) = credentials.error();
    error.requests = 0;
    finish(call, std::move(error));
    return;
  }
  auto request = to_http(*call, credentials.value());
  if (!request.ok()) {
    finish(call, local_error(call->operation, std::move(request.error())));
    return;
  }
  if (credentials.value()) {
    call->key_id = credentials.value()->key_id;
    call->session_token = credentials.value()->session_token.reveal();
  }
  call->region = options_.endpoint.region;
  call->demanded = wire_.if_match;
  call->has_demanded = !looks_at_etags_ && !demanded_etag(call->operation).empty();
  call->skew = skew_.offset();
  call->sent = engine_.now();
  ++call->requests;
  engine_.send(std::move(*request),
               [this, call](HttpOutcome answer) { on_answer(call, std::move(answer)); });
}

Result<HttpRequest> S3Store::to_http(Call& call, const std::optional<Credentials>& credentials) {
  const Endpoint& endpoint = options_.endpoint;
  const bool names_location = is_aws(endpoint.host) && endpoint.region != "us-east-1";
  TRY_ASSIGN(S3Request s3,
             make_s3_request(call.operation,
                             {.bucket = endpoint.bucket,
                              .twin_bucket = options_.twin_bucket,
                              .location = names_location ? std::string_view(endpoint.region) : "",
                              .wire = wire_,
                              .demands_etags = !looks_at_etags_,
                              .objects = &options_.objects}));
  HttpRequest request;
  request.method = s3.method;
  request.max_body = s3.max_body;
  request.patience = s3.patience * options_.stall_timeout.count() / k_usual_patience.count();
  request.tls = options_.tls;
  request.fresh_connection = call.tried_fresh;

  SigningInput input;
  input.method = std::move(s3.method);
  input.path = endpoint.request_path(s3.key);
  input.query = std::move(s3.query);
  input.headers = std::move(s3.signed_headers);
  const auto media_type = std::find_if(input.headers.begin(),
                                       input.headers.end(),
                                       [](auto& header) { return header.first == "content-type"; });
  call.signed_media_type = media_type != input.headers.end() && wire_.signed_media_type;
  if (media_type != input.headers.end() && !wire_.signed_media_type) {
    s3.plain_headers.push_back(std::move(*media_type));
    input.headers.erase(media_type);
  }
  input.headers.emplace_back("host", endpoint.request_host());
  const bool has_bytes = s3.body && s3.body->size > 0;
  input.payload_hash = has_bytes ? to_hex(s3.body->sha256) : std::string(k_empty_payload_hash);
  if (credentials) {
    TRY_ASSIGN(Signed made,
               signer_.sign(input, *credentials, {.time = skew_.now(), .region = endpoint.region}));
    request.url = endpoint.origin() + made.path + (made.query.empty() ? "" : "?" + made.query);
    request.headers = std::move(input.headers);
    std::move(made.headers.begin(), made.headers.end(), std::back_inserter(request.headers));
  } else {
    const std::string query = encode_query(input.query);
    request.url = endpoint.origin() + encode_path(input.path) + (query.empty() ? "" : "?" + query);
    request.headers = std::move(input.headers);
  }
  std::move(s3.plain_headers.begin(), s3.plain_headers.end(), std::back_inserter(request.headers));
  request.body = std::move(s3.body);
  if (const auto* get = std::get_if<Get>(&call.operation); get != nullptr && get->sink) {
    request.sink = [&call, get](const HttpResponse& head, std::string_view bytes) -> Result<void> {
      if (call.etag.empty()) {
        TRY(check_range(*get, head));
        const std::string* etag = head.header("etag");
        call.etag = etag != nullptr ? unquoted_etag(*etag) : std::string();
      }
      return get->sink(bytes);
    };
  }
  return request;
}

void S3Store::on_answer(const CallPtr& call, HttpOutcome answer) {
  has_answered_ = has_answered_ || answer.ok();
  if (!answer.ok() && answer.error().stale && !call->tried_fresh) {
    call->tried_fresh = true;
    begin(call);
  } else if (!answer.ok()) {
    // A name that was never found is more likely misspelt than lost on its way.
    const bool is_misspelt = answer.error().cause == HttpCause::unresolved && !has_answered_;
    StoreError error = to_store_error(call->operation, std::move(answer.error()));
    error.once_more = is_misspelt;
    error.etag = std::move(call->etag);
    finish(call, std::move(error));
  } else if (hide_what_was_sent(*call, answer->body); answer->status / 100 == 2) {
    on_success(call, std::move(*answer));
  } else {
    on_refusal(call, *answer);
  }
}

// Some stores repeat in an error what they were sent.
void S3Store::hide_what_was_sent(const Call& call, std::string& said) const {
  hide(said, call.session_token);
  for (const auto& [name, value] : options_.objects.on_access) {
    if (is_secret_header(name)) {
      hide(said, value);
    }
  }
}

void S3Store::on_success(const CallPtr& call, HttpResponse response) {
  const auto* list = std::get_if<ListPage>(&call->operation);
  const bool is_encoded =
      list != nullptr && response.body.find("EncodingType>url<") != std::string::npos;
  Outcome outcome = to_reply(
      call->operation, std::move(response), options_.endpoint.bucket, options_.endpoint.origin());
  if (outcome.ok() && list != nullptr && list_otherwise(*list, *outcome, is_encoded)) {
    begin(call);
    return;
  }
  if (outcome.ok()) {
    learn_etags(call->operation, outcome->object);
  }
  if (outcome.ok() || !look_closer(call, outcome.error())) {
    finish(call, std::move(outcome));
  }
}

// Is the page not what it seems, and another way to ask for it known?
bool S3Store::list_otherwise(const ListPage& list, const Reply& page, bool is_encoded) {
  const auto is_ambiguous = [](const ObjectInfo& object) {
    return object.key.find_first_of("%+") != std::string::npos;
  };
  if (wire_.list_keys == ListKeys::encoded && !is_encoded &&
      std::any_of(page.objects.begin(), page.objects.end(), is_ambiguous)) {
    // Encoded without saying so, or not encoded: nobody can tell. As they are, then.
    wire_.list_keys = ListKeys::plain;
    return true;
  }
  // With a NextMarker, which is a key, as the token, or with none.
  const bool by_key = list.token.empty() || list.token == list.start_after;
  if (wire_.list == ListVersion::v2 && by_key && !list.start_after.empty() &&
      !page.objects.empty() && page.objects.front().key <= list.start_after) {
    // It knows neither start-after nor tokens, so it answered as V1: ask as V1.
    wire_.list = ListVersion::v1;
    return true;
  }
  return false;
}

void S3Store::learn_etags(const Operation& operation, ObjectInfo& object) {
  if (const auto* put = std::get_if<Put>(&operation)) {
    etags_are_md5_ =
        etags_are_md5_ || (put->payload.size > 0 && object.etag == to_hex(put->payload.md5));
  } else {
    object.etag_is_md5 = etags_are_md5_;
  }
}

void S3Store::on_refusal(const CallPtr& call, const HttpResponse& response) {
  S3ErrorText text = parse_error_xml(response.body).value_or(S3ErrorText{});
  if (learn(call, response, text) || try_other_way(call, response.status, text.code) ||
      try_unsigned_media_type(call, text.code)) {
    begin(call);
    return;
  }
  const bool deleting = std::holds_alternative<Delete>(call->operation) ||
                        std::holds_alternative<AbortUpload>(call->operation);
  const bool is_gone = response.status == 404 && text.code != "NoSuchBucket";
  if (const auto* config = std::get_if<GetBucketConfig>(&call->operation);
      config != nullptr && !text.code.empty() && text.code == code_when_unset(config->aspect)) {
    Reply unset;
    unset.config = unset_config(config->aspect);
    finish(call, std::move(unset));
    return;
  }
  const bool is_ours = std::holds_alternative<CreateBucket>(call->operation) &&
                       text.code == "BucketAlreadyOwnedByYou";
  // gofakes3 says that of a bucket in which no upload was begun.
  const bool is_none =
      std::holds_alternative<ListUploads>(call->operation) && text.code == "NoSuchUpload";
  if ((deleting && is_gone) || is_ours || is_none) {
    finish(call, Reply{});
    return;
  }
  StoreError error = to_store_error(call->operation,
                                    response,
                                    std::move(text),
                                    options_.endpoint.bucket,
                                    options_.endpoint.origin());
  if (!look_closer(call, error)) {
    finish(call, std::move(error));
  }
}

// What the refusal teaches, if another try with it makes sense.
bool S3Store::learn(const CallPtr& call, const HttpResponse& response, const S3ErrorText& text) {
  if (!call->tried_skew && text.code == "RequestTimeTooSkewed") {
    call->tried_skew = true;
    // Another request may have learned it meanwhile.
    return skew_.learn(response, engine_.now() - call->sent) || skew_.offset() != call->skew;
  }
  if (!call->tried_refresh && is_expired(text.code)) {
    call->tried_refresh = true;
    options_.credentials->refused(call->key_id);
    return true;
  }
  const int status = response.status;
  if (!call->tried_region && (status == 301 || status == 307 || status == 400 || status == 403)) {
    call->tried_region = learn_region(response, text) || options_.endpoint.region != call->region;
    return call->tried_region;
  }
  return false;
}

bool S3Store::learn_region(const HttpResponse& response, const S3ErrorText& text) {
  const std::string* header = response.header("x-amz-bucket-region");
  const std::string& region = header != nullptr ? *header : text.region;
  Endpoint& endpoint = options_.endpoint;
  if (!is_region(region) || region == endpoint.region) {
    return false;
  }
  if (is_aws(endpoint.host)) {
    const std::string old = "." + endpoint.region + ".";
    if (const std::size_t at = endpoint.host.find(old); at != std::string::npos) {
      endpoint.host.replace(at, old.size(), "." + region + ".");
    }
  }
  endpoint.region = region;
  return true;
}

// The store lacks the operation: another one does the same.
bool S3Store::try_other_way(const CallPtr& call, int status, std::string_view code) {
  if (!is_not_offered(status, code) || call->tried_other_way) {
    return false;
  }
  call->tried_other_way = true;
  if (std::holds_alternative<ListPage>(call->operation)) {
    wire_.list = ListVersion::v1;
    return true;
  }
  if (std::holds_alternative<DeleteMany>(call->operation)) {
    wire_.delete_many = false;
    return true;
  }
  return false;
}

void S3Store::finish(const CallPtr& call, Outcome outcome) {
  if (outcome.ok()) {
    outcome->requests = call->requests;
  } else {
    outcome.error().requests = call->requests;
  }
  if (call->requests > 0) {
    call->done(std::move(outcome));
    return;
  }
  // Nothing was sent: we may still be inside submit().
  engine_.post([call, outcome = std::make_shared<Outcome>(std::move(outcome))] {
    call->done(std::move(*outcome));
  });
}

}  // namespace deployflow::store
