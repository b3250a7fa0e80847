#include "stages/compress/compress.hpp"

#include "plugins/host/base/environment.hpp"
#include "plugins/host/run/stage_instance.hpp"
#include "tests/support/scratch.hpp"
#include "tests/unit/stages/release/real_host.hpp"

#include <brotli/decode.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace deployflow::test {
namespace {

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;

const std::string k_html = "text/html; charset=utf-8";
const std::string k_css = "text/css; charset=utf-8";

std::string page(std::size_t size, int seed = 1) {
  std::minstd_rand random(static_cast<unsigned>(seed));
  std::string text;
  while (text.size() < size) {
    text += "<p>word " + std::to_string(random() % 1000) + "</p>\n";
  }
  text.resize(size);
  return text;
}

std::string noise(std::size_t size) {
  std::mt19937 random(1);
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(random());
  }
  return bytes;
}

std::string gunzip(const std::string& bytes) {
  constexpr int k_gzip_only = MAX_WBITS + 16;
  std::string out(std::size_t{4} << 20, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, k_gzip_only) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return result == Z_STREAM_END ? out : "no gzip";
}

std::string unbrotli(const std::string& bytes) {
  std::string out(std::size_t{4} << 20, '\0');
  std::size_t count = out.size();
  const auto result = BrotliDecoderDecompress(bytes.size(),
                                              reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                              &count,
                                              reinterpret_cast<std::uint8_t*>(out.data()));
  out.resize(count);
  return result == BROTLI_DECODER_RESULT_SUCCESS ? out : "no brotli";
}

/// The stage in the real host, which calls process() on four threads. One run.
class Run {
 public:
  explicit Run(const std::string& cache_folder = "") {
    type_.table = &Bind<stages::Compress>::table;
    run_.environment = [cache_folder](std::string_view name) -> std::optional<std::string> {
      return name == "DEPLOYFLOW_CACHE_DIR" && !cache_folder.empty() ? std::optional(cache_folder)
                                                                     : std::nullopt;
    };
  }

  RealHost host;

  void add_file(const std::string& key, const std::string& media_type, const std::string& path) {
    site::Artifact artifact;
    artifact.key = key;
    artifact.media_type = media_type;
    artifact.path = path;
    artifact.stamp = open_regular(path).value().stamp;
    host.artifacts.put(std::move(artifact));
  }

  /// `options`: lines of YAML. "" or what went wrong.
  std::string go(const std::string& options = "{}") {
    pipeline::Stage stage;
    stage.id = stage.uses = "compress";
    REQUIRE(pipeline::check(options, stages::Compress::options, &stage.with) == Lines{});
    auto made = run::StageInstance::make(run_, type_, stage);
    if (!made) {
      return made.error().message;
    }
    instances_.push_back(std::move(made).value());
    const auto ran = instances_.back()->run(host.artifacts.count(), host.artifacts.total_bytes());
    return ran ? "" : ran.error().message;
  }
  /// As the end of the run does it.
  void end() { instances_.clear(); }
  void interrupt() { host.stop.request_stop(); }

  [[nodiscard]] std::string bytes(const std::string& key) const {
    const auto artifact = host.artifacts.find(key);
    REQUIRE(artifact != nullptr);
    std::string out(artifact->size(), '\0');
    REQUIRE(site::read_artifact(*artifact, 0, out).value() == out.size());
    return out;
  }
  [[nodiscard]] std::string path(const std::string& key) const {
    return host.artifacts.find(key)->path;
  }
  /// "key: media type | header: value"
  [[nodiscard]] Lines lines() const {
    Lines out;
    for (const std::uint64_t id : host.artifacts.ids()) {
      const auto artifact = host.artifacts.get(id);
      std::string line = artifact->key + ": " + artifact->media_type;
      for (const auto& [name, value] : artifact->headers) {
        line += " | " + name + ": " + value;
      }
      out.push_back(line);
    }
    return out;
  }
  [[nodiscard]] std::string output(const std::string& name) const {
    for (const auto& [known, json] : host.events.outputs()) {
      if (known == "compress." + name) {
        return json;
      }
    }
    return "";
  }

