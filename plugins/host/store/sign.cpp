#include "plugins/host/store/sign.hpp"

#include "plugins/host/store/ascii.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

namespace deployflow::store {
namespace {

constexpr std::string_view k_algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view k_terminator = "aws4_request";
constexpr std::chrono::seconds k_longest_link = std::chrono::hours(24 * 7);

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

void append_folded(std::string& out, std::string_view value) {
  bool gap = false;
  bool any = false;
  for (const char c : value) {
    if (is_space(c)) {
      gap = any;
      continue;
    }
    if (gap) {
      out += ' ';
      gap = false;
    }
    any = true;
    out += c;
  }
}

// RFC 9110: token
bool is_token(std::string_view name) {
  static constexpr std::string_view k_marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter_or_digit(c) || k_marks.find(c) != std::string_view::npos;
  });
}

// RFC 3986, 5.2.4, and repeated slashes become one. S3 must never see a path changed so.
std::string normalized(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    if (segment == "..") {
      if (!segments.empty()) {
        segments.pop_back();
      }
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
    at = end + 1;
  }
  std::string out;
  for (const std::string_view segment : segments) {
    out.append(1, '/').append(segment);
  }
  return out.empty() || path.ends_with('/') ? out + '/' : out;
}

Result<void> check(const SigningInput& input) {
  if (!input.path.starts_with('/')) {
    return Error{Errc::internal, "cannot sign a path that does not start with '/'"};
  }
  if (!is_token(input.method)) {
    return Error{Errc::internal, "cannot sign a malformed method"};
  }
  if (!is_token(input.payload_hash)) {
    return Error{Errc::internal, "cannot sign without the hash of the payload"};
  }
  bool has_host = false;
  for (const auto& [name, value] : input.headers) {
    if (!is_token(name)) {
      return Error{Errc::internal, "cannot sign a header with a malformed name"};
    }
    has_host = has_host || to_lower(name) == "host";
  }
  if (!has_host) {
    return Error{Errc::internal, "cannot sign a request without a host header"};
  }
  return {};
}

// What the caller handed in and what the signer writes itself; on the same name the signer's
// counts.
std::vector<Header> with_ours(std::span<const Header> headers, std::span<const Header> ours) {
  std::vector<Header> out;
  out.reserve(headers.size() + ours.size());
  for (const auto& header : headers) {
    const std::string name = to_lower(header.first);
    const bool is_ours =
        name == "authorization" || name == "x-amz-security-token" ||
        std::any_of(ours.begin(), ours.end(), [&](const Header& one) { return one.first == name; });
    if (!is_ours) {
      out.push_back(header);
    }
  }
  out.insert(out.end(), ours.begin(), ours.end());
  return out;
}

bool is_added_by_presign(std::string_view name) {
  static constexpr std::array<std::string_view, 7> k_names{"X-Amz-Algorithm",
                                                           "X-Amz-Credential",
                                                           "X-Amz-Date",
                                                           "X-Amz-Expires",
                                                           "X-Amz-SignedHeaders",
                                                           "X-Amz-Security-Token",
                                                           "X-Amz-Signature"};
  const std::string lower = to_lower(name);
  return std::any_of(k_names.begin(), k_names.end(), [&](std::string_view added) {
    return to_lower(added) == lower;
  });
}

Result<void> check_link(const SigningInput& input, std::chrono::seconds ttl) {
  if (ttl < std::chrono::seconds(1) || ttl > k_longest_link) {
    return Error{Errc::usage, "a presigned URL is good for 1 second to 7 days"};
  }
  for (const auto& [name, value] : input.query) {
    if (is_added_by_presign(name)) {
      return Error{Errc::usage, fmt::format("query parameter {} is set by presigning", name)};
    }
  }
  return {};
}

}  // namespace

std::vector<Header> canonical_headers(std::span<const Header> headers) {
  std::vector<Header> out;
  out.reserve(headers.size());
  for (const auto& [name, value] : headers) {
    out.emplace_back(to_lower(name), std::string());
    append_folded(out.back().second, value);
  }
  // Stable: the values of a repeated name keep their order.
  std::stable_sort(
      out.begin(), out.end(), [](const Header& a, const Header& b) { return a.first < b.first; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < out.size(); ++i) {
    if (out[i].first == out[kept].first) {
      out[kept].second.append(1, ',').append(out[i].second);
    } else if (++kept != i) {
      out[kept] = std::move(out[i]);
    }
  }
  out.resize(out.empty() ? 0 : kept + 1);
  return out;
}

std::string signed_header_names(std::span<const Header> headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    if (!out.empty()) {
      out += ';';
    }
    out += name;
  }
  return out;
}

std::string canonical_request(std::string_view method,
                              std::string_view path,
                              std::string_view query,
                              std::span<const Header> headers,
                              std::string_view payload_hash) {
  std::string out;
  out.reserve(512 + path.size() + query.size());
  out.append(method).append(1, '\n').append(path).append(1, '\n').append(query).append(1, '\n');
  for (const auto& [name, value] : headers) {
    out.append(name).append(1, ':').append(value).append(1, '\n');
  }
  out.append(1, '\n').append(signed_header_names(headers)).append(1, '\n').append(payload_hash);
  return out;
}

