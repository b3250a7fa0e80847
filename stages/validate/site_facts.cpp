#include "stages/validate/site_facts.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string>
#include <type_traits>

namespace deployflow::validate {
namespace {

template <class T>
std::span<T> room_for(Arena& memory, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (count == 0) {
    return {};
  }
  void* room = memory.allocate(count * sizeof(T));
  if (room == nullptr) {
    throw std::bad_alloc();
  }
  return {static_cast<T*>(room), count};
}

template <class T>
std::span<const T> kept(Arena& memory, std::span<const T> things) {
  const std::span<T> room = room_for<T>(memory, things.size());
  std::copy(things.begin(), things.end(), room.begin());
  return room;
}

// The head of a finding among bytes; message and hint follow.
struct PackedFinding {
  std::uint32_t rule;  // its place in all_rules()
  std::uint32_t line, column;
  std::uint32_t severity;
  std::uint32_t message_bytes, hint_bytes;
};

}  // namespace

void SiteFacts::set(std::size_t file, const FileFacts& facts) {
  std::string findings;
  pack_findings(facts.findings, findings);
  const std::lock_guard lock(mutex_);
  PackedFacts& packed = files_[file];
  const auto references = room_for<PackedReference>(memory_, facts.references.size());
  std::ranges::transform(facts.references, references.begin(), [this](const SiteReference& r) {
    return PackedReference{.path = texts_.number_of(r.path),
                           .fragment = texts_.number_of(r.fragment),
                           .line = r.at.line,
                           .column = r.at.column,
                           .count = r.count,
                           .kind = r.kind,
                           .above_root = r.above_root ? std::uint8_t{1} : std::uint8_t{0},
                           .is_outside = r.is_outside ? std::uint8_t{1} : std::uint8_t{0}};
  });
  packed.references = references;
  packed.anchors = kept<std::uint64_t>(memory_, facts.anchors);
  packed.findings = kept<char>(memory_, findings);
  packed.ignored = facts.ignored;
  packed.has_anchors = facts.has_anchors;
}

void pack_findings(std::span<const Finding> findings, std::string& out) {
  const auto rules = all_rules();
  for (const Finding& f : findings) {
    const auto rule = std::ranges::find(rules, f.code, &Rule::code);
    const PackedFinding head{static_cast<std::uint32_t>(rule - rules.begin()),
                             f.line,
                             f.column,
                             static_cast<std::uint32_t>(f.severity),
                             static_cast<std::uint32_t>(f.message.size()),
                             static_cast<std::uint32_t>(f.hint.size())};
    std::array<char, sizeof head> bytes{};
    std::memcpy(bytes.data(), &head, sizeof head);
    out.append(bytes.data(), bytes.size());
    out += f.message;
    out += f.hint;
  }
}

std::vector<Finding> unpack_findings(std::span<const char> bytes) {
  const auto rules = all_rules();
  std::vector<Finding> out;
  PackedFinding head{};
  while (bytes.size() >= sizeof head) {
    std::memcpy(&head, bytes.data(), sizeof head);
    bytes = bytes.subspan(sizeof head);
    if (head.rule >= rules.size() || head.severity > static_cast<std::uint32_t>(Severity::error) ||
        head.message_bytes > bytes.size() || head.hint_bytes > bytes.size() - head.message_bytes) {
      break;
    }
    const std::string_view text(bytes.data(), head.message_bytes + head.hint_bytes);
    out.push_back({.code = rules[head.rule]->code,
                   .severity = static_cast<Severity>(head.severity),
                   .message = std::string(text.substr(0, head.message_bytes)),
                   .hint = std::string(text.substr(head.message_bytes)),
                   .line = head.line,
                   .column = head.column});
    bytes = bytes.subspan(text.size());
  }
  return out;
}

}  // namespace deployflow::validate
