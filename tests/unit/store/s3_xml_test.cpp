#include "plugins/host/store/s3_xml.hpp"

#include <doctest/doctest.h>

using namespace deployflow;
using namespace deployflow::store;

TEST_CASE("an error document is told from everything else") {
  const auto error = parse_error_xml(
      "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>Reduce &amp; retry</Message>"
      "<Region>eu-west-1</Region></Error>");
  REQUIRE(error);
  CHECK(error->code == "SlowDown");
  CHECK(error->message == "Reduce & retry");
  CHECK(error->region == "eu-west-1");
  for (const char* other : {"",
                            "not xml",
                            "<Other/>",
                            "junk <Error/>",
                            "<Error><Code>x</Code>",
                            "<html><body>502 Bad Gateway</body></html>"}) {
    CAPTURE(other);
    CHECK_FALSE(parse_error_xml(other));
  }
}

TEST_CASE("a listing has keys, sizes, ETags without quotes and times") {
  const auto reply = parse_list_xml(
      "<ListBucketResult "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>true</IsTruncated>"
      "<NextContinuationToken>t0k=</NextContinuationToken><EncodingType>url</EncodingType>"
      "<Contents><Key>a+b%2Bc%20d</Key><Size>12</Size><ETag>&quot;abc&quot;</ETag>"
      "<LastModified>2026-11-20T22:33:11.000Z</LastModified></Contents></ListBucketResult>");
  REQUIRE(reply.ok());
  REQUIRE(reply.value().objects.size() == 1);
  CHECK(reply.value().objects[0].key == "a b+c d");
  CHECK(reply.value().objects[0].size == 12);
  CHECK(reply.value().objects[0].etag == "abc");
  CHECK(reply.value().objects[0].modified > 1'700'000'000);
  CHECK(reply.value().truncated);
  CHECK(reply.value().next_token == "t0k=");
}

TEST_CASE("keys are decoded only if the page says that they are encoded") {
  const auto reply = parse_list_xml(
      "<ListBucketResult><IsTruncated>false</IsTruncated>"
      "<Contents><Key>100%25+</Key><Size>1</Size></Contents></ListBucketResult>");
  REQUIRE(reply.ok());
  CHECK(reply.value().objects[0].key == "100%25+");
}

TEST_CASE("hostile listings are errors, not surprises") {
  const std::string head = "<ListBucketResult><Contents><Key>";
  const std::string tail = "</Key><Size>1</Size></Contents></ListBucketResult>";
  for (const std::string& body : std::vector<std::string>{
           head + "a&#0;b" + tail,
           head + "a&#x000;b" + tail,
           head + std::string("a\0b", 3) + tail,
           "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
           "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>",
           "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%zz</Key>"
           "<Size>1</Size></Contents></ListBucketResult>",
           std::string("<Other/>"),
           std::string(),
           std::string("{}")}) {
    CAPTURE(body);
    CHECK_FALSE(parse_list_xml(body).ok());
  }
}

TEST_CASE("entities of a DTD are not expanded") {
  const auto reply = parse_list_xml(
      "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
      "<ListBucketResult><Contents><Key>&e;</Key><Size>1</Size></Contents></ListBucketResult>");
  REQUIRE(reply.ok());
  CHECK(reply.value().objects[0].key == "&e;");
}

TEST_CASE("deep nesting and a million entries neither crash nor take long") {
  std::string deep = "<ListBucketResult>";
  for (int i = 0; i < 200'000; ++i) {
    deep += "<a>";
  }
  CHECK_FALSE(parse_list_xml(deep).ok());
  std::string wide = "<DeleteResult>";
  for (int i = 0; i < 100'000; ++i) {
    wide += "<Deleted/>";
  }
  CHECK(parse_delete_many_xml(wide + "</DeleteResult>").ok());
}

TEST_CASE("per-key failures of DeleteObjects are kept") {
  const auto reply = parse_delete_many_xml(
      "<DeleteResult><Error><Key>a&lt;b</Key><Code>AccessDenied</Code><Message>no\x1B[31m</"
      "Message></Error>"
      "</DeleteResult>");
  REQUIRE(reply.ok());
  REQUIRE(reply.value().failures.size() == 1);
  CHECK(reply.value().failures[0].key == "a<b");
  CHECK(reply.value().failures[0].code == "AccessDenied");
  CHECK(reply.value().failures[0].message == "no\\x1b[31m");
}

TEST_CASE("what is written is escaped") {
  const std::vector<std::string> keys{"a<b>&\"c"};
  CHECK(make_delete_many_xml(keys).find("<Key>a&lt;b&gt;&amp;&quot;c</Key>") != std::string::npos);
  CHECK(is_xml_text("caf\xC3\xA9 & <b>"));
  CHECK_FALSE(is_xml_text("bell\x07"));
  CHECK_FALSE(is_xml_text("\xFF"));
}