std::string credential_scope(const Scope& scope) {
  constexpr std::size_t k_day = 8;  // "20130524"
  return fmt::format("{}/{}/{}/{}",
                     format_compact(scope.time).substr(0, k_day),
                     scope.region,
                     scope.service,
                     k_terminator);
}

std::string string_to_sign(const Scope& scope, std::string_view canonical_request) {
  return fmt::format("{}\n{}\n{}\n{}",
                     k_algorithm,
                     format_compact(scope.time),
                     credential_scope(scope),
                     to_hex(sha256(canonical_request)));
}

Sha256 signing_key(const Secret& secret, const Scope& scope) {
  constexpr std::size_t k_day = 8;
  const std::string day = format_compact(scope.time).substr(0, k_day);
  const Sha256 date_key = hmac_sha256("AWS4" + secret.reveal(), day);
  const Sha256 region_key = hmac_sha256(as_chars(date_key), scope.region);
  const Sha256 service_key = hmac_sha256(as_chars(region_key), scope.service);
  return hmac_sha256(as_chars(service_key), k_terminator);
}

std::string signature(const Sha256& key, std::string_view string_to_sign) {
  return to_hex(hmac_sha256(as_chars(key), string_to_sign));
}

std::string authorization(std::string_view key_id,
                          const Scope& scope,
                          std::string_view signed_names,
                          std::string_view signature) {
  return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}",
                     k_algorithm,
                     key_id,
                     credential_scope(scope),
                     signed_names,
                     signature);
}

Result<Signed> Signer::sign(const SigningInput& input,
                            const Credentials& credentials,
                            const Scope& scope,
                            const SigningRules& rules) {
  TRY(check(input));
  std::vector<Header> ours{{"x-amz-date", format_compact(scope.time)}};
  if (rules.payload_header == SigningRules::PayloadHeader::send) {
    ours.emplace_back("x-amz-content-sha256", input.payload_hash);
  }
  const Header token{"x-amz-security-token", credentials.session_token.reveal()};
  const bool has_token = !token.second.empty();
  const bool token_signed = rules.token == SigningRules::Token::signed_too;
  if (has_token && token_signed) {
    ours.push_back(token);
  }
  const std::vector<Header> headers = canonical_headers(with_ours(input.headers, ours));

  Signed out = finish(input, input.query, headers, credentials.secret, scope, rules);
  out.authorization =
      authorization(credentials.key_id, scope, signed_header_names(headers), out.signature);
  if (has_token && !token_signed) {
    ours.push_back(token);
  }
  ours.emplace_back("authorization", out.authorization);
  out.headers = std::move(ours);
  return out;
}

Result<Signed> Signer::presign(const SigningInput& input,
                               const Credentials& credentials,
                               const Scope& scope,
                               std::chrono::seconds ttl,
                               const SigningRules& rules) {
  TRY(check(input));
  TRY(check_link(input, ttl));
  const std::vector<Header> headers = canonical_headers(with_ours(input.headers, {}));
  const QueryPair token{"X-Amz-Security-Token", credentials.session_token.reveal()};
  const bool has_token = !token.second.empty();
  const bool token_signed = rules.token == SigningRules::Token::signed_too;

  std::vector<QueryPair> query = input.query;
  query.emplace_back("X-Amz-Algorithm", k_algorithm);
  query.emplace_back("X-Amz-Credential",
                     fmt::format("{}/{}", credentials.key_id, credential_scope(scope)));
  query.emplace_back("X-Amz-Date", format_compact(scope.time));
  query.emplace_back("X-Amz-Expires", std::to_string(ttl.count()));
  query.emplace_back("X-Amz-SignedHeaders", signed_header_names(headers));
  if (has_token && token_signed) {
    query.push_back(token);
  }

  Signed out = finish(input, query, headers, credentials.secret, scope, rules);
  if (has_token && !token_signed) {
    out.query += "&" + encode_query(std::span(&token, 1));
  }
  out.query += "&X-Amz-Signature=" + out.signature;
  return out;
}

Signed Signer::finish(const SigningInput& input,
                      std::span<const QueryPair> query,
                      std::span<const Header> headers,
                      const Secret& secret,
                      const Scope& scope,
                      const SigningRules& rules) {
  Signed out;
  const bool as_given = rules.path == SigningRules::Path::as_given;
  out.path = encode_path(as_given ? input.path : normalized(input.path));
  out.query = encode_query(query);
  out.canonical_request =
      canonical_request(input.method, out.path, out.query, headers, input.payload_hash);
  out.string_to_sign = string_to_sign(scope, out.canonical_request);
  out.signature = signature(key_for(secret, scope), out.string_to_sign);
  return out;
}

Sha256 Signer::key_for(const Secret& secret, const Scope& scope) {
  std::string wanted = credential_scope(scope);
  const std::lock_guard lock(mutex_);
  if (last_.scope != wanted || last_.secret != secret.reveal()) {
    last_ = {secret.reveal(), std::move(wanted), signing_key(secret, scope)};
  }
  return last_.key;
}

}  // namespace deployflow::store
