// Reads a manifest without a tree of it: a row at a time, each checked before it is believed.

#include "stages/release/in_order.hpp"
#include "stages/release/release_json.hpp"

#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <cstddef>
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

/// Which part of the document is being read: the two tables, or anything else.
enum class Part : std::uint8_t { other, by, headers, objects };

Part part_of(std::string_view name) {
  return name == "objects"   ? Part::objects
         : name == "headers" ? Part::headers
         : name == "by"      ? Part::by
                             : Part::other;
}

/// The handler that the parser calls; returning false ends it.
class Reader {
 public:
  using Ch = char;

  explicit Reader(const Inventory* known) : known_(known) {
    if (known != nullptr) {
      by_key_.emplace(*known);
    }
  }

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

  /// The first thing that is wrong is what is told.
  bool wrong(std::string detail) {
    if (detail_.empty()) {
      detail_ = std::move(detail);
    }
    return false;
  }

  // What the parser calls, by the names that it wants.
  // NOLINTBEGIN(readability-identifier-naming)
  bool Null() { return value(nullptr); }
  bool Bool(bool b) { return value(b); }
  bool Int(int n) { return value(n); }
  bool Int64(std::int64_t n) { return value(n); }
  bool Uint(unsigned n) { return Uint64(n); }
  bool Uint64(std::uint64_t n) {
    if (!in_row()) {
      return value(n);
    }
    if (column_ != k_size && column_ != k_headers) {
      return wrong("a row is damaged");
    }
    numbers_[column_++] = n;
    return true;
  }
  bool Double(double n) { return value(n); }
  bool RawNumber(const char*, unsigned, bool) { return wrong("it has a number of no kind"); }

  bool String(const char* bytes, unsigned size, bool) {
    const std::string_view text(bytes, size);
    if (in_row()) {
      if (column_ >= k_columns || column_ == k_size || column_ == k_headers) {
        return wrong("a row is damaged");
      }
      texts_[column_++] = text;
      return true;
    }
    if (part_ == Part::headers) {
      if (depth_ != 4 || pair_.size() == 2) {
        return wrong("its headers are damaged");
      }
      pair_.emplace_back(text);
      return true;
    }
    return value(std::string(text));
  }

  bool StartObject() {
    if (depth_ > 0 && is_table()) {
      return wrong("it has an object where a list belongs");
    }
    return enter();
  }
  bool Key(const char* bytes, unsigned size, bool) {
    const std::string_view name(bytes, size);
    if (depth_ == 1) {
      section_ = name;
      part_ = part_of(name);
      has_objects_ = has_objects_ || part_ == Part::objects;
    } else if (depth_ == 2 && part_ == Part::by) {
      member_ = name;
    }
    return true;
  }
  bool EndObject(unsigned) {
    --depth_;
    return true;
  }
  bool StartArray() {
    if (!enter()) {
      return false;
    }
    if (in_row()) {
      column_ = 0;
    }
    if (part_ == Part::headers && depth_ == 4) {
      pair_.clear();
    }
    return true;
  }
  bool EndArray(unsigned) {
    bool good = true;
    if (in_row()) {
      good = end_row();
    } else if (part_ == Part::headers && depth_ == 4) {
      good = end_pair();
    } else if (part_ == Part::headers && depth_ == 3) {
      good = end_set();
    }
    --depth_;
    return good;
  }
  // NOLINTEND(readability-identifier-naming)

 private:
  [[nodiscard]] bool in_row() const { return depth_ == 3 && part_ == Part::objects; }
  [[nodiscard]] bool is_table() const { return part_ == Part::objects || part_ == Part::headers; }

  bool enter() {
    constexpr int k_deepest = 8;
    return ++depth_ <= k_deepest || wrong("it is nested too deep");
  }

  /// A value outside the two tables: one of the release's own members, or of a later version.
  bool value(Json given) {
    if (is_table()) {
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
    } else if (depth_ == 2 && part_ == Part::by) {
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
    const auto own = by_key_ ? by_key_->find(texts_[k_key]) : std::nullopt;
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
  std::optional<InOrder<Inventory>> by_key_;  // a manifest is in that order
  Manifest manifest_;
  Json head_ = Json::object();
  std::uint64_t format_ = 0;
  Unreadable why_ = Unreadable::corrupt;
  std::string detail_;
  bool has_objects_ = false;
  std::string section_, member_;  // keys on the first and the second level
  Part part_ = Part::other;       // what the first of them means
  int depth_ = 0;
  std::size_t column_ = 0;
  std::array<std::string, k_columns> texts_;
  std::array<std::uint64_t, k_columns> numbers_{};
  std::uint64_t most_headers_ = 0;
  std::vector<std::string> pair_;
  StoredHeaders set_;
};

/// The characters of all pieces, for the parser; NUL behind the last.
class Characters {
 public:
  using Ch = char;

  explicit Characters(const NextPiece& next) : next_(next), rest_(next()) {}

  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

  // NOLINTBEGIN(readability-identifier-naming): names that the parser wants
  [[nodiscard]] char Peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  char Take() {
    if (rest_.empty()) {
      return '\0';
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    ++taken_;
    if (rest_.empty()) {
      rest_ = next_();
    }
    return c;
  }
  [[nodiscard]] std::size_t Tell() const { return taken_; }
  // For a parser that writes into its text; this one does not.
  char* PutBegin() { return nullptr; }
  void Put(char) {}
  std::size_t PutEnd(char*) { return 0; }
  // NOLINTEND(readability-identifier-naming)

 private:
  const NextPiece& next_;
  std::string_view rest_;
  std::size_t taken_ = 0;
};

}  // namespace

Read<Manifest> read_manifest(const NextPiece& text, const Inventory* known) {
  // Without recursion: how deep a stranger's text goes is the handler's to say.
  constexpr unsigned k_how = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  Reader reader(known);
  Characters characters(text);
  rapidjson::Reader parser;
  const rapidjson::ParseResult parsed = parser.Parse<k_how>(characters, reader);
  if (parsed.IsError() && parsed.Code() != rapidjson::kParseErrorTermination) {
    reader.wrong("it is no JSON behind byte " + std::to_string(parsed.Offset()));
  }
  // To the parser a NUL is the end.
  return reader.finish(!parsed.IsError() && characters.is_at_end());
}

}  // namespace deployflow::release
