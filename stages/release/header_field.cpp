#include "stages/release/header_field.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace deployflow::release {
namespace {

using Text = std::string_view;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_token_char(char c) {
  static constexpr Text k_marks = "!#$%&'*+-.^_`|~";
  return is_letter(c) || is_digit(c) || k_marks.find(c) != Text::npos;
}
bool is_language_char(char c) {
  return is_letter(c) || is_digit(c) || c == '-';
}

bool is_anything(Text) {
  return true;
}

/// "a, b": each not empty and of these characters.
bool is_list(Text text, bool (*is_good)(char)) {
  for (;;) {
    const std::size_t comma = text.find(',');
    Text item = text.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    item = item.substr(0, item.find_last_not_of(' ') + 1);
    if (item.empty() || !std::all_of(item.begin(), item.end(), is_good)) {
      return false;
    }
    if (comma == Text::npos) {
      return true;
    }
    text.remove_prefix(comma + 1);
  }
}

/// "type/subtype", and parameters that are not looked into.
bool is_media_type(Text text) {
  const Text essence = text.substr(0, text.find(';'));
  const std::size_t slash = essence.find('/');
  const std::size_t end = essence.find_last_not_of(' ') + 1;
  return slash != Text::npos && is_token(essence.substr(0, slash)) &&
         is_token(essence.substr(slash + 1, end - slash - 1));
}

bool is_languages(Text text) {
  return is_list(text, is_language_char);
}
bool is_codings(Text text) {
  return is_list(text, is_token_char);
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
bool is_canned_acl(Text text) {
  static constexpr std::array<Text, 7> k_known{"private",
                                               "public-read",
                                               "public-read-write",
                                               "authenticated-read",
                                               "aws-exec-read",
                                               "bucket-owner-read",
                                               "bucket-owner-full-control"};
  return std::find(k_known.begin(), k_known.end(), text) != k_known.end();
}

/// Another object of the bucket, or an address elsewhere.
bool is_redirect(Text text) {
  const auto begins = [&](Text with) { return text.substr(0, with.size()) == with; };
  return text.find(' ') == Text::npos && (begins("/") || (begins("http://") && text.size() > 7) ||
                                          (begins("https://") && text.size() > 8));
}

}  // namespace

bool is_header_value(Text text) {
  constexpr std::size_t k_longest = 4096;  // stores take 8 KB of headers in all
  return !text.empty() && text.size() <= k_longest && text.front() != ' ' && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool is_token(Text text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::span<const HeaderField> header_fields() {
  // The class of storage is not looked up: stores have names of their own.
  static constexpr std::array<HeaderField, 8> k_fields{{
      {"cache_control", "cache-control", is_anything, "", ""},
      {"content_type",
       k_content_type,
       is_media_type,
       "must be a media type",
       "such as text/html; charset=utf-8"},
      {"content_disposition", "content-disposition", is_anything, "", ""},
      {"content_language",
       "content-language",
       is_languages,
       "must be language tags",
       "such as de, or de-AT, en"},
      {"content_encoding", "content-encoding", is_codings, "must be content codings", "such as br"},
      {"storage_class",
       "x-amz-storage-class",
       is_token,
       "must be the name of a storage class",
       "such as STANDARD_IA"},
      {"acl",
       "x-amz-acl",
       is_canned_acl,
       "is no canned ACL",
       "private, public-read, public-read-write, authenticated-read, aws-exec-read, "
       "bucket-owner-read or bucket-owner-full-control"},
      {"redirect",
       "x-amz-website-redirect-location",
       is_redirect,
       "must begin with \"/\", \"http://\" or \"https://\", and hold no space",
       "such as /new-name.html"},
  }};
  return k_fields;
}

}  // namespace deployflow::release
