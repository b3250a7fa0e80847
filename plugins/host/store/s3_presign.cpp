// Links that give an object to whoever has them.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html

#include "plugins/host/store/s3_call.hpp"
#include "plugins/host/store/sign.hpp"

#include <algorithm>
#include <utility>

namespace deployflow::store {

Result<Link> S3Store::make_link(const std::string& key,
                                std::chrono::seconds ttl,
                                const std::optional<Credentials>& credentials) {
  const Endpoint& endpoint = options_.endpoint;
  if (!credentials) {
    return Error{Errc::usage, "an anonymous target signs no links"};
  }
  if (!options_.objects.on_access.empty()) {
    return Error{Errc::usage,
                 "a link cannot bring along the customer key that the target's objects need"};
  }
  SigningInput input;
  input.method = "GET";
  input.path = endpoint.request_path(key);
  input.headers = {{"host", endpoint.request_host()}};
  input.payload_hash = std::string(k_unsigned_payload);
  const WallTime now = skew_.now();
  TRY_ASSIGN(Signed made,
             signer_.presign(input, *credentials, {.time = now, .region = endpoint.region}, ttl));
  Link link;
  link.url = Secret(endpoint.origin() + made.path + "?" + made.query);
  link.expires = now + ttl;
  if (credentials->expires && *credentials->expires < link.expires) {
    link.expires = *credentials->expires;
  }
  return link;
}

void S3Store::presign(std::string key,
                      std::chrono::seconds ttl,
                      std::function<void(Result<Link>)> done) {
  engine_.post([this, key = std::move(key), ttl, done = std::move(done)]() mutable {
    options_.credentials->get([this, key = std::move(key), ttl, done = std::move(done)](
                                  const Result<std::optional<Credentials>>& credentials) {
      engine_.post([this, key, ttl, done, credentials] {
        done(credentials.ok() ? make_link(key, ttl, *credentials)
                              : Result<Link>(credentials.error()));
      });
    });
  });
}

}  // namespace deployflow::store