 private:
  ThreadPool pool_{4};
  run::Approval approval_{
      nullptr, run::Approval::Keep::no, host.artifacts, host.targets, pool_, host.stop.get_token()};
  run::RunState run_{"id",
                     "deployflow.yaml",
                     false,
                     host.stop.get_token(),
                     {},
                     host.events,
                     host.artifacts,
                     host.targets,
                     approval_,
                     pool_,
                     {},
                     false};
  load::StageType type_;
  std::vector<std::unique_ptr<run::StageInstance>> instances_;  // go first
};

TEST_CASE("what compresses is replaced by its compressed form, and the rest stays") {
  Run run;
  const std::string html = page(5000);
  run.host.add("index.html", k_html, {}, html);
  run.host.add("photo.jpg", "image/jpeg", {}, page(5000));
  run.host.add("small.css", k_css, {}, page(255));
  REQUIRE(run.go() == "");
  CHECK(run.lines() == Lines{"index.html: " + k_html + " | content-encoding: gzip",
                             "photo.jpg: image/jpeg",
                             "small.css: " + k_css});
  CHECK((gunzip(run.bytes("index.html")) == html));
  CHECK(run.output("compressed") == "1");
  CHECK(run.output("saved") == std::to_string(html.size() - run.bytes("index.html").size()));
  CHECK(run.host.findings() == Lines{});
}

TEST_CASE("the coding is chosen") {
  Run run;
  run.host.add("index.html", k_html, {}, page(5000));
  REQUIRE(run.go("codings: [br]") == "");
  CHECK(run.lines() == Lines{"index.html: " + k_html + " | content-encoding: br"});
  CHECK((unbrotli(run.bytes("index.html")) == page(5000)));
}

TEST_CASE("beside the file stand all codings, with its media type, and the file stays what it is") {
  Run run;
  const std::string html = page(5000);
  const std::uint64_t id =
      run.host.add("index.html", k_html, {{"cache-control", "no-store"}}, html);
  REQUIRE(run.go("{codings: [br, gzip], as: beside}") == "");
  CHECK(run.lines() ==
        Lines{"index.html: " + k_html + " | cache-control: no-store",
              "index.html.br: " + k_html + " | cache-control: no-store | content-encoding: br",
              "index.html.gz: " + k_html + " | cache-control: no-store | content-encoding: gzip"});
  CHECK(run.host.artifacts.find("index.html")->id == id);
  CHECK((gunzip(run.bytes("index.html.gz")) == html));
  CHECK((unbrotli(run.bytes("index.html.br")) == html));
  CHECK(run.output("compressed") == "1");
  CHECK(run.output("saved") == std::to_string(html.size() - run.bytes("index.html.br").size()));
}

TEST_CASE("what the author compressed stays, and a key that would be too long is not made") {
  Run run;
  const std::string long_key = std::string(1017, 'k') + ".html";  // with .gz one too many
  run.host.add("a.css", k_css, {}, page(5000));
  run.host.add("a.css.gz", "application/gzip", {}, "the author's");
  run.host.add(long_key, k_html, {}, page(5000));
  REQUIRE(run.go("as: beside") == "");
  CHECK(run.lines() ==
        Lines{"a.css: " + k_css, "a.css.gz: application/gzip", long_key + ": " + k_html});
  CHECK(run.bytes("a.css.gz") == "the author's");
}

TEST_CASE("headers of earlier stages survive") {
  Run run;
  run.host.add("index.html",
               k_html,
               {{"cache-control", "no-store"}, {"x-amz-meta-a", "b"}, {"content-language", "de"}},
               page(5000));
  REQUIRE(run.go() == "");
  CHECK(run.lines() == Lines{"index.html: " + k_html +
                             " | cache-control: no-store | x-amz-meta-a: b | content-language: de"
                             " | content-encoding: gzip"});
}

TEST_CASE("what is encoded already is left alone, also what an earlier compress made") {
  Run run;
  run.host.add("a.css", k_css, {{"content-encoding", "zstd"}}, page(5000));
  run.host.add("b.css", k_css, {}, page(5000));
  REQUIRE(run.go() == "");
  const std::string once = run.bytes("b.css");
  REQUIRE(run.go("match: \"**\"") == "");
  CHECK(run.lines() == Lines{"a.css: " + k_css + " | content-encoding: zstd",
                             "b.css: " + k_css + " | content-encoding: gzip"});
  CHECK((run.bytes("a.css") == page(5000)));
  CHECK((run.bytes("b.css") == once));
}

