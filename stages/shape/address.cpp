#include "stages/shape/address.hpp"

#include <algorithm>
#include <cstddef>

namespace deployflow::shape {
namespace {

using Text = std::string_view;

constexpr Text k_index = "index.html";
constexpr Text k_suffix = ".html";

bool ends(Text text, Text with) {
  return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
}

Text last_segment(Text key) {
  return key.substr(key.rfind('/') + 1);  // npos + 1 is 0
}

int digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::optional<std::string> decoded(Text text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
    const int low = high >= 0 ? digit(text[i + 2]) : -1;
    if (low < 0) {
      return std::nullopt;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool is_utf8(Text text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const unsigned lead = byte(i);
    const std::size_t more = lead < 0x80                   ? 0
                             : lead >= 0xC2 && lead < 0xE0 ? 1
                             : lead >= 0xE0 && lead < 0xF0 ? 2
                             : lead >= 0xF0 && lead < 0xF5 ? 3
                                                           : 4;
    // The second byte alone tells overlong forms, surrogates and what is past U+10FFFF.
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (more == 4 || (more > 0 && (byte(i + 1) < low || byte(i + 1) > high))) {
      return false;
    }
    for (std::size_t k = 2; k <= more; ++k) {
      if ((byte(i + k) & 0xC0U) != 0x80) {
        return false;
      }
    }
    i += more + 1;
  }
  return true;
}

/// As the host will have it (stage.h, TEXT); no control, which no address of a page has.
bool is_key(Text key) {
  constexpr std::size_t k_longest = 1024;
  if (key.empty() || key.size() > k_longest || key.front() == '/' || !is_utf8(key) ||
      std::any_of(key.begin(), key.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
      })) {
    return false;
  }
  for (std::size_t start = 0; start <= key.size();) {
    const std::size_t end = std::min(key.find('/', start), key.size());
    const Text segment = key.substr(start, end - start);
    if (segment == "." || segment == "..") {
      return false;
    }
    start = end + 1;
  }
  return true;
}

std::string escaped(Text text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

std::string page_key(Text key, Pages pages, Text not_found) {
  const Text name = last_segment(key);
  if (pages == Pages::keep || !ends(name, k_suffix) || name == k_suffix || name == k_index ||
      name == "404.html" || key == not_found) {
    return std::string(key);
  }
  std::string out(key.substr(0, key.size() - k_suffix.size()));
  if (pages == Pages::folders) {
    out.append("/").append(k_index);
  }
  return out;
}

std::vector<std::string> folder_keys(Text key) {
  if (last_segment(key) != k_index || key == k_index) {
    return {};
  }
  const Text folder = key.substr(0, key.size() - k_index.size());
  return {std::string(folder), std::string(folder.substr(0, folder.size() - 1))};
}

std::optional<std::string> key_of_path(Text path) {
  auto key = decoded(path.substr(std::min<std::size_t>(1, path.size())));
  if (!key) {
    return std::nullopt;
  }
  if (key->empty() || key->back() == '/') {
    key->append(k_index);
  }
  return is_key(*key) ? key : std::nullopt;
}

std::string redirect_page(Text to) {
  const std::string place = escaped(to);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<title>This page has moved</title>\n<link rel=\"canonical\" href=\"" +
         place + "\">\n<meta name=\"robots\" content=\"noindex\">\n" +
         "<meta http-equiv=\"refresh\" content=\"0; url=" + place + "\">\n</head>\n<body>\n" +
         "<p>This page has moved to <a href=\"" + place + "\">" + place + "</a>.</p>\n</body>\n" +
         "</html>\n";
}

}  // namespace deployflow::shape
