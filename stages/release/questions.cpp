#include "stages/release/questions.hpp"

#include "stages/release/header_set.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace deployflow::release {
namespace {

std::string lower_without_spaces(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t') {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

std::string_view header_of(const df_object& object, std::string_view name) {
  for (std::uint64_t i = 0; i < object.header_count; ++i) {
    if (sv(object.headers[i].name) == name) {
      return sv(object.headers[i].value);
    }
  }
  return {};
}

/// Metadata of others, such as rclone's times, is none of our business; nor is what a HEAD does not
/// show (an ACL).
bool has_headers(const df_object& object, const StoredHeaders& wanted) {
  static constexpr std::array<std::string_view, 6> k_ours{"cache-control",
                                                          "content-disposition",
                                                          "content-encoding",
                                                          "content-language",
                                                          "expires",
                                                          "x-amz-website-redirect-location"};
  const bool same = std::all_of(k_ours.begin(), k_ours.end(), [&](std::string_view name) {
    return header_of(object, name) == release::header_of(wanted, name);
  });
  return same && std::all_of(wanted.begin(), wanted.end(), [&](const auto& header) {
           const auto& [name, value] = header;
           if (name == "content-type") {
             // Some gateways write media types anew: in lower case, without the space.
             return lower_without_spaces(sv(object.media_type)) == lower_without_spaces(value);
           }
           return !is_shown_by_head(name, value) || header_of(object, name) == value;
         });
}

std::string to_base64(const Md5& md5) {
  static constexpr std::string_view k_digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < md5.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      three = three << 8U | (i + k < md5.size() ? md5[i + k] : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k <= md5.size() ? k_digits[three >> (18U - 6U * k) & 63U] : '=';
    }
  }
  return out;
}

enum class Told : std::uint8_t { same, another, nothing };

/// What the object's metadata says of its content.
Told told_by_metadata(const df_object& object, const Catalog& wanted, std::size_t i) {
  const auto compare = [](bool is_same) { return is_same ? Told::same : Told::another; };
  if (const auto md5 = header_of(object, "x-amz-meta-md5chksum"); !md5.empty()) {  // rclone
    return compare(md5 == to_base64(wanted.md5(i)));
  }
  if (const auto sha256 = header_of(object, "x-amz-meta-sha256"); !sha256.empty()) {
    return compare(sha256 == to_hex(wanted.sha256(i)));
  }
  const auto attributes = header_of(object, "x-amz-meta-s3cmd-attrs");  // ".../md5:0123.../..."
  constexpr std::string_view k_name = "md5:";
  if (const auto at = attributes.find(k_name); at != std::string_view::npos) {
    return compare(attributes.substr(at + k_name.size(), 32) == to_hex(wanted.md5(i)));
  }
  return Told::nothing;
}

void ask_heads(const Store& store,
               std::string_view target,
               const Sides& sides,
               std::vector<Change>& changes) {
  std::size_t next = 0;
  const auto ask = [&](df_op& op) -> df_status {
    while (next < changes.size() && changes[next].question == Question::none) {
      ++next;
    }
    if (next == changes.size()) {
      return DF_NOT_FOUND;
    }
    op.kind = DF_OP_HEAD;
    op.tag = next;
    op.target = cs(target);
    op.key = cs(sides.wanted.key(next));
    ++next;
    return DF_OK;
  };
  store.batch(ask, [&](const df_op_result& answer) {
    const auto i = static_cast<std::size_t>(answer.tag);
    Change& change = changes[i];
    if (answer.status == DF_CANCELLED) {
      throw Cancelled{};
    }
    if (answer.status != DF_OK) {
      change.act = Act::put;
      change.why = change.why == Why::same ? Why::content : change.why;
      change.question = Question::none;
      return;
    }
    if (change.question == Question::content) {
      const Told told = told_by_metadata(answer.object, sides.wanted, i);
      if (told == Told::nothing) {
        return;  // its bytes will tell
      }
      if (told == Told::another) {
        change.question = Question::none;
        return;
      }
      change.act = Act::keep;
      change.why = Why::same;
    }
    change.question = Question::none;
    if (!has_headers(answer.object, sides.wanted.headers(i))) {
      const bool is_drift = change.is_known;
      change.act = Act::headers;
      change.why = is_drift ? Why::drifted_headers : Why::headers;
    }
  });
}

/// Reads objects and compares them with the files they should be.
class ReadAll {
 public:
  ReadAll(std::string_view target,
          const Sides& sides,
          std::vector<Change>& changes,
          const SameBytes& same_bytes)
      : target_(target), sides_(sides), changes_(changes), same_bytes_(same_bytes) {}

