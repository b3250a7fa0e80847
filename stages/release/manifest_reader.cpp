// Reads a manifest without a tree of it: a row at a time, each checked before it is believed.

#include "stages/release/release_json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

namespace deployflow::release {
namespace {

// Columns of a row of "objects".
enum Column : std::size_t { k_key, k_size, k_sha256, k_md5, k_etag, k_headers, k_last, k_columns };

bool is_key(std::string_view key) {
  constexpr std::size_t k_longest = 1024;
  if (key.empty() || key.size() > k_longest || key.front() == '/' ||
      key.find('\0') != std::string_view::npos || key.starts_with(k_reserved)) {
    return false;
  }
  for (std::size_t start = 0; start <= key.size();) {
    const std::size_t end = std::min(key.find('/', start), key.size());
    const std::string_view segment = key.substr(start, end - start);
    if (segment == "." || segment == "..") {
      return false;
    }
    start = end + 1;
  }
  return true;
}

bool is_header(std::string_view name, std::string_view value) {
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  const auto is_value = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_name) &&
         std::all_of(value.begin(), value.end(), is_value);
}

/// The handler that nlohmann's parser calls; returning false ends it.
class Reader : public nlohmann::json_sax<Json> {
 public:
  explicit Reader(const Inventory* known) : known_(known) {}

  Read<Manifest> finish(bool parsed) {
    if (why_ == Unreadable::newer) {
      return {std::nullopt, why_, {}};
    }
    if (!parsed || !detail_.empty()) {
      return {std::nullopt, Unreadable::corrupt, detail_.empty() ? "it is cut short" : detail_};
    }
    if (format_ != k_format || !has_objects_) {
      return {std::nullopt, Unreadable::corrupt, "it is no manifest"};
    }
    manifest_.release = release_line_of(head_);
    if (!is_release_id(manifest_.release.id)) {
      return {std::nullopt, Unreadable::corrupt, "it has no release id"};
    }
    if (most_headers_ >= manifest_.objects.header_sets().size() && manifest_.objects.count() > 0) {
      return {std::nullopt, Unreadable::corrupt, "an object has headers that it does not list"};
    }
    if (!manifest_.objects.seal()) {
      return {std::nullopt, Unreadable::corrupt, "it names a key twice"};
    }
    return {std::move(manifest_), {}, {}};
  }

  bool null() override { return value(nullptr); }
  bool boolean(bool b) override { return value(b); }
  bool number_integer(number_integer_t n) override { return value(n); }
  bool number_float(number_float_t n, const string_t&) override { return value(n); }
  bool binary(binary_t&) override { return wrong("it holds binary"); }

  bool number_unsigned(number_unsigned_t n) override {
    if (!in_row()) {
      return value(n);
    }
    if (column_ != k_size && column_ != k_headers) {
      return wrong("a row is damaged");
    }
    numbers_[column_++] = n;
    return true;
  }

  bool string(string_t& text) override {
    if (section_ == "headers") {
      if (depth_ != 4 || pair_.size() == 2) {
        return wrong("its headers are damaged");
      }
      pair_.push_back(std::move(text));
      return true;
    }
    if (!in_row()) {
      return value(std::move(text));
    }
    if (column_ >= k_columns || column_ == k_size || column_ == k_headers) {
      return wrong("a row is damaged");
    }
    texts_[column_++] = std::move(text);
    return true;
  }

  bool start_object(std::size_t) override {
    if (depth_ > 0 && (section_ == "objects" || section_ == "headers")) {
      return wrong("it has an object where a list belongs");
    }
    return enter();
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    if (depth_ == 1) {
      section_ = name;
      has_objects_ = has_objects_ || name == "objects";
    } else if (depth_ == 2 && (section_ == "by" || section_ == "manifest")) {
      member_ = name;
    }
    return true;
  }
  bool start_array(std::size_t) override {
    if (!enter()) {
      return false;
    }
    if (in_row()) {
      column_ = 0;
    }
    if (section_ == "headers" && depth_ == 4) {
      pair_.clear();
    }
    return true;
  }
  bool end_array() override {
    bool good = true;
    if (in_row()) {
      good = end_row();
    } else if (section_ == "headers" && depth_ == 4) {
      good = end_pair();
    } else if (section_ == "headers" && depth_ == 3) {
      good = end_set();
    }
    --depth_;
    return good;
  }
  bool parse_error(std::size_t at, const std::string&, const Json::exception&) override {
    return wrong("it is no JSON behind byte " + std::to_string(at));
  }

 private:
  [[nodiscard]] bool in_row() const { return depth_ == 3 && section_ == "objects"; }

