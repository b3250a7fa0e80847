// The module as the host meets it: loaded with dlopen() and driven through the C table.

#include <deployflow/stage.h>

#include <dlfcn.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The host's own types are the host's: here an option is one of three kinds.
struct df_value {
  df_value() = default;
  explicit df_value(std::int64_t number) : integer(number) {}
  explicit df_value(std::string string) : text(std::move(string)) {}
  std::int64_t integer = 0;
  std::string text;
  std::vector<df_value> items;
};

struct File {
  std::string key, type, content;
  std::uint64_t size = 0;  // as it is listed
};

struct df_cursor {
  std::size_t next = 0;
  df_artifact view{};
};

struct df_ctx {
  std::map<std::string, df_value, std::less<>> options;
  std::vector<File> files;  // ids are places from 1 on
  df_cursor cursor;
  std::vector<std::string> findings;  // "E 1:2 html/stray"; told on one thread
  std::atomic<std::uint64_t> bytes_read{0};
  bool cancelled = false;
  df_status read_status = DF_OK;
  std::string cache_folder;  // empty = there is none
  std::deque<std::string> lent;
};

namespace {

std::string_view view(df_str s) {
  return s.p != nullptr ? std::string_view{s.p, s.n} : "";
}

void see_finding(df_ctx* ctx, const df_finding* f) {
  const std::string severity = f->severity == DF_ERROR  ? "E "
                               : f->severity == DF_WARN ? "W "
                                                        : "I ";
  ctx->findings.push_back(severity + std::to_string(f->at.line) + ":" + std::to_string(f->at.col) +
                          " " + std::string(view(f->code)) +
                          ((f->flags & DF_FINDING_NO_SOURCE) != 0 ? " hidden" : ""));
}

const df_value* value_key(df_ctx* ctx, const df_value* /*map*/, df_str key) {
  const auto found = ctx->options.find(view(key));
  return found != ctx->options.end() ? &found->second : nullptr;
}

df_status next_file(df_ctx* ctx, df_cursor* cursor, const df_artifact** out) {
  if (cursor->next == ctx->files.size()) {
    return DF_NOT_FOUND;
  }
  const File& file = ctx->files[cursor->next++];
  cursor->view = {};
  cursor->view.struct_size = sizeof cursor->view;
  cursor->view.id = cursor->next;
  cursor->view.key = {file.key.data(), file.key.size()};
  cursor->view.size = file.size != 0 ? file.size : file.content.size();
  cursor->view.media_type = {file.type.data(), file.type.size()};
  *out = &cursor->view;
  return DF_OK;
}

df_status read_bytes(df_ctx* ctx,
                     std::uint64_t id,
                     std::uint64_t offset,
                     std::uint8_t* buffer,
                     std::uint64_t capacity,
                     std::uint64_t* got) {
  const std::string& content = ctx->files.at(id - 1).content;
  *got = std::min<std::uint64_t>(capacity, content.size() - offset);
  std::memcpy(buffer, content.data() + offset, *got);
  ctx->bytes_read += *got;
  return ctx->read_status;
}

// Any text that stands for the bytes will do.
df_status digests_of(
    df_ctx* ctx, const std::uint64_t* ids, std::uint64_t count, df_str, df_str* out) {
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string digest;
    for (int part = 0; part < 4; ++part) {
      std::array<char, 17> hex{};
      std::snprintf(hex.data(),
                    hex.size(),
                    "%016zx",
                    std::hash<std::string>()(ctx->files.at(ids[i] - 1).content + char(part)));
      digest += hex.data();
    }
    const std::string& kept = ctx->lent.emplace_back(digest);
    out[i] = {kept.data(), kept.size()};
  }
  return DF_OK;
}

df_host make_host() {
  df_host host{};
  host.struct_size = sizeof host;
  host.abi_minor = DF_ABI_MINOR;
  host.finding = see_finding;
  host.cancelled = [](df_ctx* ctx) -> std::int32_t { return ctx->cancelled ? 1 : 0; };
  host.value_key = value_key;
  host.value_count = [](df_ctx*, const df_value* v) -> std::uint64_t { return v->items.size(); };
  host.value_at = [](df_ctx*, const df_value* v, std::uint64_t i, df_str*) { return &v->items[i]; };
  host.value_int = [](df_ctx*, const df_value* v, std::int64_t* out) -> df_status {
    *out = v->integer;
    return DF_OK;
  };
  host.value_str = [](df_ctx*, const df_value* v, df_str* out) -> df_status {
    *out = {v->text.data(), v->text.size()};
    return DF_OK;
  };
  host.value_pos = [](df_ctx*, const df_value*, df_pos* out) -> df_status {
    *out = {{nullptr, 0}, 7, 9, 0, 0};
    return DF_OK;
  };
  host.artifacts = [](df_ctx* ctx, df_str, df_cursor** out) -> df_status {
    ctx->cursor = {};
    *out = &ctx->cursor;
    return DF_OK;
  };
  host.next = next_file;
  host.progress = [](df_ctx*, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, df_str) {
  };
  host.header_at = [](df_ctx*, std::uint64_t, std::uint64_t, df_header*) -> df_status {
    return DF_NOT_FOUND;
  };
  host.read = read_bytes;
  host.digests = digests_of;
  host.cache_dir = [](df_ctx* ctx, df_str* out) -> df_status {
    *out = {ctx->cache_folder.data(), ctx->cache_folder.size()};
    return ctx->cache_folder.empty() ? DF_UNSUPPORTED : DF_OK;
  };
  return host;
}