  df_status run(const Store& store) {
    df_batch batch{};
    batch.struct_size = sizeof batch;
    batch.user = this;
    batch.next = [](void* user, df_op* op) { return static_cast<ReadAll*>(user)->next(*op); };
    batch.done = [](void* user, const df_op_result* result) {
      static_cast<ReadAll*>(user)->done(*result);
    };
    return store.raw_batch(batch);
  }

 private:
  df_status next(df_op& op) {
    while (next_ < changes_.size() && changes_[next_].question != Question::content) {
      ++next_;
    }
    if (next_ == changes_.size()) {
      return DF_NOT_FOUND;
    }
    op.kind = DF_OP_GET;
    op.tag = next_;
    op.target = cs(target_);
    op.key = cs(sides_.wanted.key(next_));
    op.sink = [](void* user,
                 std::uint64_t tag,
                 const std::uint8_t* bytes,
                 std::uint64_t count) -> df_status {
      return static_cast<ReadAll*>(user)->take(static_cast<std::size_t>(tag), bytes, count)
                 ? DF_OK
                 : DF_FAILED;
    };
    ++next_;
    return DF_OK;
  }

  bool take(std::size_t i, const std::uint8_t* bytes, std::uint64_t count) noexcept {
    try {
      std::uint64_t& offset = offsets_[i];
      const bool same = same_bytes_(i, offset, bytes, count);
      offset += count;
      return same;
    } catch (...) {
      return false;
    }
  }

  void done(const df_op_result& result) noexcept {
    const auto i = static_cast<std::size_t>(result.tag);
    Change& change = changes_[i];
    change.question = Question::none;
    const auto read = offsets_.find(i);
    if (result.status == DF_OK && read != offsets_.end() && read->second == sides_.wanted.size(i)) {
      change.act = Act::keep;
      change.why = Why::same;
      change.question = Question::headers;  // of which the read told nothing
    }
    if (read != offsets_.end()) {
      offsets_.erase(read);
    }
  }

  std::string_view target_;
  const Sides& sides_;
  std::vector<Change>& changes_;
  const SameBytes& same_bytes_;
  std::size_t next_ = 0;
  std::map<std::size_t, std::uint64_t> offsets_;  // of those under way
};

bool has_question(const std::vector<Change>& changes, Question question) {
  return std::any_of(changes.begin(), changes.end(), [question](const Change& change) {
    return change.question == question;
  });
}

}  // namespace

void settle_questions(const Store& store,
                      std::string_view target,
                      const Sides& sides,
                      std::vector<Change>& changes,
                      const SameBytes& same_bytes) {
  if (has_question(changes, Question::headers) || has_question(changes, Question::content)) {
    ask_heads(store, target, sides, changes);
  }
  if (!has_question(changes, Question::content)) {
    return;
  }
  if (same_bytes != nullptr &&
      ReadAll(target, sides, changes, same_bytes).run(store) == DF_CANCELLED) {
    throw Cancelled{};
  }
  for (Change& change : changes) {
    if (change.question == Question::content) {
      change.question = Question::none;
    }
  }
  if (has_question(changes, Question::headers)) {
    ask_heads(store, target, sides, changes);
  }
}

}  // namespace deployflow::release
