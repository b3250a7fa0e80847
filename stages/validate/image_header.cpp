#include "stages/validate/image_header.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace deployflow::validate {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t k_head_bytes = 4096;
constexpr std::size_t k_tail_bytes = std::size_t{64} << 10U;
constexpr std::size_t k_most_meta_bytes = std::size_t{64} << 10U;
constexpr int k_most_parts = 512;  // chunks or segments: each may be a read of its own

// Numbers at a place of some bytes; 0 where they end before it.
std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : 0;
}
std::uint32_t big(std::string_view bytes, std::size_t at, int count) {
  std::uint32_t out = 0;
  for (int i = 0; i < count; ++i) {
    out = out << 8U | byte_at(bytes, at + static_cast<std::size_t>(i));
  }
  return out;
}
std::uint32_t little(std::string_view bytes, std::size_t at, int count) {
  std::uint32_t out = 0;
  for (int i = count; i > 0; --i) {
    out = out << 8U | byte_at(bytes, at + static_cast<std::size_t>(i) - 1);
  }
  return out;
}

std::optional<ImageSize> size_of(std::uint32_t width, std::uint32_t height) {
  return width > 0 && height > 0 ? std::optional(ImageSize{width, height}) : std::nullopt;
}

// The file, its first bytes at hand.
class File {
 public:
  File(std::uint64_t bytes, const ReadPart& read)
      : bytes_(bytes), read_(read), head_(read(0, k_head_bytes)) {}

