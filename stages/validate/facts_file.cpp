#include "stages/validate/facts_file.hpp"

#include "stages/validate/hash.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <type_traits>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::uint64_t k_magic = 0x33737463'61667664;  // "dvfacts3"

struct Head {
  std::uint64_t magic = k_magic;
  std::uint64_t stamp = 0;
  std::uint64_t checksum = 0;                                       // of all behind the head
  std::uint64_t files = 0, references = 0, anchors = 0, texts = 0;  // counts
  std::uint64_t text_bytes = 0, finding_bytes = 0;
};

constexpr std::size_t k_head_words = sizeof(Head) / sizeof(std::uint64_t);

struct Row {
  FileId id;
  RuleMask ignored;
  std::uint64_t reference_begin = 0, anchor_begin = 0, finding_begin = 0;
  std::uint32_t reference_count = 0, anchor_count = 0, finding_bytes = 0;
  std::uint32_t has_anchors = 0;
};
static_assert(sizeof(Row) == 96);

constexpr std::uint64_t in_words(std::uint64_t bytes) {
  return (bytes + 7) / 8;
}

// Of a head - but for this number - and what follows. Four lanes, so that it is as fast as memory.
std::uint64_t checksum_of(Head head, std::span<const std::uint64_t> words) {
  head.checksum = 0;
  const std::uint64_t of_head = hash_of({reinterpret_cast<const char*>(&head), sizeof head});
  constexpr std::uint64_t k_odd = 0x9E3779B97F4A7C15U;
  std::array<std::uint64_t, 4> lanes{of_head, 2, 3, 4};
  std::size_t i = 0;
  for (; i + lanes.size() <= words.size(); i += lanes.size()) {
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
      lanes[lane] = (lanes[lane] ^ words[i + lane]) * k_odd;
      lanes[lane] ^= lanes[lane] >> 29U;
    }
  }
  for (; i < words.size(); ++i) {
    lanes[0] = (lanes[0] ^ words[i]) * k_odd;
  }
  return mixed(mixed(lanes[0], lanes[1]) ^ lanes[2], lanes[3] ^ words.size());
}

// Takes the parts of the bytes one after the other.
class Parts {
 public:
  explicit Parts(std::span<const std::uint64_t> words) : words_(words) {}

  /// False if there is less.
  template <class T>
  bool take(std::uint64_t count, std::span<const T>& out) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::uint64_t));
    if (count > words_.size_bytes() / sizeof(T)) {
      return false;
    }
    const auto used = static_cast<std::size_t>(in_words(count * sizeof(T)));
    out = {reinterpret_cast<const T*>(words_.data()), static_cast<std::size_t>(count)};
    words_ = words_.subspan(used);
    return true;
  }
  [[nodiscard]] bool is_empty() const { return words_.empty(); }

 private:
  std::span<const std::uint64_t> words_;
};

template <class T>
bool is_part(std::span<const T> all, std::uint64_t begin, std::uint64_t count) {
  return begin <= all.size() && count <= all.size() - begin;
}

bool is_good(const PackedReference& r, std::size_t texts) {
  return r.path < texts && r.fragment < texts && r.kind <= RefKind::shown;
}

std::optional<std::vector<std::string_view>> read_texts(std::span<const std::uint32_t> ends,
                                                        std::span<const char> bytes) {
  std::vector<std::string_view> texts;
  texts.reserve(ends.size());
  std::uint32_t begin = 0;
  for (const std::uint32_t end : ends) {
    if (end < begin || end > bytes.size()) {
      return std::nullopt;
    }
    texts.emplace_back(bytes.data() + begin, end - begin);
    begin = end;
  }
  return texts.empty() || !texts.front().empty() ? std::nullopt : std::optional(std::move(texts));
}

template <class T>
void append(std::vector<std::uint64_t>& out, std::span<const T> things) {
  const std::size_t begin = out.size();
  out.resize(begin + in_words(things.size_bytes()));
  if (!things.empty()) {
    std::memcpy(out.data() + begin, things.data(), things.size_bytes());
  }
}

}  // namespace

const PackedFacts* StoredFacts::find(const FileId& id) const {
  const auto found = std::ranges::lower_bound(files, id, std::less<FileId>(), &StoredFile::id);
  return found != files.end() && found->id == id ? &found->facts : nullptr;
}

std::uint64_t facts_checksum(std::span<const std::uint64_t> words) {
  Head head;
  if (words.size() < k_head_words) {
    return 0;
  }
  std::memcpy(static_cast<void*>(&head), words.data(), sizeof head);
  return checksum_of(head, words.subspan(k_head_words));
}

