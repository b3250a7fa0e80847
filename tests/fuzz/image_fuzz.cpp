// The heads of images, whatever their bytes, and the sizes that pages give.

#include "stages/validate/image_header.hpp"
#include "stages/validate/shown_size.hpp"
#include "tests/fuzz/claim.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::validate;
  const std::string_view bytes = deployflow::fuzz::text_of(data, size);
  std::size_t read = 0;
  std::string part;
  const ImageHeader header =
      read_image_header(size, [&](std::uint64_t offset, std::size_t count) -> std::string_view {
        CLAIM(offset <= size);
        part = bytes.substr(static_cast<std::size_t>(offset), count);  // its end is watched
        read += part.size();
        return part;
      });
  CLAIM(read <= std::size_t{1} << 20U);
  CLAIM(header.kind == ImageKind::image || (!header.size && !header.is_cut_off));
  CLAIM(header.kind != ImageKind::empty || size == 0);
  CLAIM(!header.size || (header.size->width > 0 && header.size->height > 0));

  const std::size_t half = size / 2;
  if (const auto shown = shown_size(bytes.substr(0, half), bytes.substr(half))) {
    CLAIM(shown->width > 0 || shown->height > 0);
    CLAIM(shown_size_of(text_of(*shown)) == shown);
  }
  return 0;
}