TEST_CASE("what gains too little is left alone, in this run and from the cache") {
  const Scratch scratch;
  for (int i = 0; i < 2; ++i) {
    Run run(scratch / "cache");
    run.host.add("a.css", k_css, {}, noise(5000));
    run.host.add("empty.css", k_css, {}, "");
    REQUIRE(run.go("match: \"*.css\"") == "");
    CHECK(run.lines() == Lines{"a.css: " + k_css, "empty.css: " + k_css});
    CHECK((run.bytes("a.css") == noise(5000)));
    CHECK(run.output("compressed") == "0");
    CHECK(run.output("saved") == "0");
  }
}

TEST_CASE("a second run takes the same files out of the cache") {
  const Scratch scratch;
  std::string path;
  fs::file_time_type written;
  for (int i = 0; i < 2; ++i) {
    Run run(scratch / "cache");
    run.host.add("a.css", k_css, {}, page(5000));
    run.host.add("b.css", k_css, {}, page(5000));  // the same content
    REQUIRE(run.go() == "");
    CHECK(run.path("a.css") == run.path("b.css"));
    CHECK(run.path("a.css").rfind(scratch / "cache/stage-compress/", 0) == 0);
    if (i == 0) {
      path = run.path("a.css");
      written = fs::last_write_time(path);
    }
    CHECK(run.path("a.css") == path);
    CHECK(fs::last_write_time(path) == written);
    CHECK((gunzip(run.bytes("a.css")) == page(5000)));
    run.end();
    CHECK(fs::exists(path));
  }
}

TEST_CASE("what the cache has is not compressed again") {
  const Scratch scratch;
  const std::string folder = scratch / "cache/stage-compress";
  std::string name;
  {
    Run run(scratch / "cache");
    run.host.add("a.css", k_css, {}, page(5000));
    REQUIRE(run.go() == "");
    name = fs::path(run.path("a.css")).filename().string();
  }
  // Another's bytes in its place, with the checksum in the name that they have.
  const std::string fake = "not made by zlib";
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(fake.data()), static_cast<uInt>(fake.size()));
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08lx", crc);
  fs::remove(folder + "/" + name);
  const std::string path = folder + "/" + name.substr(0, name.rfind('.') + 1) + digits.data();
  std::ofstream(path, std::ios::binary) << fake;
  Run run(scratch / "cache");
  run.host.add("a.css", k_css, {}, page(5000));
  REQUIRE(run.go() == "");
  CHECK(run.path("a.css") == path);
  CHECK(run.bytes("a.css") == fake);
}

TEST_CASE("without a cache folder, or with one that cannot be written, the run has its own") {
  const Scratch scratch;
  scratch.write("cache/stage-compress", "a file where the folder should be");
  for (const std::string& folder : {std::string(), scratch / "cache"}) {
    Run run(folder);
    run.host.add("a.css", k_css, {}, page(5000));
    REQUIRE(run.go() == "");
    const std::string path = run.path("a.css");
    CHECK((gunzip(run.bytes("a.css")) == page(5000)));
    CHECK(path.rfind(scratch.path(), 0) != 0);
    run.end();
    CHECK_FALSE(fs::exists(path));
  }
}

