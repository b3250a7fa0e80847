// Vectors: FIPS 180-2 appendix B, RFC 1321 A.5, RFC 4231, RFC 4648 section 10.

#include "plugins/host/base/digest.hpp"

#include <doctest/doctest.h>

namespace {

using namespace deployflow;

std::string hex_sha256(std::string_view bytes) {
  return to_hex(sha256(bytes));
}

std::string base64(std::string_view text) {
  return to_base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TEST_CASE("SHA-256 gives what FIPS 180-2 says") {
  CHECK(hex_sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex_sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_sha256(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("MD5 gives what RFC 1321 says") {
  CHECK(to_hex(md5("")) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(to_hex(md5("message digest")) == "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST_CASE("HMAC-SHA-256 gives what RFC 4231 says, for short and for long keys") {
  CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha256(std::string(131, '\xaa'),
                           "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("an empty HMAC key is a key, not the key of the call before") {
  hmac_sha256("another key", "x");
  CHECK(to_hex(hmac_sha256(std::string_view{}, "")) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("hex has two lower-case digits a byte and keeps leading zeros") {
  const std::array<std::uint8_t, 4> bytes{0x00, 0x0A, 0xFF, 0x10};
  CHECK(to_hex(bytes) == "000aff10");
  CHECK(to_hex({}).empty());
}

TEST_CASE("base64 pads as RFC 4648 says") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("\xfb\xff\xfe") == "+//+");
  const std::string body(100, 'x');  // no line breaks, however long
  CHECK(base64(body).find('\n') == std::string::npos);
  CHECK(base64(body).size() == 136);
}

TEST_CASE("a stream digested in pieces has the digests of the whole") {
  std::string whole;
  for (int i = 0; i < 5000; ++i) {
    whole += static_cast<char>(i * 7);
  }
  for (const std::size_t piece : {1UL, 63UL, 64UL, 65UL, 4999UL, 5000UL}) {
    StreamDigest stream;
    for (std::size_t at = 0; at < whole.size(); at += piece) {
      stream.update(std::string_view(whole).substr(at, piece));
    }
    CHECK(stream.finish_sha256() == sha256(whole));
    CHECK(stream.finish_md5() == md5(whole));
  }
}

TEST_CASE("a stream digested by MD5 alone has the same MD5, and refuses to make up a SHA-256") {
  StreamDigest stream(StreamDigest::Of::md5);
  stream.update("hel");
  stream.update("lo");
  CHECK(stream.finish_md5() == md5("hello"));
  CHECK_THROWS(stream.finish_sha256());
}

TEST_CASE("a stream of nothing has the digests of nothing, also after a move") {
  StreamDigest first;
  first.update("");
  StreamDigest second = std::move(first);
  CHECK(second.finish_sha256() == sha256(""));
  CHECK(second.finish_md5() == md5(""));
}

}  // namespace
