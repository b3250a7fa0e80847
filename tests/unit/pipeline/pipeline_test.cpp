#include "plugins/host/pipeline/pipeline.hpp"

#include "tests/unit/pipeline/reading.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace deployflow::pipeline {
namespace {

constexpr std::string_view k_example = R"(# deployflow.yaml
version: 1
site: ./public
targets:
  primary: {endpoint: http://127.0.0.1:9000, bucket: source-bucket, region: us-east-1}
  mirror:  {endpoint: http://127.0.0.1:9100, bucket: target-bucket}
stages:
  - uses: validate
    with: {max_file_size: 10MiB}
  - uses: upload
    with: {to: primary}
  - uses: replicate
    with: {from: primary, to: [mirror]}
)";

TEST_CASE("the first example parses to exactly what it says") {
  const Parsed parsed = parse(k_example);
  REQUIRE(lines_of(parsed.diagnostics) == Lines{});
  const Pipeline& pipeline = *parsed.pipeline;
  CHECK(pipeline.file == "p");
  CHECK(pipeline.folder == "/site");
  CHECK(pipeline.site == "/site/public");
  CHECK(pipeline.plugins.empty());
  REQUIRE(pipeline.targets.size() == 2);
  const store::TargetConfig& primary = pipeline.targets[0].config;
  CHECK(primary.name == "primary");
  CHECK(primary.endpoint == "http://127.0.0.1:9000");
  CHECK(primary.bucket == "source-bucket");
  CHECK(primary.region == "us-east-1");
  CHECK(primary.prefix.empty());
  CHECK_FALSE(primary.anonymous);
  CHECK(primary.addressing == store::Addressing::automatic);
  CHECK(pipeline.targets[0].at.line == 5);
  CHECK(pipeline.targets[0].at.column == 3);
  CHECK(pipeline.find_target("mirror")->config.bucket == "target-bucket");
  CHECK(pipeline.find_target("mirror")->config.region.empty());
  REQUIRE(pipeline.stages.size() == 3);
  CHECK(pipeline.stages[0].id == "validate");
  CHECK(pipeline.stages[1].uses == "upload");
  CHECK(pipeline.stages[2].uses_at.line == 12);
  CHECK(pipeline.stages[2].uses_at.column == 11);
  const Value& with = pipeline.stages[2].with;
  CHECK(with.kind == Value::Kind::map);
  CHECK(with.find("from")->text == "primary");
  REQUIRE(with.find("to")->list.size() == 1);
  CHECK(with.find("to")->list[0].text == "mirror");
  CHECK(with.find("to")->list[0].at.column == 32);
}

TEST_CASE("every setting of a target is read and has one spelling") {
  const Parsed parsed = parse(R"(version: 1
site: "-"
plugins: [./a.so, {path: /lib/b.so}]
targets:
  t:
    endpoint: HTTPS://Store.example:8443/s3//
    bucket: b
    prefix: /docs/v1
    region: 010
    profile: me
    addressing: virtual
    url: https://example.org
    ca_file: certs/ca.pem
    client_cert_file: certs/me.pem
    client_key_file: /keys/me.pem
    stall_timeout: 1m
    acl: bucket-owner-full-control
    wire: {list: v1, list_keys: plain, if_match: bare, delete_many: false, signed_media_type: false, content_md5: false}
  u: {bucket: b, prefix: /, anonymous: true, addressing: path, region: "", url: "${EMPTY}"}
stages:
  - {uses: acme/check, id: first}
  - {uses: acme/check, id: second, with: }
)");
  REQUIRE(lines_of(parsed.diagnostics) == Lines{});
  CHECK(parsed.pipeline->site == "-");
  REQUIRE(parsed.pipeline->plugins.size() == 2);
  CHECK(parsed.pipeline->plugins[0].path == "/site/a.so");
  CHECK(parsed.pipeline->plugins[1].path == "/lib/b.so");
  CHECK(parsed.pipeline->plugins[1].at.column == 26);
  const store::TargetConfig& t = parsed.pipeline->targets[0].config;
  CHECK(t.endpoint == "https://Store.example:8443/s3");
  CHECK(t.prefix == "docs/v1/");
  CHECK(t.region == "010");
  CHECK(t.profile == "me");
  CHECK(t.addressing == store::Addressing::virtual_host);
  CHECK(t.url == "https://example.org/");
  CHECK(t.ca_file == "/site/certs/ca.pem");
  CHECK(t.client_cert_file == "/site/certs/me.pem");
  CHECK(t.client_key_file == "/keys/me.pem");
  CHECK(t.stall_timeout == std::chrono::minutes(1));
  CHECK(t.acl == "bucket-owner-full-control");
  CHECK(t.wire.list == store::ListVersion::v1);
  CHECK(t.wire.list_keys == store::ListKeys::plain);
  CHECK(t.wire.if_match == store::IfMatch::bare);
  CHECK_FALSE(t.wire.delete_many);
  CHECK_FALSE(t.wire.signed_media_type);
  CHECK_FALSE(t.wire.content_md5);
  const store::TargetConfig& u = parsed.pipeline->targets[1].config;
  CHECK(u.prefix.empty());
  CHECK(u.anonymous);
  CHECK(u.addressing == store::Addressing::path);
  CHECK(u.url.empty());
  CHECK(u.client_cert_file.empty());
  CHECK(u.stall_timeout == std::chrono::seconds(30));
  CHECK(u.acl.empty());
  CHECK(u.wire.list == store::ListVersion::v2);
  CHECK(u.wire.delete_many);
  CHECK(u.wire.content_md5);
  CHECK(parsed.pipeline->stages[0].id == "first");
  CHECK(parsed.pipeline->stages[1].with.kind == Value::Kind::map);
}

TEST_CASE("a client certificate may hold its key, but a key is nothing without a certificate") {
  CHECK(
      wrong(R"(version: 1
targets:
  a: {bucket: b, client_cert_fil: c.pem}
  b: {bucket: b, client_key_file: k.pem}
  c: {bucket: b, client_cert_file: c.pem}
  d: {bucket: b, client_cert_file: c.pem, stall_timeout: 0.5s}
stages: [{uses: validate}]
)") ==
      Lines{
          R"(p:3:18: targets.a.client_cert_fil: unknown key (did you mean "client_cert_file"?))",
          R"(p:4:35: targets.b.client_key_file: a key without a certificate (name the certificate in client_cert_file))",
          R"(p:6:58: targets.d.stall_timeout: must be at least 1000 ms)",
      });
}

TEST_CASE("all mistakes of a file are reported at once, in its order") {
  CHECK(
      wrong(R"(version: 2
sitee: ./public
targets:
  primary: {bucket: a/b, regionn: us}
  mirror:  {endpoint: "http://h:90000", prefix: a/../b, anonymous: yes, addressing: pathh}
plugins: x.so
stages:
  - uses: validate
    with: {a: 1, a: 2}
  - use: upload
  - uses: a b
)") ==
      Lines{
          R"(p:1:10: version: must be 1, not "2")",
          R"(p:2:1: sitee: unknown key (did you mean "site"?))",
          R"(p:4:21: targets.primary.bucket: must be the name of a bucket: 1 to 255 letters, digits, ".", "_" and "-" (a path in the bucket goes into "prefix"))",
          R"(p:4:26: targets.primary.regionn: unknown key (did you mean "region"?))",
          R"(p:5:12: targets.mirror: "bucket" is missing)",
          R"(p:5:23: targets.mirror.endpoint: must name a host, and after ":" a port from 1 to 65535)",
          R"(p:5:49: targets.mirror.prefix: has an empty, "." or ".." part between slashes)",
          R"(p:5:68: targets.mirror.anonymous: expected true or false, not "yes" (write true))",
          R"(p:5:85: targets.mirror.addressing: must be one of auto, path, virtual; not "pathh" (did you mean "path"?))",
          R"(p:6:10: plugins: expected a list, not "x.so" (put it in brackets: [...]))",
          R"(p:9:18: duplicate key "a" (it is already in line 9))",
          R"(p:10:5: stages[1].use: unknown key (did you mean "uses"?))",
          R"(p:11:11: stages[2].uses: "a b" does not have the form that is asked for (type of the stage, such as upload or acme/check))",
      });
}

TEST_CASE("version and stages are required, and there is at least one stage") {
  CHECK(wrong("site: x\n") == Lines{R"(p:1:1: "version" is missing (add "version: 1"))",
                                    R"(p:1:1: "stages" is missing)"});
  CHECK(wrong("version: 1\nstages: []\n") == Lines{"p:2:9: stages: needs at least 1 entry"});
  CHECK(wrong("version: 1\nstages:\n") == Lines{"p:2:1: stages: needs at least 1 entry"});
  CHECK(wrong("version: \"1\"\nstages: [{uses: a}]\n") ==
        Lines{R"(p:1:10: version: expected 1, not "1" (remove the quotes))"});
  CHECK(wrong("version: 1\nstages:\n  - uses:\n    id: x\n  -\n  - {uses: u}\n") ==
        Lines{"p:3:5: stages[0].uses: expected text, but it is empty",
              R"(p:5:3: stages[1]: "uses" is missing)"});
  CHECK(wrong("- a\n") == Lines{"p:1:1: expected a map, not a list"});
}

TEST_CASE("a file that holds no value says so") {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "...\n", "~"}) {
    CHECK(wrong(text) == Lines{"p:1:1: the file is empty"});
  }
}