const df_stage& stage() {
  static void* const k_module = dlopen(DEPLOYFLOW_VALIDATE_MODULE, RTLD_NOW | RTLD_LOCAL);
  REQUIRE_MESSAGE(k_module != nullptr, dlerror());
  const auto entry = reinterpret_cast<const df_plugin* (*)()>(dlsym(k_module, DF_ENTRY_SYMBOL));
  REQUIRE((entry != nullptr));
  REQUIRE(entry()->stage_count == 3);
  return *entry()->stages[0];
}

// One instance with the schema's defaults, and what it says about a site.
class Bench {
 public:
  Bench() : host_(make_host()) {
    ctx_.options = {{"max_file_size", df_value(100 << 20)},
                    {"max_html_size", df_value(4 << 20)},
                    {"max_findings_per_file", df_value(20)},
                    {"ignore", {}},
                    {"rules", df_value(std::string("essential"))},
                    {"strict", df_value(0)},
                    {"external", df_value(0)},
                    {"external_allow", {}},
                    {"external_deny", {}},
                    {"external_accept", {}},
                    {"external_max_age", df_value(0)},
                    {"external_timeout", df_value(20'000)},
                    {"external_private", df_value(0)},
                    {"severity", {}},
                    {"overrides", {}}};
  }
  ~Bench() {
    if (self_ != nullptr) {
      stage().destroy(self_);
    }
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  df_ctx& ctx() { return ctx_; }

  df_status configure() {
    REQUIRE(stage().create(&ctx_, &host_, &self_) == DF_OK);
    return stage().configure(self_, &ctx_, &root_);
  }

  df_status run() {
    const df_run_info info{};
    return stage().run(self_, &ctx_, &info);
  }

  // Of a site of one file.
  df_status check(std::string key, std::string content, std::string_view type, std::uint64_t size) {
    ctx_.files = {{std::move(key), std::string(type), std::move(content), size}};
    return run();
  }

 private:
  df_ctx ctx_;
  df_host host_;
  df_value root_;
  void* self_ = nullptr;
};

using Findings = std::vector<std::string>;
constexpr std::string_view k_html = "text/html; charset=utf-8";

TEST_CASE("the module offers the stage validate, for a whole site") {
  CHECK(std::string_view(stage().name) == "validate");
  CHECK(stage().caps == (DF_CAP_READS_CONTENT | DF_CAP_WEB));
  CHECK((stage().process == nullptr));
  CHECK((stage().run != nullptr));
}

TEST_CASE("a broken page is an error with its place, and the step itself succeeds") {
  Bench bench;
  REQUIRE(bench.configure() == DF_OK);
  CHECK(bench.check("a.html", "<!DOCTYPE html><title>t</title>\nx</div>", k_html, 0) == DF_OK);
  CHECK(bench.ctx().findings == Findings{"E 2:2 html/stray"});
}

TEST_CASE("only text/html is parsed, whatever the case of its name") {
  Bench bench;
  REQUIRE(bench.configure() == DF_OK);
  bench.check("a.bin", "</div>", "application/x-bin", 0);
  bench.check("a.mp4", "</div>", "video/mp4", 0);
  CHECK(bench.ctx().bytes_read == 0);
  bench.check("a.js", "</div>", "text/javascript", 0);
  bench.check("a.xhtml", "</div>", "application/xhtml+xml", 0);
  CHECK(bench.ctx().findings.empty());
  bench.check("a", "<!DOCTYPE html>x</div>", "Text/HTML", 0);
  CHECK(bench.ctx().findings == Findings{"E 1:17 html/stray"});
}

TEST_CASE("of a file with a secret no line is shown, whatever is told of it") {
  Bench bench;
  REQUIRE(bench.configure() == DF_OK);
  const std::string token = std::string("gh") + "p_T7kun60ePONxZti3ElM6fuVCUHNjcr4TTydK";
  const std::string page = "<!DOCTYPE html><title>t</title>\nx</div>\n";
  bench.check("a.html", page + token, k_html, 0);
  bench.check("a.html", page, k_html, 0);
  bench.check(
      "a.html", page + token + "<!-- deployflow-ignore security/secret: expired -->", k_html, 0);
  CHECK(bench.ctx().findings == Findings{"E 2:2 html/stray hidden",
                                         "E 3:1 security/secret hidden",
                                         "E 2:2 html/stray",
                                         "E 2:2 html/stray hidden"});
}

TEST_CASE("a script that changed is held to what the page said before, whatever the cache knows") {
  const std::string folder = std::filesystem::temp_directory_path() / "deployflow-integrity-XXXXXX";
  std::string made = folder;
  REQUIRE((mkdtemp(made.data()) != nullptr));
  const auto findings = [&](std::string script) {
    Bench bench;
    REQUIRE(bench.configure() == DF_OK);
    bench.ctx().cache_folder = made;
    bench.ctx().files = {
        {"a.js", "text/javascript", std::move(script)},
        {"index.html",
         std::string(k_html),
         "<!DOCTYPE html><title>t</title>x\n<script src=a.js "
         "integrity='sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='></script>\n"}};
    CHECK(bench.run() == DF_OK);
    return bench.ctx().findings;
  };
  CHECK(findings("abc").empty());
  CHECK(findings("abd") == Findings{"E 2:28 security/integrity"});
  CHECK(findings("abc").empty());
  std::filesystem::remove_all(made);
}

TEST_CASE("size limits hold to the byte and are judged without reading") {
  Bench bench;
  bench.ctx().options["max_file_size"].integer = 100;
  bench.ctx().options["max_html_size"].integer = 10;
  REQUIRE(bench.configure() == DF_OK);
  bench.check("a.bin", "", "video/mp4", 100);
  CHECK(bench.ctx().findings.empty());
  bench.check("a.bin", "", "video/mp4", 101);
  bench.check("a.html", "", k_html, 11);
  CHECK(bench.ctx().findings == Findings{"E 0:0 size/file", "W 0:0 html/too-large"});
  CHECK(bench.ctx().bytes_read == 0);
}

TEST_CASE("a page that is served in another encoding is not judged by that of UTF-8") {
  Bench bench;
  REQUIRE(bench.configure() == DF_OK);
  bench.check("a.html", "\xE4", "text/html; charset=iso-8859-1", 0);
  CHECK(bench.ctx().findings == Findings{"W 0:0 html/charset"});
}

TEST_CASE("strict makes warnings errors, and ignore silences a code") {
  Bench bench;
  bench.ctx().options["strict"].integer = 1;
  bench.ctx().options["ignore"].items = {df_value(std::string("html/stray")),
                                         df_value(std::string("key/characters"))};
  REQUIRE(bench.configure() == DF_OK);
  bench.check("a\tb", "<!DOCTYPE html>&amp x</div>", k_html, 0);
  CHECK(bench.ctx().findings == Findings{"E 1:16 html/character-reference"});
}

TEST_CASE("more rules are asked where the option says so") {
  for (const auto& [rules, expected] : std::map<std::string, Findings>{
           {"essential", {}}, {"recommended", {"W 0:0 seo/viewport", "W 1:16 a11y/lang"}}}) {
    Bench bench;
    bench.ctx().options["rules"].text = rules;
    bench.ctx().files = {
        {"a.html", "text/html", "<!DOCTYPE html><html><title>t</title><p>text</html>"}};
    REQUIRE(bench.configure() == DF_OK);
    REQUIRE(bench.run() == DF_OK);
    const bool is_as_expected = bench.ctx().findings == expected;
    CHECK(is_as_expected);
  }
}

TEST_CASE("an unknown code under ignore is refused at its place") {
  Bench bench;
  bench.ctx().options["ignore"].items = {df_value(std::string("html/strai"))};
  CHECK(bench.configure() == DF_BAD_OPTIONS);
  CHECK(bench.ctx().findings == Findings{"E 7:9 validate"});
}

TEST_CASE("a cancelled run and a file that changed end the step without a crash") {
  Bench bench;
  REQUIRE(bench.configure() == DF_OK);
  bench.ctx().cancelled = true;
  CHECK(bench.check("a.html", "x", k_html, 0) == DF_CANCELLED);
  bench.ctx().cancelled = false;
  bench.ctx().read_status = DF_CONFLICT;
  CHECK(bench.check("a.html", "x", k_html, 0) == DF_CONFLICT);
  CHECK(bench.ctx().findings == Findings{"E 0:0 validate"});
}

std::string linking(const std::string& body) {
  return "<!DOCTYPE html><title>t</title>\n" + body + "\n";
}

TEST_CASE("a second run reads only what changed, and finds what a target has lost") {
  std::string folder = "/tmp/validate-cache-XXXXXX";
  REQUIRE((mkdtemp(folder.data()) != nullptr));
  const std::string a = linking("<a href=b.html#x>x</a></i>");
  const std::string b = linking("<p id=x><a href=a.html>x</a>");
  const std::string b_without = linking("<p id=y><a href=a.html>x</a>");
  const auto check = [&](std::vector<File> files, std::uint64_t& bytes_read) {
    Bench bench;
    bench.ctx().cache_folder = folder;
    REQUIRE(bench.configure() == DF_OK);
    bench.ctx().files = std::move(files);
    CHECK(bench.run() == DF_OK);
    bytes_read = bench.ctx().bytes_read;
    return bench.ctx().findings;
  };
  const auto file = [](const char* key, const std::string& content) {
    return File{key, std::string(k_html), content, 0};
  };
  std::uint64_t bytes = 0;
  const Findings clean{"E 2:23 html/stray"};
  CHECK(check({file("a.html", a), file("b.html", b)}, bytes) == clean);
  CHECK(bytes == a.size() + b.size());
  CHECK(check({file("a.html", a), file("b.html", b)}, bytes) == clean);
  CHECK(bytes == 0);
  CHECK(check({file("a.html", a), file("b.html", b_without)}, bytes) ==
        Findings{"W 2:9 link/fragment", "E 2:23 html/stray"});
  CHECK(bytes == b_without.size());
  CHECK(check({file("a.html", a)}, bytes) == Findings{"E 2:9 link/missing", "E 2:23 html/stray"});
  CHECK(bytes == 0);
  CHECK(check({file("a.html", a), file("b.html", b)}, bytes) == clean);
  CHECK(bytes == b.size());
  CHECK(check({file("a.html", a), file("c.html", b)}, bytes).size() == 3);  // c: no link to it
  CHECK(bytes == b.size());
  std::filesystem::remove_all(folder);
}

TEST_CASE("the cache is written anew when a part of the site has changed, not for a page or two") {
  std::string folder = "/tmp/validate-cache-XXXXXX";
  REQUIRE((mkdtemp(folder.data()) != nullptr));
  std::vector<File> site;
  for (int i = 0; i < 300; ++i) {
    site.push_back({"p" + std::to_string(1000 + i) + ".html",
                    std::string(k_html),
                    linking("<p id=x><a href=p1000.html#x>x</a>"),
                    0});
  }
  const auto check = [&] {
    Bench bench;
    bench.ctx().cache_folder = folder;
    REQUIRE(bench.configure() == DF_OK);
    bench.ctx().files = site;
    CHECK(bench.run() == DF_OK);
    return std::pair(bench.ctx().bytes_read.load(), bench.ctx().findings);
  };
  const std::uint64_t page = site[0].content.size();
  CHECK(check().first == 300 * page);
  site[0].content = linking("<p id=y><a href=p1000.html#y>x</a>");
  for (int again = 0; again < 2; ++again) {  // read each time, and the others know of it
    const auto [bytes, findings] = check();
    CHECK(bytes == page);
    CHECK(std::ranges::count(findings, "W 2:17 link/fragment") == 1);
  }
  for (std::size_t i = 0; i < 10; ++i) {
    site[i].content = linking("<p id=z><a href=p1000.html#z>x</a>");
  }
  CHECK(check().first == 10 * page);
  CHECK(check().first == 0);
  site.resize(290);
  CHECK(check().first == 0);
  site.resize(299, site[0]);
  for (std::size_t i = 290; i < site.size(); ++i) {
    site[i].key = "q" + std::to_string(i) + ".html";
  }
  CHECK(check().first == 9 * page);
  CHECK(check().first == 0);
  std::filesystem::remove_all(folder);
}

TEST_CASE("findings of a whole site come in the order of keys and places, whoever was first") {
  Bench bench;
  REQUIRE(bench.configure() == DF_OK);
  std::vector<std::string> expected;
  for (int i = 0; i < 200; ++i) {
    const std::string key = "p" + std::to_string(1000 + i) + ".html";
    bench.ctx().files.push_back(
        {key,
         std::string(k_html),
         "<!DOCTYPE html><title>t</title>\nx</i>\n<a href=zz" + key + ">x</a>",
         0});
    expected.insert(expected.end(), {"E 2:2 html/stray", "E 3:9 link/missing"});
  }
  CHECK(bench.run() == DF_OK);
  CHECK(bench.ctx().findings == expected);
}

}  // namespace
