#include "plugins/host/store/credentials/json_key.hpp"

#include "plugins/host/store/ascii.hpp"
#include "plugins/host/store/credentials/provider.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace deployflow::store {

std::optional<JsonMembers> read_json_members(std::string_view text, std::string_view inside) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) {
    return std::nullopt;
  }
  const nlohmann::json* object = &document;
  if (!inside.empty()) {
    const auto found = document.find(std::string(inside));
    if (found == document.end() || !found->is_object()) {
      return std::nullopt;
    }
    object = &*found;
  }
  JsonMembers out;
  for (const auto& item : object->items()) {
    if (item.value().is_string()) {
      out[item.key()] = item.value().get<std::string>();
    } else if (item.value().is_number_integer()) {
      out[item.key()] = item.value().dump();
    }
  }
  return out;
}

std::string member_of(const JsonMembers& members, std::string_view name) {
  const auto found = members.find(name);
  return found != members.end() ? found->second : std::string();
}

std::optional<WallTime> parse_expiry(std::string_view text) {
  std::int64_t milliseconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  if (problem == std::errc() && end == text.data() + text.size() && milliseconds >= 0) {
    return std::chrono::floor<std::chrono::seconds>(
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(milliseconds)));
  }
  // Some write UTC without saying so.
  auto time = parse_time(text);
  return time ? time : parse_time(std::string(text) + "Z");
}

Result<Credentials> key_of_members(const JsonMembers& members,
                                   const KeyNames& names,
                                   std::string source) {
  for (const std::string_view name : {names.key_id, names.secret}) {
    if (member_of(members, name).empty()) {
      return Error{Errc::auth, fmt::format("{}: the answer has no {}", source, name)};
    }
  }
  Credentials out{.key_id = member_of(members, names.key_id),
                  .secret = Secret(member_of(members, names.secret)),
                  .session_token = Secret(member_of(members, names.token)),
                  .expires = {},
                  .source = std::move(source)};
  if (const std::string expires = member_of(members, names.expires); !expires.empty()) {
    out.expires = parse_expiry(expires);
    if (!out.expires) {
      return Error{Errc::auth, fmt::format("{}: the {} is not a time", out.source, names.expires)};
    }
  }
  return checked_credentials(std::move(out));
}

std::string shown_json_code(std::string_view body) {
  const auto members = read_json_members(body);
  if (!members) {
    return {};
  }
  std::string code = member_of(*members, "code");
  if (code.empty()) {
    code = member_of(*members, "Code");
  }
  // Longer than any code there is; shorter than most keys and all tokens.
  const bool is_word =
      !code.empty() && code.size() <= 40 && std::all_of(code.begin(), code.end(), [](char c) {
        return is_letter_or_digit(c) && !(c >= '0' && c <= '9');
      });
  return is_word ? " " + code : std::string();
}

}  // namespace deployflow::store