TEST_CASE("what the cache cannot keep is used all the same, and goes with the run") {
  const Scratch scratch;
  std::string entry;
  {
    Run run(scratch / "cache");
    run.host.add("a.css", k_css, {}, page(5000));
    REQUIRE(run.go() == "");
    entry = run.path("a.css");
  }
  fs::remove(entry);
  fs::create_directories(entry + "/in the way");
  Run run(scratch / "cache");
  run.host.add("a.css", k_css, {}, page(5000));
  REQUIRE(run.go() == "");
  const std::string path = run.path("a.css");
  CHECK(path != entry);
  CHECK((gunzip(run.bytes("a.css")) == page(5000)));
  run.end();
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("match says which, and ! takes away, in whatever order") {
  const auto encoded = [](const std::string& options) {
    Run run;
    for (const char* key : {"a.css", "b/a.css", "b/c.css", "d.jpg", "index.html"}) {
      run.host.add(key, key == std::string("d.jpg") ? "image/jpeg" : k_css, {}, page(5000));
    }
    REQUIRE(run.go(options) == "");
    std::string out;
    for (const std::uint64_t id : run.host.artifacts.ids()) {
      const auto artifact = run.host.artifacts.get(id);
      out += artifact->headers.empty() ? "" : artifact->key + " ";
    }
    return out;
  };
  CHECK(encoded("match: \"**/*.css\"") == "a.css b/a.css b/c.css ");
  CHECK(encoded("match: [\"**/*.{css,jpg}\", \"!b/c*\"]") == "a.css b/a.css d.jpg ");
  CHECK(encoded("match: [\"!b/**\", \"**/*.css\", \"a.*\"]") == "a.css ");
  CHECK(encoded("match: \"!b/**\"") == "a.css index.html ");  // of what compresses
  CHECK(encoded("{}") == "a.css b/a.css b/c.css index.html ");
}

TEST_CASE("that nothing matched is said once") {
  Run run;
  run.host.add("a.jpg", "image/jpeg", {}, page(5000));
  run.host.add("b.jpg", "image/jpeg", {}, page(5000));
  REQUIRE(run.go("match: \"*.css\"") == "");
  CHECK(run.host.findings() == Lines{"0:0 compress/nothing no file matches `match`"});
  Run other;
  other.host.add("a.jpg", "image/jpeg", {}, page(5000));
  REQUIRE(other.go() == "");
  CHECK(other.host.findings() ==
        Lines{"0:0 compress/nothing no file is of a kind that compresses"});
}

TEST_CASE("options that make no sense are told with their place") {
  const auto wrong = [](const std::string& options) {
    Run run;
    CHECK(run.go(options) == "stage compress found 1 error");
    return run.host.findings();
  };
  CHECK(wrong("codings: [gzip, br]") ==
        Lines{"8:16 compress/options a file can be stored in one coding only (`as: beside` stores "
              "several, for a server that chooses between them)"});
  CHECK(wrong("{codings: [br, br], as: beside}") ==
        Lines{"8:17 compress/options `codings` names one twice"});
  CHECK(wrong("match: [\"a\", \"!/b\"]") ==
        Lines{"8:14 compress/options match: expected a pattern of keys, which never start with "
              "\"/\" (such as !drafts/**)"});
}

TEST_CASE("a file that changed since it was listed fails the stage") {
  const Scratch scratch;
  const std::string path = scratch.write("site/a.css", page(5000));
  Run run(scratch / "cache");
  run.add_file("a.css", k_css, path);
  scratch.write("site/a.css", page(6000));
  CHECK(run.go() == "stage compress found 1 error");
  REQUIRE(run.host.findings().size() == 1);
  CHECK(run.host.findings()[0].find("site/unreadable") != std::string::npos);
  CHECK(run.lines() == Lines{"a.css: " + k_css});
}

TEST_CASE("an interrupted run stops") {
  Run run;
  run.host.add("a.css", k_css, {}, page(5000));
  run.interrupt();
  CHECK(run.go() == "interrupted");
}

TEST_CASE("many files on several threads give what one thread gives, and none is processed twice") {
  const auto all = [](const std::string& options) {
    Run run;
    for (int i = 0; i < 300; ++i) {
      const std::string number = std::to_string(i);
      run.host.add(number + ".css",
                   k_css,
                   {{"x-amz-meta-n", number}},
                   page(1000 + static_cast<std::size_t>(i), i / 2));
    }
    REQUIRE(run.go(options) == "");
    CHECK(run.output("compressed") == "300");
    std::string out;
    for (const std::string& line : run.lines()) {
      out += line + " " + run.bytes(line.substr(0, line.find(':'))) + "\n";
    }
    return out;
  };
  for (const std::string& options :
       {std::string("match: \"**\""), std::string("{match: \"**\", as: beside}")}) {
    const std::string once = all(options);
    CHECK((all(options) == once));
    CHECK(once.find(".gz.gz") == std::string::npos);
    CHECK(once.find("gzip | content-encoding") == std::string::npos);
  }
}

}  // namespace
}  // namespace deployflow::test
