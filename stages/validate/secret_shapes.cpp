#include "stages/validate/secret_shapes.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <string>

namespace deployflow::validate {
namespace {

constexpr CharacterSet k_alnum("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
constexpr CharacterSet k_word("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_");
constexpr CharacterSet k_dashed("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");
constexpr CharacterSet k_slashed("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/");
constexpr CharacterSet k_url_safe(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");
constexpr CharacterSet k_base64("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/");
constexpr CharacterSet k_base32("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
constexpr CharacterSet k_hex("0123456789abcdef");

// Does a word begin here? Also behind an escape: "\nghp_..." in JSON, "%3Dghp_..." in an address.
bool begins_word(std::string_view text, std::size_t at) {
  if (at == 0 || !k_word.has(text[at - 1])) {
    return true;
  }
  const std::string_view before = text.substr(0, at);
  const char last = before.back();
  return (before.size() > 1 && before[before.size() - 2] == '\\' &&
          (last == 'n' || last == 'r' || last == 't')) ||
         (before.size() > 2 && before[before.size() - 3] == '%');
}

bool ends_word(std::string_view text, std::size_t at) {
  return at >= text.size() || !k_word.has(text[at]);
}

// The longest run of such characters at `at`; empty if it is none of `least` to `most`.
std::string_view run_at(std::string_view text,
                        std::size_t at,
                        const CharacterSet& members,
                        std::size_t least,
                        std::size_t most) {
  const std::string_view window = text.substr(std::min(at, text.size()), most + 1);
  const std::size_t size = members.find_other(window, 0);
  return size >= least && size <= most ? window.substr(0, size) : std::string_view();
}

// A prefix, and `least` to `most` of some characters behind it.
template <const CharacterSet& members, std::size_t least, std::size_t most>
std::string_view whole(std::string_view text, std::size_t at, const SecretShape& shape) {
  const std::size_t body = at + shape.prefix.size();
  const std::string_view run = run_at(text, body, members, least, most);
  return !run.empty() && begins_word(text, at) && ends_word(text, body + run.size())
             ? text.substr(at, shape.prefix.size() + run.size())
             : std::string_view();
}

Secret secret(const SecretShape& shape, std::string_view text) {
  return {&rules::k_secret, shape.what, text};
}

// A person may well write such a thing without a digit, a generator hardly does.
bool is_generated(std::string_view token) {
  return is_random(token) && std::ranges::any_of(token, is_digit);
}

template <const CharacterSet& members, std::size_t least, std::size_t most>
Secret plain(std::string_view text, std::size_t at, const SecretShape& shape) {
  const std::string_view token = whole<members, least, most>(text, at, shape);
  return secret(shape,
                !token.empty() && is_generated(token.substr(shape.prefix.size()))
                    ? token
                    : std::string_view());
}

Secret with_checksum(std::string_view text, std::size_t at, const SecretShape& shape) {
  const std::string_view token = whole<k_alnum, 36, 36>(text, at, shape);
  return secret(shape, has_checksum(token) ? token : std::string_view());
}

// Two runs with a character between them.
template <const CharacterSet& members, std::size_t first, char between, std::size_t second>
Secret in_two(std::string_view text, std::size_t at, const SecretShape& shape) {
  const std::size_t body = at + shape.prefix.size();
  const std::string_view a = text.substr(body, first);
  const std::size_t end = body + first + 1 + second;
  if (end > text.size() || text[body + first] != between || !begins_word(text, at) ||
      !ends_word(text, end) || members.find_other(a, 0) != first ||
      run_at(text, body + first + 1, members, second, second).empty() || !is_generated(a) ||
      !is_generated(text.substr(body + first + 1, second))) {
    return secret(shape, {});
  }
  return secret(shape, text.substr(at, end - at));
}

// "xoxb-<number>-<number>-<secret>", "services/T.../B.../<secret>": the last part is the secret.
template <const CharacterSet& members, char between, std::size_t least_last>
Secret in_parts(std::string_view text, std::size_t at, const SecretShape& shape) {
  constexpr std::size_t k_longest = 300;
  const std::string_view token = whole<members, 20, k_longest>(text, at, shape);
  const std::size_t last = token.rfind(between) + 1;
  return secret(shape,
                !token.empty() && last > shape.prefix.size() && token.size() - last >= least_last &&
                        is_generated(token.substr(last))
                    ? token
                    : std::string_view());
}

// Is there, near a name that is public in itself, a run of exactly so many of these characters
// that looks like its secret?
template <const CharacterSet& members, std::size_t size>
bool has_near(std::string_view text, std::size_t name_at, std::size_t name_bytes) {
  constexpr std::size_t k_near = 200;
  const std::size_t name_end = name_at + name_bytes;
  const std::size_t last = std::min(name_end + k_near, text.size());
  for (std::size_t end = name_at - std::min(name_at, k_near); end < last;) {
    const std::size_t begin = members.find_in(text.substr(0, last), end);
    end = members.find_other(text.substr(0, last), begin);
    const bool is_whole = (begin == 0 || !members.has(text[begin - 1])) &&
                          (end == text.size() || !members.has(text[end]));
    if (end - begin == size && is_whole && (end <= name_at || begin >= name_end) &&
        is_generated(text.substr(begin, size))) {
      return true;
    }
  }
  return false;
}

// An address that is signed for a while names the key that has signed it.
bool is_in_signature(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  return before.ends_with("Credential=") || before.ends_with("AWSAccessKeyId=");
}

Secret aws(std::string_view text, std::size_t at, const SecretShape& shape) {
  const std::string_view id = whole<k_base32, 16, 16>(text, at, shape);
  if (id.empty() || !is_random(id.substr(shape.prefix.size())) || is_in_signature(text, at)) {
    return secret(shape, {});
  }
  if (has_near<k_base64, 40>(text, at, id.size())) {
    return {&rules::k_secret, "an AWS access key with its secret beside it", id};
  }
  return {&rules::k_api_key, "the id of an AWS access key", id};
}

template <const CharacterSet& members>
Secret twilio(std::string_view text, std::size_t at, const SecretShape& shape) {
  const std::string_view id = whole<k_hex, 32, 32>(text, at, shape);
  return secret(shape,
                !id.empty() && is_random(id.substr(2)) && has_near<members, 32>(text, at, id.size())
                    ? id
                    : std::string_view());
}

Secret open_ai(std::string_view text, std::size_t at, const SecretShape& shape) {
  const std::string_view token = whole<k_url_safe, 40, 200>(text, at, shape);
  const bool is_known = token.find("T3BlbkFJ") != std::string_view::npos ||  // "OpenAI" in base64
                        token.starts_with("sk-ant-");
  return secret(shape, is_known && is_random(token.substr(token.size() - 20)) ? token : "");
}

// Meant for browsers: what it may be used for, and from which sites, is set where it was made.
Secret google(std::string_view text, std::size_t at, const SecretShape& shape) {
  Secret found = plain<k_url_safe, 35, 35>(text, at, shape);
  found.rule = &rules::k_api_key;
  return found;
}

// The first characters of base64 of a key, without what stands between them in a page or in a
// program: line ends, also escaped ones, quotes, tags. Anything else ends it.
std::string base64_in(std::string_view text, std::size_t most) {
  constexpr std::size_t k_longest_tag = 100;
  std::string out;
  for (std::size_t i = 0; i < text.size() && out.size() < most; ++i) {
    const char c = text[i];
    const std::size_t tag = c == '<' ? text.substr(i, k_longest_tag).find('>') : 0;
    if (c == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 'r')) {
      ++i;
    } else if (c == '<' && tag != std::string_view::npos) {
      i += tag;
    } else if (k_base64.has(c)) {
      out += c;
    } else if (!is_space(c) && c != '"' && c != '\'' && c != ',' && c != '\\') {
      break;
    }
  }
  return out;
}

// Without lines such as "Proc-Type: 4,ENCRYPTED", which end with an empty one.
std::string_view without_head(std::string_view body) {
  const std::size_t begin = body.find_first_not_of("\r\n\\nr");
  const std::string_view first = body.substr(std::min(begin, body.size()));
  for (const std::string_view name : {"Proc-Type:", "DEK-Info:", "Version:", "Comment:"}) {
    if (first.starts_with(name)) {
      return first.substr(
          std::min({first.find("\n\n"), first.find("\n\r\n"), first.find("\\n\\n"), first.size()}));
    }
  }
  return body;
}

// "-----BEGIN RSA PRIVATE KEY-----" and what follows. `at` is that of "PRIVATE KEY".
Secret pem(std::string_view text, std::size_t at, const SecretShape& shape) {
  constexpr std::string_view k_begin = "-----BEGIN ";
  constexpr std::size_t k_longest_kind = 12;  // "ENCRYPTED "
  constexpr std::size_t k_least = 60;         // of base64; an Ed25519 key has 64
  constexpr std::size_t k_searched = 2048;
  const std::size_t from = at - std::min(at, k_begin.size() + k_longest_kind);
  const std::size_t begin = text.substr(from, at - from).rfind(k_begin);
  std::string_view rest = text.substr(at + shape.prefix.size(), k_searched);
  const bool is_pgp = rest.starts_with(" BLOCK-----");
  if (begin == std::string_view::npos || (!is_pgp && !rest.starts_with("-----"))) {
    return secret(shape, {});
  }
  rest.remove_prefix(is_pgp ? 11 : 5);
  const std::string body = base64_in(without_head(rest), k_least);
  // All but those of PGP are DER, whose first byte is 0x30, or begin with "openssh-key-v1".
  const bool is_key = body.starts_with("b3BlbnNzaC1rZXktdjE") ||
                      ((is_pgp || body.starts_with('M')) && is_random(body));
  if (body.size() < k_least || !is_key) {
    return secret(shape, {});
  }
  Secret out = secret(shape, text.substr(from + begin, at + shape.prefix.size() - from - begin));
  out.is_token = false;
  return out;
}

Secret webhook(std::string_view text, std::size_t at, const SecretShape& shape) {
  Secret out = in_parts<k_slashed, '/', 24>(text, at, shape);
  out.is_token = false;
  return out;
}

}  // namespace

std::span<const SecretShape> secret_shapes() {
  static constexpr std::array k_all{
      SecretShape{"AKIA", 0, "", aws},
      SecretShape{"ASIA", 0, "", aws},
      SecretShape{"PRIVATE KEY", 0, "a private key", pem},
      SecretShape{"ghp_", 1, "a GitHub token", with_checksum},
      SecretShape{"gho_", 1, "a GitHub token", with_checksum},
      SecretShape{"ghu_", 1, "a GitHub token", with_checksum},
      SecretShape{"ghs_", 1, "a GitHub token", with_checksum},
      SecretShape{"ghr_", 1, "a GitHub token", with_checksum},
      SecretShape{"github_pat_", 5, "a GitHub token", in_two<k_alnum, 22, '_', 59>},
      SecretShape{"glpat-", 0, "a GitLab token", plain<k_url_safe, 20, 64>},
      SecretShape{"xoxb-", 0, "a Slack token", in_parts<k_dashed, '-', 24>},
      SecretShape{"xoxp-", 0, "a Slack token", in_parts<k_dashed, '-', 24>},
      SecretShape{"xoxa-", 0, "a Slack token", in_parts<k_dashed, '-', 24>},
      SecretShape{"xoxs-", 0, "a Slack token", in_parts<k_dashed, '-', 24>},
      SecretShape{"xapp-", 0, "a Slack token", in_parts<k_dashed, '-', 24>},
      SecretShape{"hooks.slack.com/services/", 10, "the address of a Slack webhook", webhook},
      SecretShape{"sk_live_", 1, "a live key of Stripe", plain<k_alnum, 24, 250>},
      SecretShape{"rk_live_", 1, "a live key of Stripe", plain<k_alnum, 24, 250>},
      SecretShape{"AIza", 0, "a Google API key", google},
      SecretShape{"GOCSPX-", 2, "the secret of a Google client", plain<k_url_safe, 28, 28>},
      SecretShape{"npm_", 1, "an npm token", plain<k_alnum, 36, 36>},
      SecretShape{"pypi-AgE", 3, "a PyPI token", plain<k_url_safe, 50, 300>},
      SecretShape{"SG.", 0, "a SendGrid key", in_two<k_url_safe, 22, '.', 43>},
      SecretShape{"AC", 0, "a Twilio account with its token beside it", twilio<k_hex>},
      SecretShape{"SK", 0, "a Twilio key with its secret beside it", twilio<k_alnum>},
      SecretShape{"sk-", 0, "a key of an AI service", open_ai},
      SecretShape{"shpat_", 1, "a Shopify token", plain<k_hex, 32, 32>},
      SecretShape{"dop_v1_", 3, "a DigitalOcean token", plain<k_hex, 64, 64>},
      SecretShape{"dckr_pat_", 2, "a Docker token", plain<k_url_safe, 27, 27>},
      SecretShape{"hf_", 0, "a Hugging Face token", plain<k_alnum, 34, 34>},
      SecretShape{"AGE-SECRET-KEY-1", 13, "a private key of age", plain<k_alnum, 58, 58>},
  };
  return k_all;
}

bool is_random(std::string_view token) {
  constexpr std::array<std::string_view, 9> k_words{
      "example", "sample", "your", "fake", "dummy", "secret", "token", "redact", "placeholder"};
  constexpr std::size_t k_most_in_a_row = 4;  // "1234", "xxxx"
  std::bitset<256> seen;
  std::size_t same = 1;
  std::size_t rising = 1;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const char c = token[i];
    seen.set(static_cast<unsigned char>(c));
    same = i > 0 && token[i - 1] == c ? same + 1 : 1;
    rising = i > 0 && token[i - 1] + 1 == c ? rising + 1 : 1;
    if (same > k_most_in_a_row || rising > k_most_in_a_row) {
      return false;
    }
  }
  if (seen.count() < std::min<std::size_t>(token.size() / 3, 8)) {
    return false;
  }
  const std::string folded = lowered(token);
  return std::ranges::none_of(
      k_words, [&folded](std::string_view word) { return folded.find(word) != std::string::npos; });
}

bool has_checksum(std::string_view token) {
  constexpr std::size_t k_digits = 6;
  constexpr std::string_view k_order =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const std::size_t begin = token.find('_') + 1;
  if (token.size() < begin + k_digits) {
    return false;
  }
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : token.substr(begin, token.size() - begin - k_digits)) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  std::uint64_t given = 0;
  for (const char c : token.substr(token.size() - k_digits)) {
    const std::size_t digit = k_order.find(c);
    if (digit == std::string_view::npos) {
      return false;
    }
    given = given * k_order.size() + digit;
  }
  return given == (crc ^ 0xFFFFFFFFU);
}

}  // namespace deployflow::validate
