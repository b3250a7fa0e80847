// The cache's bytes: what is written comes back, and whatever else is read does no harm.

#include "stages/validate/facts_file.hpp"

#include "stages/validate/facts_cache.hpp"
#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace deployflow::validate {
namespace {

constexpr std::uint64_t k_stamp = 42;

struct Sample {
  std::vector<FileFacts> files;
  SiteFacts facts{2};
  std::vector<std::optional<FileId>> ids{id_of("b.html", "text/html", std::string(64, 'b')),
                                         id_of("a.html", "text/html", std::string(64, 'a'))};
  Sample() {
    const CheckedSite site({{"a.html", page("<a href=x#y>x</a></i><p id=z>")},
                            {"b.html", page("<a href=x>x</a><a href=a.html#z>x</a>")}});
    files = {site.facts_of("b.html"), site.facts_of("a.html")};
    facts.set(0, files[0]);
    facts.set(1, files[1]);
  }
};

// Equal in all that a reader can see.
void check_same(const PackedFacts& packed, auto&& texts, const FileFacts& facts) {
  CHECK(unpack_findings(packed.findings) == facts.findings);
  CHECK(packed.has_anchors == facts.has_anchors);
  CHECK(std::vector(packed.anchors.begin(), packed.anchors.end()) == facts.anchors);
  REQUIRE(packed.references.size() == facts.references.size());
  for (std::size_t i = 0; i < facts.references.size(); ++i) {
    CHECK(texts[packed.references[i].path] == facts.references[i].path);
    CHECK(texts[packed.references[i].fragment] == facts.references[i].fragment);
    CHECK(packed.references[i].kind == facts.references[i].kind);
    CHECK(packed.references[i].line == facts.references[i].at.line);
    CHECK(packed.references[i].count == facts.references[i].count);
  }
}

TEST_CASE("facts that are written come back, by the id of their file") {
  const Sample sample;
  REQUIRE(sample.files[1].findings.size() == 1);
  const auto words = write_facts(sample.facts, sample.ids, k_stamp);
  const auto stored = read_facts(words, k_stamp);
  REQUIRE(stored);
  for (std::size_t i = 0; i < 2; ++i) {
    const PackedFacts* found = stored->find(*sample.ids[i]);
    REQUIRE(found != nullptr);
    check_same(*found, stored->texts, sample.files[i]);
  }
  CHECK(stored->find(id_of("a.html", "text/html", std::string(64, 'c'))) == nullptr);
  CHECK(stored->find(id_of("a.html", "text/plain", std::string(64, 'a'))) == nullptr);
  CHECK(stored->find(id_of("c.html", "text/html", std::string(64, 'a'))) == nullptr);
}

TEST_CASE("old facts and new ones live in one table, and are written as one") {
  const Sample sample;
  SiteFacts fresh(1);
  fresh.adopt({});  // the first run
  fresh.set(0, sample.files[0]);
  check_same(fresh[0], fresh.texts(), sample.files[0]);

  const auto words = write_facts(sample.facts, sample.ids, k_stamp);
  const auto stored = read_facts(words, k_stamp);
  REQUIRE(stored);
  SiteFacts mixed(2);
  mixed.adopt(stored->texts);
  mixed.set(0, *stored->find(*sample.ids[0]));
  FileFacts changed = sample.files[1];
  changed.references.push_back(
      {.path = "new/path", .fragment = "f", .kind = RefKind::page, .at = {}});
  mixed.set(1, changed);
  check_same(mixed[0], mixed.texts(), sample.files[0]);
  check_same(mixed[1], mixed.texts(), changed);
  const auto again = write_facts(mixed, sample.ids, k_stamp);
  const auto read_again = read_facts(again, k_stamp);
  REQUIRE(read_again);
  check_same(*read_again->find(*sample.ids[0]), read_again->texts, sample.files[0]);
  check_same(*read_again->find(*sample.ids[1]), read_again->texts, changed);
  // Texts that nobody uses any more are not carried on.
  const std::vector<std::optional<FileId>> one{std::nullopt, sample.ids[1]};
  CHECK(read_facts(write_facts(mixed, one, k_stamp), k_stamp)->texts.size() <
        read_again->texts.size());
}

TEST_CASE("facts of other options, cut ones and damaged ones are of no use and do no harm") {
  const Sample sample;
  const auto words = write_facts(sample.facts, sample.ids, k_stamp);
  CHECK(!read_facts(words, k_stamp + 1));
  for (std::size_t size = 0; size < words.size(); ++size) {
    CHECK(!read_facts(std::span(words).first(size), k_stamp));
  }
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    auto damaged = words;
    damaged[random() % damaged.size()] ^= std::uint64_t{1} << (random() % 64);
    CHECK(!read_facts(damaged, k_stamp));
  }
}

