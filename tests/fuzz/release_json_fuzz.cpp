// The two small documents of a release, whatever their bytes: current.json and lock.json.

#include "stages/release/holder.hpp"
#include "stages/release/manifest.hpp"
#include "tests/fuzz/claim.hpp"

#include <set>

namespace deployflow::release {
namespace {

void check_current(std::string_view text) {
  const Read<Current> read = read_current(text);
  if (!read.value) {
    CLAIM(read.detail.empty() == (read.why == Unreadable::newer));
    CLAIM(!fuzz::has_control(read.detail));
    return;
  }
  const Current& current = *read.value;
  CLAIM(current.find(current.live) != nullptr);
  std::set<std::string> ids;
  for (const ReleaseLine& line : current.releases) {
    CLAIM(is_release_id(line.id) && ids.insert(line.id).second);
    CLAIM(!format_time(line.by.time_s).empty());
  }
  const std::string written = write_current(current);
  const Read<Current> again = read_current(written);
  CLAIM(again.value && write_current(*again.value) == written);
}

void check_lock(std::string_view text) {
  const std::optional<Holder> holder = read_holder(text);
  if (!holder) {
    return;
  }
  CLAIM(!holder->run.empty() && holder->ttl_s <= 3600);
  CLAIM(holder->since_s >= 0 && holder->until_s >= 0);
  CLAIM(!describe(*holder).empty());
  // Nobody is taken for dead whose machine is another.
  CLAIM(holder->machine == this_process().machine || !is_dead(*holder));
  const std::string written = write_holder(*holder);
  const std::optional<Holder> again = read_holder(written);
  CLAIM(again && write_holder(*again) == written);
}

}  // namespace
}  // namespace deployflow::release

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  deployflow::release::check_current(text);
  deployflow::release::check_lock(text);
  return 0;
}
