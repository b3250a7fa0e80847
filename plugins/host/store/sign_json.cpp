#include "plugins/host/store/sign_json.hpp"

#include "plugins/host/base/time.hpp"
#include "plugins/host/store/sign.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

namespace deployflow::store {
namespace {

using nlohmann::json;

constexpr std::size_t k_longest_line = std::size_t{1} << 20U;

struct Order {
  SigningInput input;
  Credentials credentials;
  Scope scope;
  SigningRules rules;
  std::optional<std::chrono::seconds> presign_for;
};

Error wrong(std::string message) {
  return {Errc::usage, std::move(message)};
}

Result<void> only_known(const json& object,
                        std::string_view where,
                        std::initializer_list<std::string_view> known) {
  for (const auto& item : object.items()) {
    if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
      std::string list;
      for (const std::string_view name : known) {
        list.append(list.empty() ? "" : ", ").append(name);
      }
      return wrong(fmt::format("{} has a member that is none of: {}", where, list));
    }
  }
  return {};
}

enum class Need : std::uint8_t { required, optional };

Result<std::string> text_member(const json& object, const char* name, Need need) {
  const auto found = object.find(name);
  if (found == object.end()) {
    return need == Need::required ? Result<std::string>(wrong(fmt::format("{} is missing", name)))
                                  : Result<std::string>(std::string());
  }
  if (!found->is_string()) {
    return wrong(fmt::format("{} is not a string", name));
  }
  return found->get<std::string>();
}

Result<bool> flag_member(const json& flags, const char* name, bool fallback) {
  const auto found = flags.find(name);
  if (found == flags.end()) {
    return fallback;
  }
  if (!found->is_boolean()) {
    return wrong(fmt::format("flags.{} is not true or false", name));
  }
  return found->get<bool>();
}

// [["name", "value"], ...]: a list, since names repeat and their order counts.
Result<std::vector<QueryPair>> pairs_member(const json& object, const char* name) {
  std::vector<QueryPair> out;
  const auto found = object.find(name);
  if (found == object.end()) {
    return out;
  }
  const auto is_pair = [](const json& pair) {
    return pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_string();
  };
  if (!found->is_array() || !std::all_of(found->begin(), found->end(), is_pair)) {
    return wrong(fmt::format("{} is not a list of [name, value] pairs of strings", name));
  }
  for (const json& pair : *found) {
    out.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
  }
  return out;
}

Result<Credentials> read_credentials(const json& object) {
  const auto found = object.find("credentials");
  if (found == object.end() || !found->is_object()) {
    return wrong("credentials is not an object");
  }
  TRY(only_known(*found, "credentials", {"access_key_id", "secret_access_key", "session_token"}));
  Credentials out;
  TRY_ASSIGN(out.key_id, text_member(*found, "access_key_id", Need::required));
  TRY_ASSIGN(std::string secret, text_member(*found, "secret_access_key", Need::required));
  TRY_ASSIGN(std::string token, text_member(*found, "session_token", Need::optional));
  out.secret = Secret(std::move(secret));
  out.session_token = Secret(std::move(token));
  return out;
}

Result<void> read_flags(const json& object, Order& order) {
  const auto found = object.find("flags");
  if (found == object.end()) {
    return {};
  }
  if (!found->is_object()) {
    return wrong("flags is not an object");
  }
  const json& flags = *found;
  TRY(only_known(
      flags, "flags", {"normalize", "sign_body", "omit_session_token", "presign", "expires"}));
  TRY_ASSIGN(const bool normalize, flag_member(flags, "normalize", false));
  TRY_ASSIGN(const bool sign_body, flag_member(flags, "sign_body", true));
  TRY_ASSIGN(const bool omit_token, flag_member(flags, "omit_session_token", false));
  TRY_ASSIGN(const bool presign, flag_member(flags, "presign", false));
  using Rules = SigningRules;
  order.rules = {
      .path = normalize ? Rules::Path::normalized : Rules::Path::as_given,
      .payload_header = sign_body ? Rules::PayloadHeader::send : Rules::PayloadHeader::omit,
      .token = omit_token ? Rules::Token::added_after : Rules::Token::signed_too};
  const auto expires = flags.find("expires");
  if (!presign) {
    return expires == flags.end() ? Result<void>() : wrong("flags.expires needs flags.presign");
  }
  if (expires == flags.end() || !expires->is_number_unsigned()) {
    return wrong("flags.expires is not a number of seconds");
  }
  constexpr std::uint64_t k_sane = 1U << 30U;  // presign() says what is allowed
  order.presign_for = std::chrono::seconds(std::min(expires->get<std::uint64_t>(), k_sane));
  return {};
}

Result<Order> read_order(const json& object) {
  TRY(only_known(object,
                 "the request",
                 {"method",
                  "path",
                  "query",
                  "headers",
                  "payload_hash",
                  "credentials",
                  "timestamp",
                  "region",
                  "service",
                  "flags"}));
  Order order;
  TRY_ASSIGN(order.input.method, text_member(object, "method", Need::required));
  TRY_ASSIGN(order.input.path, text_member(object, "path", Need::required));
  TRY_ASSIGN(order.input.query, pairs_member(object, "query"));
  TRY_ASSIGN(order.input.headers, pairs_member(object, "headers"));
  TRY_ASSIGN(order.input.payload_hash, text_member(object, "payload_hash", Need::required));
  TRY_ASSIGN(order.credentials, read_credentials(object));
  TRY_ASSIGN(const std::string timestamp, text_member(object, "timestamp", Need::required));
  TRY_ASSIGN(order.scope.region, text_member(object, "region", Need::required));
  TRY_ASSIGN(const std::string service, text_member(object, "service", Need::optional));
  order.scope.service = service.empty() ? "s3" : service;
  const auto time = parse_time(timestamp);
  if (!time) {
    return wrong("timestamp is neither \"20130524T000000Z\" nor \"2013-05-24T00:00:00Z\"");
  }
  order.scope.time = *time;
  TRY(read_flags(object, order));
  return order;
}

Result<std::string> answer(const Order& order) {
  Signer signer;
  auto result =
      order.presign_for
          ? signer.presign(
                order.input, order.credentials, order.scope, *order.presign_for, order.rules)
          : signer.sign(order.input, order.credentials, order.scope, order.rules);
  TRY_ASSIGN(const Signed done, std::move(result));
  json out{{"canonical_request", done.canonical_request},
           {"string_to_sign", done.string_to_sign},
           {"signature", done.signature},
           {"path", done.path},
           {"query", done.query}};
  if (!order.presign_for) {
    out["authorization"] = done.authorization;
    out["headers"] = done.headers;
  }
  return out.dump();
}

}  // namespace

Result<std::string> sign_json_line(std::string_view line) {
  if (line.size() > k_longest_line) {
    return wrong("the line is over 1 MiB");
  }
  // The library's exceptions quote the text that they stumbled over, which may be a secret.
  try {
    const json object = json::parse(line);
    if (!object.is_object()) {
      return wrong("the line is not a JSON object");
    }
    TRY_ASSIGN(const Order order, read_order(object));
    auto result = answer(order);
    if (!result) {
      result.error().code = Errc::usage;  // a line that cannot be signed is its writer's mistake
    }
    return result;
  } catch (const json::parse_error& error) {
    return wrong(fmt::format("the line is not JSON: malformed at byte {}", error.byte));
  } catch (const json::exception&) {
    return wrong("the line is not a request to sign");
  }
}

}  // namespace deployflow::store
