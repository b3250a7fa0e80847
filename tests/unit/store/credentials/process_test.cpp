#include "plugins/host/store/credentials/child_process.hpp"
#include "plugins/host/store/credentials/command_line.hpp"
#include "tests/unit/store/credentials/world.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <thread>

using namespace deployflow;
using namespace deployflow::store;

namespace {

using Words = std::vector<std::string>;

std::string script(const World& world, const std::string& text) {
  world.home.write("script", "#!/bin/sh\n" + text);
  ::chmod(world.home.file("script").c_str(), 0700);
  return world.home.file("script");
}

void use(const World& world, const std::string& command) {
  world.home.write("config", "[profile p]\ncredential_process = " + command + "\n");
}

}  // namespace

TEST_CASE("a command is split as a shell splits it, with nothing else of a shell") {
  CHECK(split_command("a b\tc  d") == Words{"a", "b", "c", "d"});
  CHECK(split_command("'a b' \"c d\" e\\ f") == Words{"a b", "c d", "e f"});
  CHECK(split_command("a'b'\"c\"d") == Words{"abcd"});
  CHECK(split_command("'a\\n' \"b\\n\" \"c\\\"\\\\\" d\\n") ==
        Words{"a\\n", "b\\n", "c\"\\", "dn"});
  CHECK(split_command("'' \"\" x") == Words{"", "", "x"});
  CHECK(split_command("$HOME `id` *.txt a;b | c > d # e") ==
        Words{"$HOME", "`id`", "*.txt", "a;b", "|", "c", ">", "d", "#", "e"});
  CHECK(split_command("  ") == Words{});
  CHECK_FALSE(split_command("a 'b").has_value());
  CHECK_FALSE(split_command("a \"b").has_value());
  CHECK_FALSE(split_command("a\\").has_value());
}

TEST_CASE("a process that prints a key is run with its arguments as they are") {
  World world;
  use(world,
      script(world,
             "[ \"$1\" = 'a b' ] && [ \"$2\" = '$HOME' ] && echo '" +
                 json_key("PROC", "SessionToken") + "'") +
          " \"a b\" $HOME");
  const Credentials key = world.good("p");
  CHECK(key.key_id == "PROC");
  CHECK(key.session_token.reveal() == "canary-token");
  CHECK(format_iso(*key.expires) == "2025-11-20T23:33:20Z");
  CHECK(key.source == "credential_process of profile p (" + world.home.file("script") + ")");
}

TEST_CASE("without Expiration the key does not expire, and blank lines around it do not matter") {
  World world;
  use(world,
      script(world,
             "printf '\\n{\"Version\":1,\"AccessKeyId\":\"K\","
             "\"SecretAccessKey\":\"canary\"}\\n\\n'"));
  const Credentials key = world.good("p");
  CHECK_FALSE(key.expires.has_value());
  CHECK(key.session_token.empty());
}

TEST_CASE("a process that fails or prints nonsense is an error without what it said") {
  World world;
  const std::string program = script(world, "echo canary; echo canary-err >&2; exit 3");
  use(world, program + " --password canary");
  CHECK(world.wrong("p") ==
        "credential_process of profile p (" + program + "): failed with exit status 3");
  for (const std::string& body : hostile_bodies()) {
    CAPTURE(body.substr(0, 200));
    world.home.write("answer", body);
    use(world, "/bin/cat " + world.home.file("answer"));
    world.wrong("p");
  }
  use(world, "/bin/echo '" + json_key("K", "SessionToken") + "' canary");
  CHECK(has(world.wrong("p"), "is not JSON"));
  world.home.write("answer",
                   "{\"Version\":2,\"AccessKeyId\":\"K\",\"SecretAccessKey\":\"canary\"}");
  use(world, "cat " + world.home.file("answer"));  // found in PATH
  CHECK(has(world.wrong("p"), "Version is not 1"));
  use(world, "/no/such/program canary");
  CHECK(world.wrong("p") ==
        "credential_process of profile p (/no/such/program): cannot be started: No such file or "
        "directory");
  use(world, "'canary");
  CHECK(world.wrong("p") == "credential_process of profile p: a quote is open");
  use(world, "''");
  CHECK(world.wrong("p") == "credential_process of profile p: it names no program");
}

TEST_CASE("a child has no input, and none of our descriptors") {
  const int null = ::open("/dev/null", O_RDONLY);
  const int ours = ::fcntl(null, F_DUPFD, 50);  // no FD_CLOEXEC
  const auto ran = run_child(
      {"/bin/sh", "-c", "cat; [ -e /proc/$$/fd/" + std::to_string(ours) + " ] || echo none"}, {});
  ::close(ours);
  ::close(null);
  REQUIRE(ran.ok());
  CHECK(ran->status == 0);
  CHECK(ran->out == "none\n");
}

TEST_CASE("a child that prints without end is killed") {
  const auto ran = run_child({"/bin/sh", "-c", "while :; do echo xxxxxxxxxxxxxxxxxxxx; done"}, {});
  REQUIRE_FALSE(ran.ok());
  CHECK(ran.error().message == "printed over 64.0 KiB");
}

TEST_CASE("a child that does not end is killed, whether it holds its output or not") {
  for (const char* command : {"exec sleep 600", "exec >&-; exec sleep 600"}) {
    const auto began = std::chrono::steady_clock::now();
    const auto ran = run_child({"/bin/sh", "-c", command},
                               {.timeout = std::chrono::milliseconds(50), .stop = {}});
    REQUIRE_FALSE(ran.ok());
    CHECK(ran.error().message == "did not end within 0 s");
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
  }
}

TEST_CASE("a stop ends the wait for a child") {
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  const auto ran = run_child({"/bin/sleep", "600"}, {.stop = stop.get_token()});
  REQUIRE_FALSE(ran.ok());
  CHECK(ran.error().code == Errc::cancelled);
}

TEST_CASE("a signal that ends a child is a failure") {
  const auto ran = run_child({"/bin/sh", "-c", "kill -9 $$"}, {});
  REQUIRE(ran.ok());
  CHECK(ran->status == 128 + 9);
}
