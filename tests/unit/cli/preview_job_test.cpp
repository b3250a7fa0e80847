#include "cli/preview_job.hpp"

#include "cli/pipeline_edit.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::cli {
namespace {

using pipeline::Pipeline;

pipeline::Target target_called(const std::string& name) {
  pipeline::Target target;
  target.config.name = name;
  target.config.prefix = "docs/";
  target.config.url = "https://example.com/d/";
  return target;
}

/// shape, compress, upload to primary and second, replicate to mirror.
Pipeline site_pipeline() {
  Pipeline made;
  for (const char* name : {"primary", "second", "mirror"}) {
    made.targets.push_back(target_called(name));
  }
  for (const char* uses : {"shape", "compress", "upload", "replicate"}) {
    made.stages.push_back(make_stage(uses, uses));
  }
  set_option(made.stages[2], "to", list_value({"primary", "second"}));
  return made;
}

CommandLine push_of(const std::string& preview) {
  CommandLine line;
  line.command = Command::push;
  line.preview = preview;
  return line;
}

std::vector<std::string> ids(const Pipeline& pipeline) {
  std::vector<std::string> out;
  for (const auto& stage : pipeline.stages) {
    out.push_back(stage.id);
  }
  return out;
}

std::string option_text(const pipeline::Stage& stage, const char* name) {
  const pipeline::Value* value = option_of(stage, name);
  return value == nullptr ? "-" : value->text;
}

std::string said_of(const std::string& name) {
  const auto checked = check_preview_name(name);
  return checked.ok() ? "good" : checked.error().hint;
}

}  // namespace

TEST_CASE("a name is a folder and could be the label of a host") {
  for (const char* good : {"a", "7", "pr-7", "a--b"}) {
    CHECK(said_of(good) == "good");
  }
  CHECK(said_of(std::string(63, 'a')) == "good");
  CHECK(said_of("feature/x") == "such as --preview feature-x");
  CHECK(said_of("Feature_X/2.0") == "such as --preview feature-x-2-0");
  CHECK(said_of("-a-") == "such as --preview a");
  CHECK(said_of("../x") == "such as --preview x");
  CHECK(said_of(std::string(62, 'a') + "/b") == "such as --preview " + std::string(62, 'a'));
  CHECK(said_of("//").empty());
}

TEST_CASE("a preview is the same pipeline into a folder of the targets of its uploads") {
  std::vector<std::string> notes;
  const auto made = preview_pipeline(push_of("a"), site_pipeline(), notes);
  REQUIRE(made.ok());
  CHECK(ids(*made) ==
        std::vector<std::string>{"shape", "noindex", "compress", "upload", "expired-previews"});
  CHECK(made->find_target("primary")->config.prefix == "docs/previews/a/");
  CHECK(made->find_target("second")->config.url == "https://example.com/d/previews/a/");
  CHECK(made->find_target("mirror")->config.prefix == "docs/");
  const pipeline::Stage& upload = made->stages[3];
  CHECK(option_text(upload, "expires") == "14d");
  CHECK(option_text(upload, "delete") == "true");
  const pipeline::Stage& clean = made->stages[4];
  CHECK(clean.may_fail);
  CHECK(option_text(clean, "spare") == "a");
  REQUIRE(option_of(clean, "in")->list.size() == 2);
  const pipeline::Target* aside = made->find_target(option_of(clean, "in")->list[0].text);
  REQUIRE(aside != nullptr);
  CHECK(aside->is_aside);
  CHECK(aside->config.prefix == "docs/");
  CHECK(notes == std::vector<std::string>{"a preview is not replicated"});
}

TEST_CASE("how long a preview lives: the command line, then the file, then two weeks") {
  std::vector<std::string> notes;
  Pipeline with = site_pipeline();
  set_option(with.stages[2], "expires", text_value("3d"));
  CHECK(option_text(preview_pipeline(push_of("a"), with, notes)->stages[3], "expires") == "3d");
  CommandLine line = push_of("a");
  line.expires = "never";
  CHECK(option_text(preview_pipeline(line, with, notes)->stages[3], "expires") == "never");
}

TEST_CASE("a stage noindex of the file's own is enough, and names that are taken are not used") {
  std::vector<std::string> notes;
  Pipeline with = site_pipeline();
  with.stages.insert(with.stages.begin(), make_stage("noindex", "mine"));
  with.stages.push_back(make_stage("acme/x", "expired-previews"));
  CHECK(ids(*preview_pipeline(push_of("a"), with, notes)) ==
        std::vector<std::string>{
            "mine", "shape", "compress", "upload", "expired-previews", "expired-previews-2"});
}

TEST_CASE("targets with other folders for their previews are tidied up apart") {
  std::vector<std::string> notes;
  Pipeline with = site_pipeline();
  with.targets[1].config.previews = "look/";
  const auto made = preview_pipeline(push_of("a"), with, notes);
  REQUIRE(made->stages.size() == 6);
  CHECK(made->find_target("second")->config.prefix == "docs/look/a/");
  CHECK(option_text(made->stages[4], "folder") == "look/");
  CHECK(option_of(made->stages[4], "in")->list[0].text == "site of second");
  CHECK(option_text(made->stages[5], "folder") == "previews/");
}

TEST_CASE("what makes no sense is refused") {
  std::vector<std::string> notes;
  CommandLine line = push_of("");
  CHECK(preview_pipeline(line, site_pipeline(), notes)->stages.size() == 4);
  line.expires = "3d";
  CHECK(preview_pipeline(line, site_pipeline(), notes).error().error.message ==
        "--expires needs --preview");
  CHECK_FALSE(preview_pipeline(push_of("A"), site_pipeline(), notes).ok());
  Pipeline apart = site_pipeline();
  apart.targets[1].config.state = store::StatePlace{"private", "docs/"};
  CHECK(preview_pipeline(push_of("a"), apart, notes).error().error.message ==
        "target second has a state: in another place, and then no previews");
  turn_to_preview(apart, {"second"}, "a");  // of the site's own state nothing is touched
  CHECK(apart.targets[1].config.state->prefix == "docs/previews/a/");
  Pipeline without = site_pipeline();
  without.stages.erase(without.stages.begin() + 2);
  CHECK_FALSE(preview_pipeline(push_of("a"), without, notes).ok());
}

TEST_CASE("previews are listed by one stage and removed by another") {
  CommandLine line;
  line.command = Command::previews;
  const auto listed = previews_pipeline(line, site_pipeline(), {"primary"});
  REQUIRE(listed.ok());
  CHECK(ids(*listed) == std::vector<std::string>{"previews"});
  line.dry_run = true;
  CHECK_FALSE(previews_pipeline(line, site_pipeline(), {"primary"}).ok());
  line.remove = {"a", "b"};
  const auto removed = previews_pipeline(line, site_pipeline(), {"primary"});
  REQUIRE(removed.ok());
  CHECK(ids(*removed) == std::vector<std::string>{"remove-previews"});
  CHECK(option_of(removed->stages[0], "names")->list.size() == 2);
  CHECK(option_text(removed->stages[0], "expired") == "false");
}

}  // namespace deployflow::cli
