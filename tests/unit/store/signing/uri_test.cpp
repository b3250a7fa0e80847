#include "plugins/host/store/uri.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

using namespace deployflow;
using namespace deployflow::store;

TEST_CASE("only unreserved characters survive encoding, and a path keeps its slashes") {
  CHECK(encode_path("/a b/c+d%2F~-._Z9") == "/a%20b/c%2Bd%252F~-._Z9");
  CHECK(encode_component("a/b c") == "a%2Fb%20c");
  CHECK(encode_path("/!*'()&=?#:@$,;") == "/%21%2A%27%28%29%26%3D%3F%23%3A%40%24%2C%3B");
}

TEST_CASE("bytes over 0x7F and control characters are encoded with upper-case hex") {
  CHECK(encode_path("/é") == "/%C3%A9");
  CHECK(encode_path("/e\xCC\x81") == "/e%CC%81");  // NFD stays NFD
  CHECK(encode_path("/😀") == "/%F0%9F%98%80");
  CHECK(encode_path(std::string_view("/\0\n\x7F", 4)) == "/%00%0A%7F");
}

TEST_CASE("a path is neither normalised nor shortened") {
  CHECK(encode_path("//a/../b/./") == "//a/../b/./");
}

TEST_CASE("every byte comes back from encoding and decoding") {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
  }
  CHECK(decode_percent(encode_component(all), Plus::literal) == all);
  CHECK(decode_percent(encode_path(all), Plus::space) == all);
}

TEST_CASE("a query is sorted by encoded name, then by encoded value") {
  using Pairs = std::vector<QueryPair>;
  CHECK(encode_query(Pairs{{"b", "1"}, {"a", "2"}}) == "a=2&b=1");
  CHECK(encode_query(Pairs{{"Param-3", "3"}, {"Param", "2"}}) == "Param=2&Param-3=3");
  CHECK(encode_query(Pairs{{"a", "b"}, {"a", "B"}, {"a", ""}}) == "a=&a=B&a=b");
  // By code point of what is sent: '%' stands before letters.
  CHECK(encode_query(Pairs{{"a", "1"}, {"é", "2"}, {"Z", "3"}}) == "%C3%A9=2&Z=3&a=1");
}

TEST_CASE("a name without value ends in '=', and no pairs make no query") {
  CHECK(encode_query(std::vector<QueryPair>{{"uploads", ""}}) == "uploads=");
  CHECK(encode_query({}).empty());
}

TEST_CASE("a plus is a space only in listings") {
  CHECK(decode_percent("a+b%2B", Plus::space) == "a b+");
  CHECK(decode_percent("a+b%2b", Plus::literal) == "a+b+");
}

TEST_CASE("a broken escape is refused, not guessed") {
  for (const char* text : {"%", "%4", "a%", "a%4", "%zz", "%4g", "%%41", "%+1", "% 1"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_percent(text, Plus::space).has_value());
  }
  CHECK(decode_percent("%41", Plus::space) == "A");
}

TEST_CASE("an endpoint's URL comes apart") {
  const auto url = parse_endpoint_url("HTTPS://S3.Example.com:9443/base/dir//");
  REQUIRE(url.ok());
  CHECK(url->scheme == "https");
  CHECK(url->host == "s3.example.com");
  CHECK(url->port == 9443);
  CHECK(url->path == "/base/dir");
  CHECK(url->authority() == "s3.example.com:9443");
  CHECK_FALSE(url->is_ip_literal);
}

TEST_CASE(
    "the default port is left out of the authority, as clients leave it out of the Host header") {
  CHECK(parse_endpoint_url("http://h:80")->authority() == "h");
  CHECK(parse_endpoint_url("https://h:443/")->authority() == "h");
  CHECK(parse_endpoint_url("http://h:443")->authority() == "h:443");
}

TEST_CASE("IP addresses are recognised, IPv6 in brackets") {
  const auto v6 = parse_endpoint_url("http://[::1]:9000");
  REQUIRE(v6.ok());
  CHECK(v6->host == "::1");
  CHECK(v6->authority() == "[::1]:9000");
  CHECK(v6->is_ip_literal);
  CHECK(parse_endpoint_url("https://[2001:DB8::1]")->authority() == "[2001:db8::1]");
  CHECK_FALSE(parse_endpoint_url(std::string_view("http://[::1\0x]", 14)).ok());
  CHECK(parse_endpoint_url("http://127.0.0.1")->is_ip_literal);
  CHECK_FALSE(parse_endpoint_url("http://127.0.0.1.example.com")->is_ip_literal);
}

TEST_CASE("an escaped path is kept decoded, to be encoded once with the key") {
  CHECK(parse_endpoint_url("http://h/a%20b")->path == "/a b");
  CHECK(parse_endpoint_url("http://h/")->path.empty());
}

TEST_CASE("nonsense is refused with its reason") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "is empty"},
      {"127.0.0.1:9000", "no scheme"},
      {"s3.example.com", "no scheme"},
      {"ftp://h", "scheme other than"},
      {"://h", "scheme other than"},
      {"http://", "no host"},
      {"http:///path", "no host"},
      {"http://:9000", "no host"},
      {"http://h:", "port"},
      {"http://h:0", "port"},
      {"http://h:65536", "port"},
      {"http://h:9999999999999", "port"},
      {"http://h:+80", "port"},
      {"http://h:80a", "port"},
      {"http://h: 80", "port"},
      {"http://::1:9000", "brackets"},
      {"http://[::1", "IPv6"},
      {"http://[]", "IPv6"},
      {"http://[zz]", "IPv6"},
      {"http://[fe80::1%25eth0]", "IPv6"},
      {"http://[::1]9000", "after its IPv6"},
      {"http://a b", "not a DNS name"},
      {"http://a..b", "not a DNS name"},
      {"http://.a", "not a DNS name"},
      {"http://bücher.example", "not a DNS name"},
      {"http://h\r\nx", "not a DNS name"},
      {"http://h?x=1", "query"},
      {"http://h/#a", "query"},
      {"http://h/%zz", "two hex digits"},
      {"http://h/%00", "control character"},
      {"http://h/%0d%0a", "control character"},
  };
  for (const auto& one : cases) {
    const std::string text = one.first;  // by name: clang 14 captures no structured binding
    CAPTURE(text);
    const auto url = parse_endpoint_url(text);
    REQUIRE_FALSE(url.ok());
    CHECK(url.error().code == Errc::config);
    CHECK(url.error().message.find(one.second) != std::string::npos);
    CHECK(url.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("a password in a URL is refused and not repeated") {
  for (const char* text : {"http://user:canary@h", "user:canary@h", "http://a:canary/x@h/"}) {
    const auto url = parse_endpoint_url(text);
    REQUIRE_FALSE(url.ok());
    CHECK(url.error().message.find("canary") == std::string::npos);
    CHECK(url.error().hint.find("canary") == std::string::npos);
  }
}
