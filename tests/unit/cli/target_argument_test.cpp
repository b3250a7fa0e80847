#include "cli/target_argument.hpp"

#include <doctest/doctest.h>

#include <string>

namespace deployflow::cli {
namespace {

CommandLine line_to(std::string to) {
  CommandLine line;
  line.command = Command::push;
  line.to = std::move(to);
  return line;
}

std::string refused(const CommandLine& line) {
  const auto target = target_of(line);
  REQUIRE_FALSE(target.ok());
  CHECK(target.error().code == Errc::usage);
  return target.error().message + " / " + target.error().hint;
}

TEST_CASE("a bucket, with or without a prefix") {
  CHECK(target_of(line_to("s3://b"))->bucket == "b");
  CHECK(target_of(line_to("s3://b"))->prefix.empty());
  CHECK(target_of(line_to("s3://b/"))->prefix.empty());
  CHECK(target_of(line_to("s3://b/p"))->prefix == "p/");
  CHECK(target_of(line_to("s3://www.example.com/p/q/"))->prefix == "p/q/");
  CHECK(target_of(line_to("s3://www.example.com/p/q/"))->bucket == "www.example.com");
}

TEST_CASE("a name is no target of the command line") {
  CHECK(refused(line_to("mirror")).find("belong in a pipeline file") != std::string::npos);
  CHECK(refused(line_to("https://b.s3.amazonaws.com")).find("not an s3:// URL") !=
        std::string::npos);
}

TEST_CASE("what cannot be a bucket or a prefix is refused") {
  for (const std::string to : {"s3://",
                               "s3:///p",
                               "s3://a b",
                               "s3://a%2Fb",
                               "s3://a@b",
                               "s3://b/../c",
                               "s3://b//x",
                               "s3://b/\x1b"}) {
    CAPTURE(to);
    const auto target = target_of(line_to(to));
    if (to != "s3://b/\x1b" && to != "s3://b//x") {
      CHECK_FALSE(target.ok());
    }
    if (!target.ok()) {
      CHECK(target.error().message.find('\x1b') == std::string::npos);
    }
  }
}

TEST_CASE("URLs are http or https, with a host; the public one ends in a slash") {
  CommandLine line = line_to("s3://b");
  line.endpoint_url = "http://127.0.0.1:9000";
  line.url = "https://www.example.com";
  CHECK(target_of(line)->endpoint == "http://127.0.0.1:9000");
  CHECK(target_of(line)->url == "https://www.example.com/");
  for (const std::string url :
       {"127.0.0.1:9000", "ftp://x", "http://", "http:///x", "http://a b", "http://x?y"}) {
    CAPTURE(url);
    line.endpoint_url = url;
    refused(line);
  }
}

TEST_CASE("a password in a URL is refused and not repeated") {
  CommandLine line = line_to("s3://b");
  line.endpoint_url = "http://user:hunter2@host";
  CHECK(refused(line).find("hunter2") == std::string::npos);
}

}  // namespace
}  // namespace deployflow::cli