TEST_CASE("the stamp is of every option that changes what is found in a file") {
  const auto stamp = [](auto change) {
    Settings settings;
    change(settings);
    return stamp_of(settings);
  };
  const std::uint64_t plain = stamp_of({});
  CHECK(plain == stamp_of({}));
  CHECK(stamp([](Settings& s) { s.max_file_bytes = 1; }) != plain);
  CHECK(stamp([](Settings& s) { s.max_html_bytes = 1; }) != plain);
  CHECK(stamp([](Settings& s) { s.page.max_findings = 1; }) != plain);
  CHECK(stamp([](Settings& s) { s.page.ignored = {"html/stray"}; }) != plain);
  CHECK(stamp([](Settings& s) { s.address.host = "example.com"; }) != plain);
  CHECK(stamp([](Settings& s) { s.address.prefix = "docs/"; }) != plain);
}

class Folder {
 public:
  Folder() {
    std::string made = (std::filesystem::temp_directory_path() / "facts-test-XXXXXX").string();
    path_ = mkdtemp(made.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::vector<std::filesystem::path> files() const {
    const std::filesystem::directory_iterator all(path_);
    return {begin(all), end(all)};
  }

 private:
  std::string path_;
};

TEST_CASE("a cache is one file for each site and set of options, and survives what is done to it") {
  const Folder folder;
  const Sample sample;
  FactsCache cache(folder.path(), "site/", {});
  CHECK(cache.load().files.empty());
  cache.save(sample.facts, sample.ids);
  REQUIRE(folder.files().size() == 1);
  CHECK(FactsCache(folder.path(), "site/", {}).load().files.size() == 2);
  CHECK(FactsCache(folder.path(), "other/", {}).load().files.empty());

  std::ofstream(folder.files().front(), std::ios::app) << "x";  // not whole words: the rest is good
  CHECK(FactsCache(folder.path(), "site/", {}).load().files.size() == 2);
  std::filesystem::resize_file(folder.files().front(), 100);
  CHECK(FactsCache(folder.path(), "site/", {}).load().files.empty());
  cache.save(sample.facts, sample.ids);
  CHECK(FactsCache(folder.path(), "site/", {}).load().files.size() == 2);
  FactsCache gone(folder.path() + "/nowhere", "site/", {});
  gone.save(sample.facts, sample.ids);
  CHECK(gone.load().files.empty());
}

TEST_CASE("caches that nobody used for long go, and leftovers of a killed process") {
  const Folder folder;
  const Sample sample;
  FactsCache cache(folder.path(), "site/", {});
  cache.save(sample.facts, sample.ids);
  FactsCache(folder.path(), "young/", {}).save(sample.facts, sample.ids);
  const auto put = [&](const std::string& name) {
    std::ofstream(folder.path() + "/" + name) << "x";
    std::filesystem::last_write_time(
        folder.path() + "/" + name,
        std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 61));
  };
  put("facts-0000000000000000");
  put(".facts-abcdef");
  put("not-ours");
  cache.trim();
  CHECK(folder.files().size() == 3);
  CHECK(std::filesystem::exists(folder.path() + "/not-ours"));
}

}  // namespace
}  // namespace deployflow::validate