  bool enter() {
    constexpr int k_deepest = 8;
    return ++depth_ <= k_deepest || wrong("it is nested too deep");
  }

  bool wrong(std::string detail) {
    if (detail_.empty()) {
      detail_ = std::move(detail);
    }
    return false;
  }

  /// A value outside the two tables: one of the release's own members, or of a later version.
  bool value(Json given) {
    if (section_ == "objects" || section_ == "headers") {
      return wrong("a row is damaged");
    }
    if (depth_ == 1 && section_ == "format") {
      format_ = given.is_number_unsigned() ? given.get<std::uint64_t>() : 0;
      if (format_ > k_format) {
        why_ = Unreadable::newer;
        return false;
      }
    }
    if (depth_ == 1) {
      head_[section_] = std::move(given);
    } else if (depth_ == 2 && section_ == "by") {
      head_["by"][member_] = std::move(given);
    }
    return true;
  }

  bool end_row() {
    const bool is_leftover = column_ == k_columns;
    if (column_ != k_last && !is_leftover) {
      return wrong("a row is damaged");
    }
    const auto sha256 = from_hex<32>(texts_[k_sha256]);
    const auto md5 = from_hex<16>(texts_[k_md5]);
    if (!sha256 || !md5 || !is_key(texts_[k_key]) ||
        (is_leftover && !is_release_id(texts_[k_last]))) {
      return wrong("a row is damaged");
    }
    constexpr std::uint64_t k_most_headers = 1U << 20;
    if (numbers_[k_headers] >= k_most_headers) {
      return wrong("an object has headers that it does not list");
    }
    most_headers_ = std::max(most_headers_, numbers_[k_headers]);
    const auto own = known_ != nullptr ? known_->find(texts_[k_key]) : std::nullopt;
    Catalog& objects = manifest_.objects;
    objects.add(own ? Lent{known_->key(*own)} : objects.keep(texts_[k_key]),
                numbers_[k_size],
                *sha256,
                *md5,
                texts_[k_etag],
                static_cast<std::uint32_t>(numbers_[k_headers]),
                is_leftover ? std::string_view(texts_[k_last]) : std::string_view());
    return true;
  }

  bool end_pair() {
    if (pair_.size() != 2 || !is_header(pair_[0], pair_[1])) {
      return wrong("its headers are damaged");
    }
    set_.emplace_back(std::move(pair_[0]), std::move(pair_[1]));
    return true;
  }

  bool end_set() {
    const std::size_t before = manifest_.objects.header_sets().size();
    std::sort(set_.begin(), set_.end());
    manifest_.objects.intern(std::exchange(set_, {}));
    return manifest_.objects.header_sets().size() > before || wrong("it lists headers twice");
  }

  const Inventory* known_;
  Manifest manifest_;
  Json head_ = Json::object();
  std::uint64_t format_ = 0;
  Unreadable why_ = Unreadable::corrupt;
  std::string detail_;
  bool has_objects_ = false;
  std::string section_, member_;  // keys on the first and the second level
  int depth_ = 0;
  std::size_t column_ = 0;
  std::array<std::string, k_columns> texts_;
  std::array<std::uint64_t, k_columns> numbers_{};
  std::uint64_t most_headers_ = 0;
  std::vector<std::string> pair_;
  StoredHeaders set_;
};

/// The characters of all pieces, for the parser. Copies of an iterator go on together.
class Characters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  struct Text {
    explicit Text(const NextPiece& given) : next(given), rest(given()) {}

    const NextPiece& next;
    std::string_view rest;
  };

  Characters() = default;  // the end of every text
  explicit Characters(Text& text) : text_(&text) {}

  char operator*() const { return text_->rest.front(); }
  Characters& operator++() {
    text_->rest.remove_prefix(1);
    if (text_->rest.empty()) {
      text_->rest = text_->next();
    }
    return *this;
  }
  friend bool operator==(const Characters& a, const Characters& b) {
    return a.is_at_end() == b.is_at_end();
  }
  friend bool operator!=(const Characters& a, const Characters& b) { return !(a == b); }

 private:
  [[nodiscard]] bool is_at_end() const { return text_ == nullptr || text_->rest.empty(); }

  Text* text_ = nullptr;
};

}  // namespace

Read<Manifest> read_manifest(const NextPiece& text, const Inventory* known) {
  Reader reader(known);
  Characters::Text characters(text);
  const bool parsed = Json::sax_parse(Characters(characters), Characters(), &reader);
  return reader.finish(parsed);
}

}  // namespace deployflow::release
