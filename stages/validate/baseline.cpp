#include "stages/validate/baseline.hpp"

#include "stages/validate/encoding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::string_view k_name = "deployflow baseline ";
constexpr std::string_view k_version = "1";
constexpr std::string_view k_comment =
    "# Known findings, which are not reported. Written by `deployflow validate "
    "--update-baseline`.\n";
constexpr std::string_view k_digits = "0123456789abcdef";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void add_escaped(std::string_view text, std::string& out) {
  const bool is_text = !first_invalid_utf8(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '\\' || (byte >= 0x80 && !is_text) ||
        (i == 0 && c == '#')) {
      out += "\\x";
      out += k_digits[byte >> 4U];
      out += k_digits[byte & 0xFU];
    } else {
      out += c;
    }
  }
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 4 || text[i + 1] != 'x') {
      return std::nullopt;
    }
    const std::size_t high = k_digits.find(text[i + 2]), low = k_digits.find(text[i + 3]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return std::nullopt;
    }
    out += static_cast<char>(high << 4U | low);
    i += 3;
  }
  return out;
}

// Takes lines off a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  ParsedBaseline read() && {
    ParsedBaseline out;
    std::string_view line;
    const bool has_line = next(line);
    if (mistake_) {
      // Its first line does not end.
    } else if (!has_line || !line.starts_with(k_name)) {
      mistake_ = {1, "this is no baseline", "it begins with \"deployflow baseline 1\""};
    } else if (line.substr(k_name.size()) != k_version) {
      mistake_ = {1, "a baseline of another version; this deployflow reads version 1", ""};
    }
    while (!mistake_ && next(line)) {
      if (!line.empty() && line.front() != '#') {
        read_entry(line, out.known);
      }
    }
    if (mistake_) {
      out.known.clear();
      out.mistake = std::move(mistake_);
    }
    return out;
  }

 private:
  bool next(std::string_view& line) {
    if (rest_.empty()) {
      return false;
    }
    ++number_;
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) {
      refuse("the line does not end: the file was cut", "restore it, or write it anew");
      return false;
    }
    line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (line.ends_with('\r')) {  // as some checkouts have it
      line.remove_suffix(1);
    }
    return true;
  }

  void refuse(std::string message, std::string hint = {}) {
    mistake_ = {number_, std::move(message), std::move(hint)};
  }

  void read_entry(std::string_view line, KnownFindings& known) {
    std::array<std::string_view, 4> fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::size_t tab = line.find('\t');
      if ((tab == std::string_view::npos) != (i + 1 == fields.size())) {
        refuse("expected file, code, count and text, with tabs between them",
               line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>") || line == "======="
                   ? "two versions of the file were merged: keep the lines of both"
                   : "");
        return;
      }
      fields[i] = line.substr(0, tab);
      line.remove_prefix(i + 1 < fields.size() ? tab + 1 : 0);
    }
    std::uint32_t count = 0;
    const std::string_view number = fields[2];
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
    auto key = unescaped(fields[0]), code = unescaped(fields[1]), text = unescaped(fields[3]);
    if (error != std::errc() || end != number.data() + number.size() || count == 0) {
      refuse("the count is a number, at least 1");
    } else if (!key || !code || !text) {
      refuse("after \\ stands x and two digits of 0-9a-f");
    } else if (!known.try_emplace({std::move(*key), std::move(*code), std::move(*text)}, count)
                    .second) {
      refuse("another line says the same", "keep one of them");
    }
  }

  std::string_view rest_;
  std::size_t number_ = 0;
  std::optional<ParsedBaseline::Mistake> mistake_;
};

}  // namespace

ParsedBaseline parse_baseline(std::string_view text) {
  return Reader(text).read();
}

bool is_baseline(std::string_view text) {
  return text.starts_with(k_name);
}

std::string write_baseline(const KnownFindings& known) {
  std::string out = std::string(k_name) + std::string(k_version) + "\n" + std::string(k_comment);
  for (const auto& [finding, count] : known) {
    add_escaped(finding.key, out);
    out += '\t';
    add_escaped(finding.code, out);
    out += "\t" + std::to_string(count) + "\t";
    add_escaped(finding.text, out);
    out += '\n';
  }
  return out;
}

std::string stable_text(std::string_view code, std::string_view message) {
  const bool is_size = code.starts_with("size/") || code == "html/too-large";
  std::string out;
  for (std::size_t i = 0; i < message.size();) {
    std::size_t end = i;
    while (end < message.size() && is_digit(message[end])) {
      ++end;
    }
    if (end == i) {
      out += message[i++];
      continue;
    }
    std::size_t column = end;  // of "12:34"
    if (column + 1 < message.size() && message[column] == ':' && is_digit(message[column + 1])) {
      for (++column; column < message.size() && is_digit(message[column]);) {
        ++column;
      }
    }
    if (column != end) {
      out += "#:#";
    } else if (is_size) {
      out += '#';
    } else {
      out += message.substr(i, end - i);
    }
    i = column;
  }
  return out;
}

bool Baseline::take(std::string_view code, std::string_view key, std::string_view text) {
  KnownFinding finding{std::string(key), std::string(code), std::string(text)};
  const auto known = known_.find(finding);
  const std::uint32_t turn = ++seen_[std::move(finding)];
  const bool is_expected = known != known_.end() && turn <= known->second;
  expected_ += is_expected ? 1U : 0U;
  return is_expected;
}

std::uint64_t Baseline::gone_count() const {
  std::uint64_t gone = 0;
  for (const auto& [finding, count] : known_) {
    const auto seen = seen_.find(finding);
    gone += count - std::min(count, seen != seen_.end() ? seen->second : 0U);
  }
  return gone;
}

}  // namespace deployflow::validate
