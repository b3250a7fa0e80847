// A manifest of a release, whatever its bytes, however it comes in pieces.

#include "stages/release/inventory.hpp"
#include "stages/release/manifest.hpp"
#include "tests/fuzz/claim.hpp"

namespace deployflow::release {
namespace {

Read<Manifest> read(std::string_view text, std::size_t piece, const Inventory* known = nullptr) {
  return read_manifest(
      [&] {
        const std::string_view next = text.substr(0, piece);
        text.remove_prefix(next.size());
        return next;
      },
      known);
}

std::string write(const Manifest& manifest) {
  std::string text;
  write_manifest(
      manifest.release,
      [&](const EachObject& each) {
        for (std::size_t i = 0; i < manifest.objects.count(); ++i) {
          each(manifest.objects, i, manifest.objects.last(i));
        }
      },
      [&](std::string_view piece) { text += piece; });
  return text;
}

/// What is believed of a manifest decides what is stored where, and what is deleted.
void check_object(const Catalog& objects, std::size_t i) {
  const std::string_view key = objects.key(i);
  CLAIM(!key.empty() && key.size() <= 1024 && key.front() != '/' && !key.starts_with(k_reserved));
  CLAIM(("/" + std::string(key) + "/").find("/../") == std::string::npos);
  CLAIM(i == 0 || objects.key(i - 1) < key);
  CLAIM(objects.headers_number(i) < objects.header_sets().size());
  CLAIM(objects.last(i).empty() || is_release_id(objects.last(i)));
  CLAIM(objects.find(key) == i);
  for (const auto& [name, value] : objects.headers(i)) {
    CLAIM(!name.empty() && !fuzz::has_control(name) && !fuzz::has_control(value));
  }
}

void check(std::string_view text) {
  const Read<Manifest> whole = read(text, std::max<std::size_t>(text.size(), 1));
  const Read<Manifest> pieces = read(text, 1 + text.size() % 7);
  CLAIM(whole.value.has_value() == pieces.value.has_value());
  CLAIM(whole.why == pieces.why && whole.detail == pieces.detail);
  if (!whole.value) {
    CLAIM(whole.detail.empty() == (whole.why == Unreadable::newer));
    CLAIM(!fuzz::has_control(whole.detail) && whole.detail.size() < 200);
    return;
  }
  const Manifest& manifest = *whole.value;
  CLAIM(is_release_id(manifest.release.id));
  Inventory known;
  for (std::size_t i = 0; i < manifest.objects.count(); ++i) {
    check_object(manifest.objects, i);
    if (i % 2 == 0) {
      known.add(manifest.objects.key(i), 0, Role::file, 0);
    }
  }
  known.seal();
  // What is written of it is read as the same, whoever keeps the keys.
  const std::string written = write(manifest);
  CLAIM(write(*pieces.value) == written);
  const Read<Manifest> again = read(written, written.size(), &known);
  CLAIM(again.value && write(*again.value) == written);
}

}  // namespace
}  // namespace deployflow::release

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  deployflow::release::check(deployflow::fuzz::text_of(data, size));
  return 0;
}