TEST_CASE("two stages of one type need names of their own") {
  CHECK(
      wrong("version: 1\nstages:\n  - uses: upload\n  - uses: upload\n") ==
      Lines{
          R"(p:4:11: stages[1]: another stage is called "upload" already (stages[0]) (give this one a name of its own with "id"))"});
  CHECK(wrong("version: 1\nstages:\n  - {uses: a, id: x}\n  - {uses: b, id: x}\n") ==
        Lines{R"(p:4:19: stages[1].id: another stage is called "x" already (stages[0]))"});
  CHECK(wrong("version: 1\nstages:\n  - {uses: a}\n  - {uses: b, id: [1]}\n") ==
        Lines{"p:4:19: stages[1].id: expected text, not a list"});
}

TEST_CASE("credentials in the file are refused, and no message repeats them") {
  const Lines found = wrong(R"(version: 1
password: hunter2
targets:
  a: {bucket: b, access_key: AKIAHUNTER2, secret-key: hunter2, AWS_SESSION_TOKEN: hunter2}
  b: {bucket: b, endpoint: "https://me:hunter2@store.example/"}
  c: {bucket: b, url: "http://hunter2@store.example"}
stages: [{uses: u}]
)");
  REQUIRE(found.size() == 6);
  const std::string advice =
      " (set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or name a profile of "
      "~/.aws with \"profile\")";
  CHECK(found[0] == "p:2:1: password: credentials never go into this file" + advice);
  CHECK(found[1] == "p:4:18: targets.a.access_key: credentials never go into this file" + advice);
  CHECK(found[2] == "p:4:43: targets.a.secret-key: credentials never go into this file" + advice);
  CHECK(found[3] ==
        "p:4:64: targets.a.AWS_SESSION_TOKEN: credentials never go into this file" + advice);
  CHECK(found[4].rfind("p:5:28: targets.b.endpoint: has a user or password in it", 0) == 0);
  CHECK(found[5].rfind("p:6:23: targets.c.url: has a user or password in it", 0) == 0);
  for (const auto& line : found) {
    CHECK(line.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("names of targets are plain, and a target is either anonymous or has a profile") {
  CHECK(
      wrong(R"(version: 1
targets:
  "a b": {bucket: b}
  ${SET}: {bucket: b}
  c: {bucket: b, anonymous: true, profile: p}
stages: [{uses: u}]
)") ==
      Lines{
          R"(p:3:3: targets["a b"]: the name of a target is made of letters, digits, "_" and "-")",
          R"(p:4:3: targets["${SET}"]: the name of a target is made of letters, digits, "_" and "-" (variables are replaced in values, not in keys))",
          "p:5:44: targets.c.profile: an anonymous target uses no profile (remove one of the two)",
      });
}

TEST_CASE("control characters of a file never reach the terminal") {
  CHECK(
      wrong("version: 1\n\"a\\e[31m\": 1\nstages: [{uses: u}]\n") ==
      Lines{
          R"(p:2:1: ["a\x1b[31m"]: unknown key (keys: version, site, plugins, targets, stages))"});
  CHECK(to_string({{1, 2}, "x\n", "y\x07"}, "f\x1b") == "f\\x1b:1:2: x\\x0a (y\\x07)");
  CHECK(to_string({{}, "x", ""}, "f") == "f: x");
  CHECK(to_string({{3, 1}, "x", ""}, "") == "x");
}

TEST_CASE("the pipeline file is found in the folder or the nearest one above") {
  std::string pattern = (std::filesystem::temp_directory_path() / "deployflow-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  const std::filesystem::path root = std::filesystem::canonical(pattern);
  std::filesystem::create_directories(root /
                                      "a/b/deployflow.yaml");  // a folder of that name is none
  CHECK_FALSE(find_pipeline_file((root / "a/b").string()).has_value());
  std::ofstream(root / "deployflow.yaml") << "version: 1\n";
  CHECK(find_pipeline_file((root / "a/b").string()) == (root / "deployflow.yaml").string());
  CHECK(find_pipeline_file((root / "a/b/").string()) == (root / "deployflow.yaml").string());
  CHECK(find_pipeline_file(root.string()) == (root / "deployflow.yaml").string());
  std::filesystem::create_symlink("nowhere", root / "a/deployflow.yaml");
  CHECK(find_pipeline_file((root / "a/b").string()) == (root / "a/deployflow.yaml").string());
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace deployflow::pipeline
