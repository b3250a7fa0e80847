# Writes a source file with a number that stands for the bytes of FILES: cmake -DFILES=a;b -DOUT=c.cpp -P source_stamp.cmake
set(digests "")
foreach(name IN LISTS FILES)
  file(SHA256 ${name} digest)
  string(APPEND digests "${name} ${digest}\n")
endforeach()
string(SHA256 digest "${digests}")
string(SUBSTRING ${digest} 0 16 number)
file(WRITE ${OUT} "#include <cstdint>

namespace deployflow::validate {
extern const std::uint64_t k_source_stamp;
const std::uint64_t k_source_stamp = 0x${number}U;
}  // namespace deployflow::validate
")
