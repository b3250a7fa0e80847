#include "plugins/host/load/registry.hpp"

#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

using deployflow::Errc;
using deployflow::load::Folder;
using deployflow::load::Registry;
using deployflow::test::Scratch;

namespace {

std::string plugin(const std::string& name) {
  return PLUGINS "/" + name + ".dfstage.so";
}

/// What loading the fixture says; it must fail.
std::string refusal(const std::string& path) {
  Registry registry({});
  const auto loaded = registry.load_file(path, "pipeline.yaml:4:5");
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().code == Errc::plugin);
  CHECK(registry.types().empty());
  return loaded.error().message;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a good plugin offers its stage under its name") {
  Registry registry({});
  REQUIRE(registry.load_file(plugin("good"), "--plugin").ok());
  const auto type = registry.resolve("acme/good");
  REQUIRE(type.ok());
  CHECK((*type)->file == plugin("good"));
  CHECK((*type)->origin == "--plugin");
  CHECK(((*type)->table->process != nullptr));
}

TEST_CASE("the same file named twice is loaded once") {
  Registry registry({});
  REQUIRE(registry.load_file(plugin("good"), "--plugin").ok());
  CHECK(registry.load_file(plugin("good"), "pipeline.yaml:4:5").ok());
  CHECK(registry.types().size() == 1);
}

TEST_CASE("a refusal names the file, where it was named, and why") {
  const std::string message = refusal(plugin("no_symbol"));
  CHECK(contains(message, plugin("no_symbol")));
  CHECK(contains(message, "pipeline.yaml:4:5"));
  CHECK(contains(message, "deployflow_stages_v0"));
}

TEST_CASE("dlerror is passed on verbatim") {
  const Scratch scratch;
  CHECK(contains(refusal(scratch.write("text.dfstage.so", std::string(400, 'x'))),
                 "invalid ELF header"));
  CHECK(contains(refusal(scratch.write("empty.dfstage.so", "")), "file too short"));
  CHECK(contains(refusal(plugin("missing_symbol")), "undefined symbol"));
}

TEST_CASE("other ABI versions are recognised, not misread") {
  CHECK(contains(refusal(plugin("wrong_major")), "built for stage ABI 1.x"));
  CHECK(contains(refusal(plugin("wrong_minor")), "built for stage ABI 0."));
}

TEST_CASE("tables that break the contract are refused before any of their functions is called") {
  CHECK(contains(refusal(plugin("null_table")), "returned NULL"));
  CHECK(contains(refusal(plugin("null_stage")), "NULL"));
  CHECK(contains(refusal(plugin("null_stage_name")), "stage 1 is named"));
  CHECK(contains(refusal(plugin("bad_name")), "names are like acme/no-big-files"));
  CHECK(contains(refusal(plugin("both_process_and_run")), "exactly one of process() and run()"));
  CHECK(contains(refusal(plugin("neither")), "exactly one of process() and run()"));
  CHECK(contains(refusal(plugin("truncated_table")), "stage 1 is named"));
  CHECK(contains(refusal(plugin("short_table")), "lacks create(), configure() or destroy()"));
}

TEST_CASE("a table longer than ours is read up to what we know") {
  Registry registry({});
  CHECK(registry.load_file(plugin("long_table"), "--plugin").ok());
}

TEST_CASE("a plugin from outside cannot take a name that ships") {
  CHECK(contains(refusal(plugin("unslashed_name")), "belong to deployflow"));
}

TEST_CASE("two plugins that offer one name are an error that names both") {
  Registry registry({});
  REQUIRE(registry.load_file(plugin("good"), "--plugin").ok());
  const auto second = registry.load_file(plugin("duplicate_of_good"), "pipeline.yaml:5:5");
  REQUIRE_FALSE(second.ok());
  CHECK(contains(second.error().message, plugin("good")));
  CHECK(contains(second.error().message, plugin("duplicate_of_good")));
}

TEST_CASE("a relative path is never handed to dlopen") {
  CHECK(contains(refusal("good.dfstage.so"), "not an absolute path"));
  CHECK(contains(refusal(""), "not an absolute path"));
}

TEST_CASE("missing files, folders and files that everybody may write are refused") {
  const Scratch scratch;
  CHECK(contains(refusal(scratch / "none.dfstage.so"), "No such file"));
  CHECK(contains(refusal(scratch.path()), "not a regular file"));
  std::filesystem::copy_file(plugin("good"), scratch / "open.dfstage.so");
  REQUIRE(::chmod((scratch / "open.dfstage.so").c_str(), 0777) == 0);
  CHECK(contains(refusal(scratch / "open.dfstage.so"), "everybody may write"));
}

TEST_CASE("a name with a slash is looked up in the folders, in their order") {
  const Scratch first;
  const Scratch second;
  std::filesystem::copy_file(plugin("good"), second / "acme.dfstage.so");
  Registry registry({Folder{first.path(), "DEPLOYFLOW_PLUGIN_PATH", false},
                     Folder{second.path(), "the user's folder", false}});
  CHECK(registry.types().empty());  // nothing is loaded because it lies there
  const auto type = registry.resolve("acme/good");
  REQUIRE(type.ok());
  CHECK((*type)->origin == "the user's folder");
}

TEST_CASE("a file in a folder that everybody may write to is not loaded") {
  const Scratch folder;
  std::filesystem::copy_file(plugin("good"), folder / "acme.dfstage.so");
  REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
  Registry registry({Folder{folder.path(), "DEPLOYFLOW_PLUGIN_PATH", false}});
  const auto type = registry.resolve("acme/good");
  REQUIRE_FALSE(type.ok());
  CHECK(contains(type.error().message, "everybody may write to its folder"));
}

TEST_CASE("an unknown name says what is near, or where it was looked for") {
  Registry registry({Folder{"/nowhere/plugins", "DEPLOYFLOW_PLUGIN_PATH", false}});
  REQUIRE(registry.load_file(plugin("good"), "--plugin").ok());
  CHECK(registry.resolve("acme/goood").error().hint == "did you mean \"acme/good\"?");
  CHECK(contains(registry.resolve("other/thing").error().hint, "/nowhere/plugins"));
  CHECK(registry.resolve("Not A Name").error().code == Errc::config);
}

TEST_CASE("listing the folders keeps what loads and reports what does not, each time") {
  const Scratch folder;
  std::filesystem::copy_file(plugin("good"), folder / "a.dfstage.so");
  folder.write("b.dfstage.so", "junk");
  folder.write("readme.txt", "not looked at");
  Registry registry({Folder{folder.path(), "the user's folder", false}});
  CHECK(registry.load_folders().size() == 1);
  CHECK(registry.types().size() == 1);
}
