#include "stages/compress/coding.hpp"

#include <deployflow/stage.hpp>

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <vector>

namespace deployflow::stages {
namespace {

constexpr std::size_t k_piece = std::size_t{64} << 10;

/// Fills pieces of the source to the same size each, since what a library makes of its input may
/// depend on where it was cut.
class Pieces {
 public:
  explicit Pieces(const ByteSource& source) : source_(source), bytes_(k_piece) {}

  /// The next piece; shorter than the others, or empty, only at the end.
  std::span<char> next() {
    std::size_t filled = 0;
    while (filled < bytes_.size()) {
      const std::size_t got = source_(std::span(bytes_).subspan(filled));
      if (got == 0) {
        break;
      }
      filled += got;
    }
    total_ += filled;
    return std::span(bytes_).first(filled);
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  const ByteSource& source_;
  std::vector<char> bytes_;
  std::uint64_t total_ = 0;
};

[[noreturn]] void fail(const char* library) {
  throw Failure{DF_INTERNAL, std::string(library) + " failed to compress"};
}

class Deflater {
 public:
  explicit Deflater(int level) {
    constexpr int k_gzip_format = 16, k_memory_level = 9;
    const int made = deflateInit2(
        &stream_, level, Z_DEFLATED, MAX_WBITS + k_gzip_format, k_memory_level, Z_DEFAULT_STRATEGY);
    if (made == Z_MEM_ERROR) {
      throw std::bad_alloc();
    }
    if (made != Z_OK || deflateSetHeader(&stream_, &header_) != Z_OK) {
      fail("zlib");
    }
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void feed(std::span<char> piece, bool is_last, const ByteSink& sink) {
    stream_.next_in = reinterpret_cast<Bytef*>(piece.data());
    stream_.avail_in = static_cast<uInt>(piece.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      if (deflate(&stream_, is_last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) {
        fail("zlib");
      }
      sink({out_.data(), out_.size() - stream_.avail_out});
    } while (stream_.avail_out == 0);
  }

 private:
  static gz_header anonymous() {
    gz_header header{};
    header.os = 255;  // unknown, wherever it was made
    return header;
  }

  z_stream stream_{};
  gz_header header_ = anonymous();
  std::vector<char> out_ = std::vector<char>(k_piece);
};

class Brotli {
 public:
  Brotli(int quality, std::uint64_t size)
      : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (!state_) {
      throw std::bad_alloc();
    }
    constexpr std::uint64_t k_largest_hint = std::uint64_t{1} << 30U;
    const auto hint = static_cast<std::uint32_t>(std::min(size, k_largest_hint));
    if (BrotliEncoderSetParameter(
            state_.get(), BROTLI_PARAM_QUALITY, static_cast<std::uint32_t>(quality)) == 0 ||
        BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_LGWIN, BROTLI_DEFAULT_WINDOW) == 0 ||
        BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_SIZE_HINT, hint) == 0) {
      fail("brotli");
    }
  }

  void feed(std::span<char> piece, bool is_last, const ByteSink& sink) {
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(piece.data());
    std::size_t left = piece.size();
    do {
      std::size_t no_room = 0;  // the output is taken from the library's own memory
      if (BrotliEncoderCompressStream(state_.get(),
                                      is_last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS,
                                      &left,
                                      &next_in,
                                      &no_room,
                                      nullptr,
                                      nullptr) == 0) {
        fail("brotli");
      }
      while (BrotliEncoderHasMoreOutput(state_.get()) != 0) {
        std::size_t count = 0;  // as much as there is
        const std::uint8_t* out = BrotliEncoderTakeOutput(state_.get(), &count);
        sink({reinterpret_cast<const char*>(out), count});
      }
    } while (left > 0 || (is_last && BrotliEncoderIsFinished(state_.get()) == 0));
  }

 private:
  struct Destroy {
    void operator()(BrotliEncoderState* state) const { BrotliEncoderDestroyInstance(state); }
  };

  std::unique_ptr<BrotliEncoderState, Destroy> state_;
};

template <class Encoder>
std::uint64_t run(Encoder& encoder, const ByteSource& source, const ByteSink& sink) {
  Pieces pieces(source);
  bool is_last = false;
  while (!is_last) {
    const std::span<char> piece = pieces.next();
    is_last = piece.size() < k_piece;
    encoder.feed(piece, is_last, sink);
  }
  return pieces.total();
}

std::string compressed(const CompressSettings& settings, std::string_view bytes) {
  std::string out;
  const auto source = [left = bytes](std::span<char> room) mutable {
    const std::size_t count = left.copy(room.data(), room.size());
    left.remove_prefix(count);
    return count;
  };
  compress(settings, bytes.size(), source, [&](std::string_view piece) { out += piece; });
  return out;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

std::string_view coding_name(Coding coding) {
  return coding == Coding::gzip ? "gzip" : "br";
}

std::string CompressSettings::tag() const {
  return (coding == Coding::gzip ? "gz-1q" : "br-1q") + std::to_string(quality);
}

CompressSettings settings_for(Coding coding, std::uint64_t size) {
  constexpr std::uint64_t k_mib = std::uint64_t{1} << 20U;
  if (coding == Coding::gzip) {
    return {coding, 9};
  }
  return {coding, size <= 2 * k_mib ? 11 : size <= 32 * k_mib ? 9 : 5};
}

std::uint64_t compress(const CompressSettings& settings,
                       std::uint64_t size,
                       const ByteSource& source,
                       const ByteSink& sink) {
  if (settings.coding == Coding::gzip) {
    Deflater deflater(settings.quality);
    return run(deflater, source, sink);
  }
  Brotli encoder(settings.quality, size);
  return run(encoder, source, sink);
}

std::string gzip(std::string_view bytes) {
  return compressed({Coding::gzip, 9}, bytes);
}

std::string brotli(std::string_view bytes, int quality) {
  return compressed({Coding::brotli, quality}, bytes);
}

bool is_worth_compressing(std::string_view media_type, std::uint64_t size) {
  static constexpr std::array<std::string_view, 18> k_types{"application/javascript",
                                                            "application/json",
                                                            "application/x-javascript",
                                                            "application/x-ndjson",
                                                            "application/xml",
                                                            "application/wasm",
                                                            "application/rtf",
                                                            "application/toml",
                                                            "application/yaml",
                                                            "application/vnd.apple.mpegurl",
                                                            "application/vnd.ms-fontobject",
                                                            "font/ttf",
                                                            "font/otf",
                                                            "font/collection",
                                                            "font/sfnt",
                                                            "image/bmp",
                                                            "image/x-icon",
                                                            "image/vnd.microsoft.icon"};
  constexpr std::uint64_t k_least = 256;
  std::string essence(media_type.substr(0, media_type.find(';')));
  essence.resize(essence.find_last_not_of(" \t") + 1);
  std::transform(essence.begin(), essence.end(), essence.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return size >= k_least && (essence.rfind("text/", 0) == 0 || ends_with(essence, "+json") ||
                             ends_with(essence, "+xml") ||
                             std::find(k_types.begin(), k_types.end(), essence) != k_types.end());
}

bool is_gain(std::uint64_t size, std::uint64_t compressed_size) {
  constexpr std::uint64_t k_least_bytes = 64, k_least_part = 20;  // a twentieth: 5 %
  return compressed_size < size &&
         size - compressed_size >=
             std::max(k_least_bytes, (size + k_least_part - 1) / k_least_part);
}

}  // namespace deployflow::stages
