// Compresses what browsers ask for compressed: gzip (RFC 1952) with zlib, brotli (RFC 7932).
//
// The same bytes and settings give the same bytes with the same version of a library: no name, no
// time, no system in the header, and pieces of one size whatever the source gives. Memory does not
// grow with the input: 1 MiB for gzip, and for brotli with settings_for() up to 55 MiB.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace deployflow::stages {

enum class Coding : std::uint8_t { gzip, brotli };

/// "gzip", "br": the name in content-encoding.
std::string_view coding_name(Coding coding);

struct CompressSettings {
  Coding coding = Coding::gzip;
  int quality = 9;  // gzip: 1 to 9; brotli: 0 to 11

  /// "gz-1q9", "br-1q11": where these give other bytes than before, the number before q is counted
  /// up.
  [[nodiscard]] std::string tag() const;
};

/// The settings that a site is compressed with. Brotli's best quality takes two seconds for a
/// MiB, so larger files get less of it: 11 up to 2 MiB, 9 up to 32 MiB, 5 above.
CompressSettings settings_for(Coding coding, std::uint64_t size);

/// The next bytes, at most out.size() of them; 0 at the end. What it throws goes through.
using ByteSource = std::function<std::size_t(std::span<char> out)>;
using ByteSink = std::function<void(std::string_view)>;

/// Returns how many bytes the source had. `size`: what is expected of it; brotli's output depends
/// on it. Throws Failure{DF_INTERNAL} if the library does, std::bad_alloc.
std::uint64_t compress(const CompressSettings& settings,
                       std::uint64_t size,
                       const ByteSource& source,
                       const ByteSink& sink);

std::string gzip(std::string_view bytes);
std::string brotli(std::string_view bytes, int quality);

/// Is it of a kind that compresses, and large enough? Text, JavaScript, JSON, XML, WebAssembly,
/// fonts and pictures that are not compressed already; from 256 bytes on, below which headers and
/// packets outweigh the gain.
bool is_worth_compressing(std::string_view media_type, std::uint64_t size);

/// Did it gain at least 5 % and 64 bytes? Less is not worth a browser's work.
bool is_gain(std::uint64_t size, std::uint64_t compressed_size);

}  // namespace deployflow::stages
