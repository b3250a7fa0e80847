#include "stages/validate/web_manifest.hpp"

#include "stages/validate/markup.hpp"
#include "stages/validate/media.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace deployflow::validate {
namespace {

using Json = nlohmann::json;

struct Row {
  std::string_view path;  // names of members; "[]": each of a list
  RefKind kind;
};

constexpr std::string_view k_share_action = "/share_target/action";
constexpr std::array k_rows{Row{"/file_handlers[]/action", RefKind::page},
                            Row{"/file_handlers[]/icons[]/src", RefKind::image},
                            Row{"/icons[]/src", RefKind::image},
                            Row{"/note_taking/new_note_url", RefKind::page},
                            Row{"/protocol_handlers[]/url", RefKind::page},
                            Row{"/screenshots[]/src", RefKind::image},
                            Row{k_share_action, RefKind::page},
                            Row{"/shortcuts[]/icons[]/src", RefKind::image},
                            Row{"/shortcuts[]/url", RefKind::page},
                            Row{"/start_url", RefKind::page}};

// The parser tells no places. But it reads one character after the other, and tells of a text when
// it has read its second quote and no more; so what it has read is counted.
class Counted {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Counted(const char* at, std::size_t* count) : at_(at), count_(count) {}
  reference operator*() const { return *at_; }
  Counted& operator++() {
    ++at_;
    ++*count_;
    return *this;
  }
  friend bool operator==(const Counted& a, const Counted& b) { return a.at_ == b.at_; }
  friend bool operator!=(const Counted& a, const Counted& b) { return !(a == b); }

 private:
  const char* at_;
  std::size_t* count_;
};

// "[json.exception.parse_error.101] ... - unexpected '}'; expected string literal": the end of it,
// without what stands in the file.
std::string reason_in(std::string_view what) {
  constexpr std::string_view k_before = " - ";
  const std::size_t begin = what.find(k_before);
  what.remove_prefix(begin == std::string_view::npos ? 0 : begin + k_before.size());
  return std::string(what.substr(0, what.find("; last read")));
}

class Reader : public nlohmann::json_sax<Json> {
 public:
  Reader(std::string_view text, const FileSink& sink) : text_(text), sink_(sink) {}

  void read() {
    const char* end = text_.data() + text_.size();
    const bool is_whole =
        Json::sax_parse(Counted(text_.data(), &read_), Counted(end, &read_), this);
    if (is_whole && !is_object_) {
      const std::size_t at = text_.find_first_not_of(" \t\r\n");
      sink_.finding(rules::k_manifest,
                    at == std::string_view::npos ? 0 : at,
                    "the manifest is no JSON object",
                    "browsers take nothing from it");
    }
  }

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool string(string_t& text) override {
    const std::size_t at = text_.find('"', told_);
    if (path_ == "/share_target/method") {
      is_posted_ = equals_ignoring_case(text, "post");
    } else if (const auto* row = std::ranges::find(k_rows, path_, &Row::path);
               row != k_rows.end() && is_followed(text)) {
      if (row->path == k_share_action) {
        share_action_ = {text, at};
      } else {
        sink_.reference({row->kind, text, at});
      }
    }
    return value();
  }

  bool key(string_t& name) override {
    path_.resize(open_.back());
    path_ += '/';
    path_ += name.find_first_of("/[") == string_t::npos ? name : "?";
    return value();
  }
  bool start_object(std::size_t) override {
    is_object_ = is_object_ || open_.empty();
    open_.push_back(path_.size());
    return value();
  }
  bool end_object() override {
    close();
    if (path_ == "/share_target" && share_action_) {
      if (!is_posted_) {  // what is sent by POST no static site answers
        sink_.reference({RefKind::page, share_action_->first, share_action_->second});
      }
      share_action_.reset();
    }
    return value();
  }
  bool start_array(std::size_t) override {
    path_ += "[]";
    open_.push_back(path_.size());
    return value();
  }
  bool end_array() override {
    close();
    path_.resize(path_.size() - 2);
    return value();
  }

  bool parse_error(std::size_t position,
                   const std::string& /*last_token*/,
                   const Json::exception& error) override {
    constexpr int k_out_of_range = 406;  // a number that is fine with browsers
    if (error.id == k_out_of_range) {
      return false;
    }
    const std::string reason = reason_in(error.what());
    // The parser has read the wrong word to its end.
    const std::size_t at = reason.starts_with("unexpected string literal")
                               ? text_.find('"', told_)
                               : std::min(position > 0 ? position - 1 : 0, text_.size());
    sink_.finding(
        rules::k_manifest, at, "this is no JSON: " + reason, "browsers take nothing from it");
    return false;
  }

 private:
  // "" is where the page is, and of "/%s" nobody knows what will stand there.
  static bool is_followed(std::string_view url) {
    return !url.empty() &&
           url.substr(0, url.find_first_of("?#")).find("%s") == std::string_view::npos;
  }

  bool value() {
    told_ = read_;
    return true;
  }
  void close() {
    path_.resize(open_.back());
    open_.pop_back();
  }

  std::string_view text_;
  const FileSink& sink_;
  std::size_t read_ = 0;  // bytes, by the parser
  std::size_t told_ = 0;  // of them, when it last told of something
  std::string path_;
  std::vector<std::size_t> open_;  // bytes of path_ that stay inside of an object or a list
  std::optional<std::pair<std::string, std::size_t>> share_action_;
  bool is_posted_ = false;
  bool is_object_ = false;
};

bool is_by_media_type(const SiteFile& file) {
  return is_media_type(file.media_type, "application/manifest+json");
}

// Of what the reader above told.
bool is_of_manifest(const Finding& finding) {
  return finding.code == rules::k_manifest.code || finding.code.starts_with("link/");
}

}  // namespace

void read_web_manifest(std::string_view text, const FileSink& sink) {
  Reader(text, sink).read();
}

bool may_be_web_manifest(const SiteFile& file) {
  return is_by_media_type(file) || (is_media_type(file.media_type, "application/json") &&
                                    file.key.ends_with("manifest.json"));
}

void forget_unlinked_manifests(std::span<const SiteFile> files, SiteFacts& facts) {
  std::unordered_map<std::string_view, std::size_t> unlinked;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!is_by_media_type(files[i]) && may_be_web_manifest(files[i])) {
      unlinked.emplace(files[i].key, i);
    }
  }
  for (std::size_t i = 0; i < files.size() && !unlinked.empty(); ++i) {
    for (const PackedReference& reference : facts[i].references) {
      if (reference.kind == RefKind::manifest) {
        unlinked.erase(facts.texts()[reference.path]);
      }
    }
  }
  for (const auto& [key, file] : unlinked) {
    FileFacts rest;
    rest.findings = unpack_findings(facts[file].findings);
    rest.ignored = facts[file].ignored;
    std::erase_if(rest.findings, is_of_manifest);
    facts.set(file, rest);
  }
}

}  // namespace deployflow::validate