std::optional<StoredFacts> read_facts(std::span<const std::uint64_t> words, std::uint64_t stamp) {
  Head head;
  if (words.size() < k_head_words) {
    return std::nullopt;
  }
  std::memcpy(static_cast<void*>(&head), words.data(), sizeof head);
  words = words.subspan(k_head_words);
  if (head.magic != k_magic || head.stamp != stamp || head.checksum != checksum_of(head, words)) {
    return std::nullopt;
  }
  Parts parts(words);
  std::span<const Row> rows;
  std::span<const PackedReference> references;
  std::span<const std::uint64_t> anchors;
  std::span<const std::uint32_t> ends;
  std::span<const char> text_bytes, findings;
  if (!parts.take(head.files, rows) || !parts.take(head.references, references) ||
      !parts.take(head.anchors, anchors) || !parts.take(head.texts, ends) ||
      !parts.take(head.text_bytes, text_bytes) || !parts.take(head.finding_bytes, findings) ||
      !parts.is_empty()) {
    return std::nullopt;
  }
  auto texts = read_texts(ends, text_bytes);
  if (!texts || !std::ranges::is_sorted(rows, std::less<FileId>(), &Row::id) ||
      !std::ranges::all_of(references, [&](const auto& r) { return is_good(r, texts->size()); })) {
    return std::nullopt;
  }
  StoredFacts out{std::move(*texts), {}};
  out.files.reserve(rows.size());
  for (const Row& row : rows) {
    if (!is_part(references, row.reference_begin, row.reference_count) ||
        !is_part(anchors, row.anchor_begin, row.anchor_count) ||
        !is_part(findings, row.finding_begin, row.finding_bytes)) {
      return std::nullopt;
    }
    out.files.push_back(
        {row.id,
         {.references = references.subspan(row.reference_begin, row.reference_count),
          .anchors = anchors.subspan(row.anchor_begin, row.anchor_count),
          .findings = findings.subspan(row.finding_begin, row.finding_bytes),
          .ignored = row.ignored,
          .has_anchors = row.has_anchors != 0}});
  }
  return out;
}

std::vector<std::uint64_t> write_facts(const SiteFacts& facts,
                                       std::span<const std::optional<FileId>> ids,
                                       std::uint64_t stamp) {
  std::vector<Row> rows;
  std::vector<PackedReference> references;
  std::vector<std::uint64_t> anchors;
  std::string findings, texts;
  std::vector<std::uint32_t> ends{0};                        // of "", the number 0
  std::vector<std::uint32_t> numbers(facts.texts().size());  // new ones by old; 0 = not used yet
  const auto renumbered = [&](std::uint32_t old) {
    if (old != 0 && numbers[old] == 0) {
      numbers[old] = static_cast<std::uint32_t>(ends.size());
      texts += facts.texts()[old];
      ends.push_back(static_cast<std::uint32_t>(texts.size()));
    }
    return numbers[old];
  };
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i]) {
      continue;
    }
    const PackedFacts& of_file = facts[i];
    rows.push_back({.id = *ids[i],
                    .ignored = of_file.ignored,
                    .reference_begin = references.size(),
                    .anchor_begin = anchors.size(),
                    .finding_begin = findings.size(),
                    .reference_count = static_cast<std::uint32_t>(of_file.references.size()),
                    .anchor_count = static_cast<std::uint32_t>(of_file.anchors.size()),
                    .finding_bytes = static_cast<std::uint32_t>(of_file.findings.size()),
                    .has_anchors = of_file.has_anchors ? 1U : 0U});
    for (PackedReference reference : of_file.references) {
      reference.path = renumbered(reference.path);
      reference.fragment = renumbered(reference.fragment);
      references.push_back(reference);
    }
    anchors.insert(anchors.end(), of_file.anchors.begin(), of_file.anchors.end());
    findings.append(of_file.findings.data(), of_file.findings.size());
  }
  if (texts.size() > std::numeric_limits<std::uint32_t>::max()) {
    return {};
  }
  std::ranges::sort(rows, std::less<FileId>(), &Row::id);

  Head head{.stamp = stamp,
            .files = rows.size(),
            .references = references.size(),
            .anchors = anchors.size(),
            .texts = ends.size(),
            .text_bytes = texts.size(),
            .finding_bytes = findings.size()};
  std::vector<std::uint64_t> out;
  out.reserve(k_head_words + in_words(std::span(rows).size_bytes()) +
              in_words(std::span(references).size_bytes()) + anchors.size() +
              in_words(std::span(ends).size_bytes()) + in_words(texts.size()) +
              in_words(findings.size()));
  out.resize(k_head_words);
  append<Row>(out, rows);
  append<PackedReference>(out, references);
  append<std::uint64_t>(out, anchors);
  append<std::uint32_t>(out, ends);
  append<char>(out, texts);
  append<char>(out, findings);
  head.checksum = checksum_of(head, std::span(out).subspan(k_head_words));
  std::memcpy(out.data(), &head, sizeof head);
  return out;
}

}  // namespace deployflow::validate
