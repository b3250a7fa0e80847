#include "cli/app.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::cli {
namespace {

using Words = std::vector<std::string>;

CommandLine parsed(const Words& words) {
  auto line = parse_command_line(words);
  REQUIRE_MESSAGE(line.ok(), line.error().message);
  return *line;
}

Error refused(const Words& words) {
  const auto line = parse_command_line(words);
  REQUIRE_FALSE(line.ok());
  CHECK(line.error().code == Errc::usage);
  return line.error();
}

TEST_CASE("options may stand before, between and after the words") {
  for (const Words& words : {Words{"--to", "s3://b", "push", "site/", "-n"},
                             Words{"push", "-n", "--to=s3://b", "site/"},
                             Words{"-n", "push", "site/", "--to", "s3://b"}}) {
    const CommandLine line = parsed(words);
    CHECK(line.command == Command::push);
    CHECK(line.words == Words{"site/"});
    CHECK(line.to == "s3://b");
    CHECK(line.dry_run);
  }
}

TEST_CASE("a site may be called like a command, an option after --, or standard input") {
  CHECK(parsed({"push", "run"}).words == Words{"run"});
  CHECK(parsed({"push", "push"}).words == Words{"push"});
  CHECK(parsed({"push", "--", "--json"}).words == Words{"--json"});
  CHECK_FALSE(parsed({"push", "--", "--json"}).json);
  CHECK(parsed({"push", "-", "--name", "a.html"}).words == Words{"-"});
  CHECK(parsed({"push", "[a,b]"}).words == Words{"[a,b]"});
  CHECK(parsed({"push", "++"}).words == Words{"++"});
  CHECK(parsed({"push", ""}).words == Words{""});
}

TEST_CASE("values are taken as they are") {
  CHECK(parsed({"push", "a", "--name", "[x]"}).name == "[x]");
  CHECK(parsed({"push", "a", "--name", "\"q\""}).name == "\"q\"");
  CHECK(parsed({"push", "a", "--name=a=b"}).name == "a=b");
  CHECK(parsed({"push", "a", "--name", "a,b c"}).name == "a,b c");
  CHECK(parsed({"push", "a", "--name", "\\n"}).name == "\\n");
}

TEST_CASE("-v counts to three and may be bundled") {
  CHECK(parsed({"push", "-v"}).verbose == 1);
  CHECK(parsed({"push", "-vvv"}).verbose == 3);
  CHECK(parsed({"push", "-v", "-vvvvv"}).verbose == 3);
  CHECK(parsed({"push", "-nv"}).dry_run);
}

TEST_CASE("--plugin can be repeated, other options cannot") {
  CHECK(parsed({"stages", "--plugin", "a", "--plugin", "b"}).plugins == Words{"a", "b"});
  CHECK(refused({"push", "--to", "a", "--to", "b"}).message == "option --to is given 2 times");
}

TEST_CASE("an unknown option is named, and the nearest one offered") {
  const Error error = refused({"push", "--dry-rum", "site/"});
  CHECK(error.message == "unknown option --dry-rum");
  CHECK(error.hint == "did you mean --dry-run? `deployflow push -h` lists all options");
  CHECK(refused({"push", "-x"}).message == "unknown option -x");
  CHECK(refused({"push", "-vx"}).message == "unknown option -x");
  CHECK(refused({"--xyzzyxyzzy"}).hint == "`deployflow -h` lists all options");
}

TEST_CASE("credentials are refused as options, and never repeated") {
  for (const Words& words : {Words{"push", "a", "--secret-key", "hunter2"},
                             Words{"push", "--secret-access-key=hunter2", "a"},
                             Words{"push", "--access-key", "hunter2"},
                             Words{"--session-token", "hunter2", "push"},
                             Words{"push", "--password=hunter2"}}) {
    const Error error = refused(words);
    CHECK(error.message.find("credentials are never options") != std::string::npos);
    CHECK(error.hint.find("AWS_ACCESS_KEY_ID") != std::string::npos);
    CHECK((error.message + error.hint).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("the value of any unknown option is not repeated") {
  const Error error = refused({"push", "--secrt=hunter2", "hunter2"});
  CHECK((error.message + error.hint).find("hunter2") == std::string::npos);
}

TEST_CASE("a missing value is said in our words") {
  CHECK(refused({"push", "--to"}).message == "option --to needs a value: --to URL");
  CHECK(refused({"push", "--to="}).message == "option --to needs a value: --to URL");
  CHECK(refused({"push", "--to", ""}).message == "option --to needs a value: --to URL");
  CHECK(refused({"push", "--to", "--json"}).message == "option --to needs a value: --to URL");
  CHECK(refused({"push", "-c"}).message == "option --config needs a value: --config FILE");
}

TEST_CASE("a switch takes no value") {
  CHECK(refused({"push", "--json=yes"}).message == "option --json takes no value");
  CHECK(refused({"push", "--dry-run=false"}).message == "option --dry-run takes no value");
}

TEST_CASE("an option of another command is refused by name") {
  CHECK(refused({"validate", "--to", "s3://b"}).message == "`validate` takes no option --to");
  CHECK(refused({"stages", "-n"}).message == "`stages` takes no option --dry-run");
  CHECK(refused({"-n"}).message == "option --dry-run needs a command");
  CHECK(refused({"push", "--version"}).message == "`push` takes no option --version");
}

TEST_CASE("an unknown command offers the nearest, or lists all that are shown") {
  CHECK(refused({"psuh", "site/"}).hint == "did you mean `deployflow push`?");
  const Error error = refused({"frobnicate"});
  CHECK(error.message == "unknown command frobnicate");
  CHECK(error.hint ==
        "the commands are push, run, validate, plan, apply, explain, releases, "
        "rollback, diff, prune, unlock, previews, rules, stages, doctor, presign, help");
}

TEST_CASE("too many words are an error that shows the usage") {
  const Error error = refused({"push", "a", "b"});
  CHECK(error.message == "unexpected argument b");
  CHECK(error.hint == "usage: deployflow push [options] [site]");
}

TEST_CASE("help wins over what is missing") {
  CHECK(parsed({"push", "-h"}).help == HelpDepth::brief);
  CHECK(parsed({"--help"}).help == HelpDepth::full);
  CHECK(parsed({"push", "--help"}).command == Command::push);
}

TEST_CASE("quiet and verbose exclude each other; a colour is one of three") {
  CHECK(refused({"push", "-q", "-v"}).message == "--quiet and --verbose exclude each other");
  CHECK(refused({"push", "--color", "pink"}).message == "--color pink: unknown choice");
  CHECK(parsed({"push", "--color=never"}).color == ColorChoice::never);
}

TEST_CASE("control characters of a wrong word do not reach the terminal") {
  CHECK(refused({"\x1b[2Jx"}).message == "unknown command \\x1b[2Jx");
  CHECK(refused({"push", "--\x1b]0;x"}).message.find('\x1b') == std::string::npos);
}

TEST_CASE("a wrong command line can still ask for JSON, but not behind --") {
  CHECK(asks_for_json(Words{"push", "--json", "--wrong"}));
  CHECK_FALSE(asks_for_json(Words{"push", "--", "--json"}));
}

}  // namespace
}  // namespace deployflow::cli
