#include "stages/validate/secrets.hpp"

#include "stages/validate/hash.hpp"
#include "stages/validate/markup.hpp"
#include "stages/validate/position.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_trigger_bytes = 3;

// A set of small numbers. Not a std::bitset: all of it is made by the compiler.
template <std::size_t count>
class Bits {
 public:
  constexpr void set(std::size_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
  [[nodiscard]] constexpr bool has(std::size_t i) const {
    return ((words_[i / 64] >> (i % 64)) & 1U) != 0;
  }

 private:
  std::array<std::uint64_t, count / 64> words_{};
};

constexpr std::size_t pair_at(const char* text) {
  return static_cast<std::size_t>(static_cast<unsigned char>(text[0])) << 8U |
         static_cast<unsigned char>(text[1]);
}
// Three bytes, folded; what is folded to the same is looked at once more.
constexpr std::size_t k_folded = 4096;
constexpr std::size_t trigger_at(const char* text) {
  return (pair_at(text) * 31 + std::size_t{static_cast<unsigned char>(text[2])} * 7) % k_folded;
}

struct Triggers {
  Bits<65536> pairs;  // the first two characters of a trigger, and its last two
  Bits<k_folded> all;

  void add(const char* text) {
    pairs.set(pair_at(text));
    pairs.set(pair_at(text + 1));
    all.set(trigger_at(text));
  }
};

const Triggers& triggers() {
  static const Triggers k_triggers = [] {
    Triggers out;
    for (const SecretShape& shape : secret_shapes()) {
      std::string trigger(shape.prefix.substr(shape.trigger, k_trigger_bytes));
      if (trigger.size() == k_trigger_bytes) {
        out.add(trigger.data());
        continue;
      }
      for (const char digit : std::string_view("0123456789abcdef")) {  // "AC", "SK"
        out.add((trigger + digit).data());
      }
    }
    return out;
  }();
  return k_triggers;
}

// Of the shapes whose trigger begins at `at` the one that is met.
void see(std::string_view text, std::size_t at, const std::function<void(const Secret&)>& found) {
  for (const SecretShape& shape : secret_shapes()) {
    if (at >= shape.trigger && text.substr(at - shape.trigger).starts_with(shape.prefix)) {
      if (const Secret secret = shape.read(text, at - shape.trigger, shape); !secret.text.empty()) {
        found(secret);
      }
    }
  }
}

std::string message_of(const Secret& secret) {
  constexpr std::size_t k_shown = 4;
  std::string out(secret.what);
  if (secret.is_token) {
    out += ": " + std::string(secret.text.substr(0, k_shown)) + "..., " +
           std::to_string(secret.text.size()) + " characters";
  }
  return out;
}

std::string_view hint_of(const Rule& rule) {
  return rule.code == rules::k_secret.code
             ? "whoever reads the site can use it: take it out, and revoke it where it was made"
             : "no secret if it is limited to what pages do with it; else take it out";
}

constexpr std::uint64_t k_mib = std::uint64_t{1} << 20U;

}  // namespace

void search_secrets(std::string_view text, const std::function<void(const Secret&)>& found) {
  const Triggers& known = triggers();
  const char* bytes = text.data();
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    if (!known.pairs.has(pair_at(bytes + i))) {
      continue;
    }
    // A trigger begins at a pair that is looked at, or one byte before it.
    for (const std::size_t at : {i - 1, i}) {
      if (at < text.size() && at + k_trigger_bytes <= text.size() &&
          known.all.has(trigger_at(bytes + at))) {
        see(text, at, found);
      }
    }
  }
}

std::vector<Finding> find_secrets(std::string_view text, const PageSettings& settings) {
  constexpr std::string_view k_mark = "\xEF\xBB\xBF";  // no editor counts it
  text.remove_prefix(text.starts_with(k_mark) ? k_mark.size() : 0);
  std::vector<Finding> out;
  std::unordered_set<std::uint64_t> seen;
  std::optional<LineIndex> lines;
  std::array counts{std::pair{&rules::k_secret, std::size_t{0}},
                    std::pair{&rules::k_api_key, std::size_t{0}}};
  search_secrets(text, [&](const Secret& secret) {
    const bool is_asked = settings.asks(*secret.rule);
    // A private key is shown by what stands before it, which is the same for all.
    if (!is_asked || (secret.is_token && !seen.insert(hash_of(secret.text)).second)) {
      return;
    }
    auto& count = std::ranges::find(counts, secret.rule, [](auto& c) { return c.first; })->second;
    if (++count > settings.max_findings) {
      return;
    }
    if (!lines) {
      lines.emplace(text);
    }
    out.push_back(
        finding_of(*secret.rule,
                   message_of(secret),
                   std::string(hint_of(*secret.rule)),
                   lines->at(static_cast<std::size_t>(secret.text.data() - text.data()))));
  });
  for (const auto& [rule, count] : counts) {
    if (count > settings.max_findings) {
      out.push_back(finding_of(*rule,
                               std::to_string(count - settings.max_findings) + " more in this file",
                               "raise max_findings_per_file to see them"));
    }
  }
  return out;
}

std::uint64_t bytes_to_search(const SiteFile& file) {
  constexpr std::uint64_t k_most = 16 * k_mib;
  std::string_view type = file.media_type;
  type = trimmed(type.substr(0, type.find(';')));
  if (type.starts_with("text/")) {
    return std::min(file.size, k_most);
  }
  constexpr std::array<std::string_view, 7> k_ends{
      "json", "xml", "javascript", "yaml", "toml", "sql", "x-sh"};
  if (std::ranges::any_of(k_ends, [type](std::string_view end) { return type.ends_with(end); })) {
    return std::min(file.size, k_most);
  }
  return type == "application/octet-stream" && file.size <= k_mib ? file.size : 0;
}

}  // namespace deployflow::validate
