// What the first bytes of an image tell: whether it is one, how large it is shown, and whether the
// file ends before it does. Nothing is decoded.
//
// Own code, as no library of Debian reads the heads of all formats that browsers show, and those
// that decode whole images are what hostile files are made for. Sources: PNG (ISO/IEC 15948,
// 11.2.2), JPEG (ITU-T T.81, B.1 and B.2.2), GIF89a (18), WebP (RFC 9649), AVIF (ISO/IEC 23008-12,
// 6.5.3: `ispe`), BMP (BITMAPINFOHEADER), and the WHATWG's MIME sniffing for the first bytes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace deployflow::validate {

struct ImageSize {
  std::uint32_t width = 0, height = 0;  // pixels, from 1

  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

/// What a file is that an image was expected to be.
enum class ImageKind : std::uint8_t {
  image,        // of a format that some browser shows
  empty,        // no byte
  lfs_pointer,  // what git has in place of a file that Git LFS keeps
  html,
  xml,  // SVG among them, which browsers do not show under the media type of another image
  unknown
};

struct ImageHeader {
  ImageKind kind = ImageKind::unknown;
  std::optional<ImageSize> size;  // nothing: several, none, or it could not be found out
  bool may_be_turned = false;     // by what the file says of itself: width may be height
  bool is_cut_off = false;        // bytes are missing at the end
};

/// `count` bytes of the file from `offset` on, fewer at its end. Valid until the next call.
using ReadPart = std::function<std::string_view(std::uint64_t offset, std::size_t count)>;

/// Whatever the bytes are. Reads mostly 4 KiB, never more than 1 MiB. `bytes`: the file's size.
ImageHeader read_image_header(std::uint64_t bytes, const ReadPart& read);

}  // namespace deployflow::validate