  [[nodiscard]] std::string_view head() const { return head_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Valid until it is called again.
  [[nodiscard]] std::string_view at(std::uint64_t offset, std::size_t count) const {
    if (offset >= bytes_) {
      return {};
    }
    return offset + count <= head_.size()
               ? std::string_view(head_).substr(static_cast<std::size_t>(offset), count)
               : read_(offset, count);
  }
  [[nodiscard]] std::string_view tail(std::size_t count) const {
    return at(bytes_ - std::min<std::uint64_t>(bytes_, count), count);
  }

 private:
  std::uint64_t bytes_;
  const ReadPart& read_;
  std::string head_;
};

// Chunks, from the first on: length, name, content, checksum.
bool is_png_cut_off(const File& file) {
  if (file.tail(8).starts_with("IEND")) {
    return false;
  }
  std::uint64_t at = 8;
  for (int i = 0; i < k_most_parts; ++i) {
    const std::string_view chunk = file.at(at, 8);
    if (chunk.size() < 8) {
      return true;
    }
    if (chunk.ends_with("IEND")) {
      return false;  // whatever stands behind it
    }
    at += std::uint64_t{12} + big(chunk, 0, 4);
    if (at > file.bytes()) {
      return true;
    }
  }
  return false;
}

ImageHeader read_png(const File& file) {
  const std::string_view head = file.head();
  return {.kind = ImageKind::image,
          .size = size_of(big(head, 16, 4), big(head, 20, 4)),
          .may_be_turned = head.find("eXIf") != std::string_view::npos,
          .is_cut_off = is_png_cut_off(file)};
}

ImageHeader read_gif(const File& file) {
  return {.kind = ImageKind::image,
          .size = size_of(little(file.head(), 6, 2), little(file.head(), 8, 2)),
          .is_cut_off = file.bytes() < 13};
}

bool is_frame_header(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// Are these the last bytes of a picture that goes on? Then no marker ends it, and each FF is
// followed by what may follow it there: else something stands behind the picture, such as the film
// that telephones add.
bool is_open_scan(std::string_view bytes) {
  constexpr std::string_view k_may_follow =
      "\x00\xD0\xD1\xD2\xD3\xD4\xD5\xD6\xD7\xC4\xDA\xDB\xDD\xFE\xFF"sv;
  constexpr std::size_t k_plain = 4096;  // so many without an FF are no picture
  std::size_t begin = 0;
  for (std::size_t at = bytes.find('\xFF'); at != std::string_view::npos;
       at = bytes.find('\xFF', at + 1)) {
    if (at - begin > k_plain ||
        (at + 1 < bytes.size() && k_may_follow.find(bytes[at + 1]) == std::string_view::npos)) {
      return false;
    }
    begin = at;
  }
  return bytes.size() - begin <= k_plain;
}

// Segments up to the picture itself.
ImageHeader read_jpeg(const File& file) {
  constexpr std::uint32_t k_start_of_scan = 0xDA;
  ImageHeader out{.kind = ImageKind::image, .size = {}, .may_be_turned = true};
  std::uint64_t at = 2;
  for (int i = 0; i < k_most_parts; ++i) {
    const std::string_view segment = file.at(at, 9);
    if (segment.size() < 4) {
      out.is_cut_off = true;
      return out;
    }
    if (byte_at(segment, 0) != 0xFF) {
      return out;  // not as the standard says; browsers may know better
    }
    const std::uint32_t marker = byte_at(segment, 1);
    if (marker == 0xFF) {  // a byte that fills up
      ++at;
      continue;
    }
    if (is_frame_header(marker)) {
      out.size = size_of(big(segment, 7, 2), big(segment, 5, 2));
    }
    if (marker == k_start_of_scan) {
      const std::uint64_t tail = file.bytes() - std::min<std::uint64_t>(file.bytes(), k_tail_bytes);
      out.is_cut_off = is_open_scan(file.at(std::max(at, tail), k_tail_bytes));
      return out;
    }
    at += std::uint64_t{2} + std::max<std::uint32_t>(big(segment, 2, 2), 2);
  }
  return out;
}

ImageHeader read_webp(const File& file) {
  const std::string_view head = file.head();
  const std::string_view chunk = head.substr(12, 4);
  ImageHeader out{.kind = ImageKind::image, .size = {}};
  out.is_cut_off = std::uint64_t{8} + little(head, 4, 4) > file.bytes();
  if (chunk == "VP8X") {
    constexpr std::uint32_t k_exif = 0x08;
    out.may_be_turned = (byte_at(head, 20) & k_exif) != 0;
    out.size = size_of(little(head, 24, 3) + 1, little(head, 27, 3) + 1);
  } else if (chunk == "VP8 ") {
    out.size = size_of(little(head, 26, 2) & 0x3FFFU, little(head, 28, 2) & 0x3FFFU);
  } else if (chunk == "VP8L") {
    const std::uint32_t bits = little(head, 21, 4);
    out.size = size_of((bits & 0x3FFFU) + 1, (bits >> 14U & 0x3FFFU) + 1);
  }
  return out;
}

// What is inside of the first box of that name in `boxes`.
std::string_view box_in(std::string_view boxes, std::string_view name) {
  while (boxes.size() >= 8) {
    const std::size_t length = big(boxes, 0, 4);
    if (length < 8 || length > boxes.size()) {
      break;
    }
    if (boxes.substr(4, 4) == name) {
      return boxes.substr(8, length - 8);
    }
    boxes.remove_prefix(length);
  }
  return {};
}

// The largest of its pictures: the others are tiles, thumbnails and transparency.
std::optional<ImageSize> largest_extent(std::string_view properties) {
  std::optional<ImageSize> out;
  while (properties.size() >= 8) {
    const std::size_t length = big(properties, 0, 4);
    if (length < 8 || length > properties.size()) {
      break;
    }
    if (length >= 20 && properties.substr(4, 4) == "ispe") {
      const auto size = size_of(big(properties, 12, 4), big(properties, 16, 4));
      const auto area = [](const ImageSize& s) { return std::uint64_t{s.width} * s.height; };
      if (size && (!out || area(*size) > area(*out))) {
        out = size;
      }
    }
    properties.remove_prefix(length);
  }
  return out;
}

ImageHeader read_avif(const File& file) {
  ImageHeader out{.kind = ImageKind::image, .size = {}, .may_be_turned = true};
  std::uint64_t at = 0;
  bool has_meta = false;
  for (int i = 0; i < k_most_parts && at < file.bytes(); ++i) {
    const std::string box(file.at(at, 8));
    const std::uint32_t length = big(box, 0, 4);
    if (box.size() < 8 || length < 8) {  // 0: to the end; 1: a larger one. No head is so large
      break;
    }
    const bool is_meta = box.ends_with("meta"), is_data = box.ends_with("mdat");
    out.is_cut_off = (is_meta || is_data) && at + length > file.bytes();
    if (is_meta && !has_meta) {
      has_meta = true;
      const std::string meta(file.at(at + 12, std::min<std::size_t>(length, k_most_meta_bytes)));
      out.size = largest_extent(box_in(box_in(meta, "iprp"), "ipco"));
    }
    if (has_meta && is_data) {
      break;  // whatever stands behind it
    }
    at += length;
  }
  return out;
}

ImageHeader read_bmp(const File& file) {
  const std::string_view head = file.head();
  const bool is_small = little(head, 14, 4) < 40;  // of OS/2
  const std::uint32_t height = little(head, 22, 4);
  return {.kind = ImageKind::image,
          .size = is_small
                      ? size_of(little(head, 18, 2), little(head, 20, 2))
                      : size_of(little(head, 18, 4), height > 0x7FFFFFFFU ? ~height + 1 : height)};
}

// Icons have several sizes; the others are shown by a browser or two.
ImageHeader read_other(const File&) {
  return {.kind = ImageKind::image, .size = {}};
}

struct Format {
  std::size_t at;
  std::string_view magic;
  ImageHeader (*read)(const File&);
};
constexpr std::array k_formats{Format{0, "\x89PNG\r\n\x1A\n"sv, read_png},
                               Format{0, "GIF87a"sv, read_gif},
                               Format{0, "GIF89a"sv, read_gif},
                               Format{0, "\xFF\xD8\xFF"sv, read_jpeg},
                               Format{8, "WEBP"sv, read_webp},
                               Format{4, "ftyp"sv, read_avif},
                               Format{0, "BM"sv, read_bmp},
                               Format{0, "\0\0\1\0"sv, read_other},  // icon
                               Format{0, "\0\0\2\0"sv, read_other},  // cursor
                               Format{0, "II*\0"sv, read_other},     // TIFF
                               Format{0, "MM\0*"sv, read_other},     //
                               Format{0, "\xFF\x0A"sv, read_other},  // JPEG XL
                               Format{0, "\0\0\0\x0CJXL \r\n\x87\n"sv, read_other},
                               Format{0, "\0\0\0\x0CjP  \r\n\x87\n"sv, read_other},  // JPEG 2000
                               Format{0, "\xFF\x4F\xFF\x51"sv, read_other}};

ImageKind kind_of_other(std::string_view head) {
  constexpr std::string_view k_mark = "\xEF\xBB\xBF"sv;
  if (head.empty()) {
    return ImageKind::empty;
  }
  if (head.starts_with("version https://git-lfs.github.com/spec/")) {
    return ImageKind::lfs_pointer;
  }
  head = trimmed(head.starts_with(k_mark) ? head.substr(k_mark.size()) : head);
  const auto begins = [head](std::string_view text) {
    return equals_ignoring_case(head.substr(0, text.size()), text);
  };
  return begins("<!doctype html") || begins("<html") || begins("<head") || begins("<body")
             ? ImageKind::html
         : begins("<?xml") || begins("<svg") || begins("<!doctype") || begins("<!--")
             ? ImageKind::xml
             : ImageKind::unknown;
}

}  // namespace

ImageHeader read_image_header(std::uint64_t bytes, const ReadPart& read) {
  const File file(bytes, read);
  const std::string_view head = file.head();
  const auto* format = std::ranges::find_if(k_formats, [head](const Format& f) {
    return head.size() >= f.at && head.substr(f.at).starts_with(f.magic);
  });
  return format != k_formats.end() ? format->read(file)
                                   : ImageHeader{.kind = kind_of_other(head), .size = {}};
}

}  // namespace deployflow::validate
