// Facts out of the cache, whatever its bytes: the checksum is put right, so that all behind it is
// reached.

#include "stages/validate/facts_file.hpp"
#include "tests/fuzz/claim.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::validate;
  constexpr std::uint64_t k_stamp = 42;
  // Magic and stamp as they must be, then the checksum, then what the fuzzer says.
  const SiteFacts nothing(0);
  std::vector<std::uint64_t> words = write_facts(nothing, {}, k_stamp);
  words.resize(3 + (size + 7) / 8);
  if (size > 0) {
    std::memcpy(words.data() + 3, data, size);
  }
  words[2] = facts_checksum(words);
  const auto stored = read_facts(words, k_stamp);
  if (!stored) {
    return 0;
  }
  std::size_t sum = 0;
  for (const StoredFile& file : stored->files) {
    CLAIM(stored->find(file.id) != nullptr);
    for (const PackedReference& reference : file.facts.references) {
      CLAIM(reference.path < stored->texts.size() && reference.fragment < stored->texts.size());
      CLAIM(!reference_noun(reference.kind).empty());
    }
    for (const std::uint64_t anchor : file.facts.anchors) {
      sum += anchor;
    }
    for (const Finding& finding : unpack_findings(file.facts.findings)) {
      CLAIM(is_rule(finding.code));
    }
  }
  for (const std::string_view text : stored->texts) {
    sum += static_cast<std::size_t>(std::count(text.begin(), text.end(), 'x'));
  }
  // Everything is read, which nobody may optimise away.
  [[maybe_unused]] static volatile std::size_t all_is_read = 0;
  all_is_read = sum;
  return 0;
}
