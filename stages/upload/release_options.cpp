#include "stages/upload/release_options.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>

namespace deployflow::stages {

release::LeaseOptions read_lease_options(const Options& given) {
  release::LeaseOptions out;
  out.wait = std::chrono::milliseconds(given.get_or<std::int64_t>("wait", 0));
  out.length = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::milliseconds(given.get_or<std::int64_t>("lease", 30'000)));
  return out;
}

release::DeploymentOptions read_release_options(const Options& given, std::string_view stage) {
  release::DeploymentOptions out;
  out.stage = stage;
  if (given.get_or<std::string>("publish", "direct") == "staged") {
    out.publish = release::Publish::staged;
  }
  out.removes = given.get_or("delete", false);
  if (given.has("max_delete")) {
    const auto text = given.get_text("max_delete");
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.ends_with('%')) {
      out.most_removed_share = static_cast<double>(number) / 100;
      out.most_removed = 0;
    } else {
      out.most_removed = number;
    }
  }
  out.keep_assets = given.get_or<std::uint32_t>("keep_assets", 0);
  out.keep = given.get_or<std::uint32_t>("keep", 5);
  out.keep_contents = given.get_or("keep_contents", true);
  out.lease = read_lease_options(given);
  return out;
}

}  // namespace deployflow::stages
