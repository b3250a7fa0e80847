// Ignore files against git itself, over trees and patterns that a generator makes: the same ones at
// every run.

#include "plugins/host/site/walk.hpp"
#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

using deployflow::site::ArtifactSet;
using deployflow::site::walk;
using deployflow::test::Scratch;

namespace fs = std::filesystem;

namespace {

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t end) { return random_() % end; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  std::string name() {
    static const std::vector<std::string> k_names{
        "a",   "b",      "ab",    "abc",         "a.b",      "b.txt", "a.txt", "foo",
        "bar", "foobar", "build", "#a",          "!a",       " a",    "a ",    "a b",
        "[a]", "a-b",    "-",     "]",           "^",        "a\\b",  "*",     "a*b",
        "?",   "A",      "B.TXT", "caf\xC3\xA9", "\xC3\xA9", "9",     "x9",    "..a",
        "~",   "a\tb",   "a  ",   ".x",          "_",        "{a}",   "a,b",   "foo bar"};
    return k_names[below(k_names.size())];
  }

  std::string line() {
    if (one_in(40)) {
      return one_in(2) ? "# comment" : one_in(2) ? "" : "   ";
    }
    std::string out;
    if (one_in(5)) {
      out += '!';
    }
    if (one_in(4)) {
      out += '/';
    }
    const std::size_t segments = 1 + (one_in(2) ? below(3) : 0);
    for (std::size_t i = 0; i < segments; ++i) {
      out += (i > 0 ? "/" : "") + segment();
    }
    if (one_in(4)) {
      out += '/';
    }
    if (one_in(12)) {
      out += std::string(1 + below(2), ' ');
    }
    if (one_in(20)) {
      out += '\r';
    }
    return out;
  }

 private:
  std::string segment() {
    static const std::vector<std::string> k_pieces{"*",
                                                   "**",
                                                   "?",
                                                   "*.txt",
                                                   "a*",
                                                   "*b",
                                                   "[a-c]",
                                                   "[!a]",
                                                   "[^ab]",
                                                   "[]a]",
                                                   "[a-]",
                                                   "[[:alpha:]]",
                                                   "[[:digit:]]*",
                                                   "[[:space:]]",
                                                   "[[:upper:]]",
                                                   "[[:punct:]]",
                                                   "[[:alnum:]_]",
                                                   "[[:wrong:]]",
                                                   "[[:alpha]",
                                                   "[a",
                                                   "[z-a]",
                                                   "[\\]]",
                                                   "[a\\-c]",
                                                   "\\#a",
                                                   "\\!a",
                                                   "\\ ",
                                                   "\\a",
                                                   "\\*",
                                                   "\\",
                                                   "***",
                                                   "a**",
                                                   "**b",
                                                   "[[a]",
                                                   "[--a]",
                                                   "[!]a]",
                                                   "[!!]",
                                                   "?\?",
                                                   "[\\",
                                                   "*\\b",
                                                   "[[:]a]",
                                                   "[a[:digit:]-c]",
                                                   "[[::]]",
                                                   "[a-c-e]",
                                                   "\\[a]",
                                                   "*[!b]*",
                                                   "**a**"};
    if (one_in(6)) {
      return "**";
    }
    if (one_in(3)) {
      return k_pieces[below(k_pieces.size())] + (one_in(5) ? k_pieces[below(k_pieces.size())] : "");
    }
    if (one_in(4)) {
      return name().substr(0, 2) + k_pieces[below(k_pieces.size())];
    }
    return one_in(8) ? k_pieces[below(k_pieces.size())] + name() : name();
  }

  std::mt19937 random_;
};

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Both tools get the same files, each under the name that it looks for.
void write_rules(const Scratch& tree, const std::string& folder, Generator& generate) {
  std::string text = generate.one_in(20) ? "\xEF\xBB\xBF" : "";
  for (std::size_t i = 0, lines = 1 + generate.below(7); i < lines; ++i) {
    text += generate.line() + "\n";
  }
  if (generate.one_in(4)) {
    text.pop_back();
  }
  tree.write(folder + "/.gitignore", text);
  tree.write(folder + "/.deployflowignore", text);
}

void make_tree(const Scratch& tree, const std::string& root, Generator& generate) {
  std::vector<std::string> folders{root};
  for (int i = 0; i < 12; ++i) {
    const std::string path = folders[generate.below(folders.size())] + "/" + generate.name();
    if (!fs::exists(tree / path)) {
      fs::create_directories(tree / path);
      folders.push_back(path);
    }
  }
  for (int i = 0; i < 60; ++i) {
    const std::string path = folders[generate.below(folders.size())] + "/" + generate.name();
    if (!fs::exists(tree / path)) {
      tree.write(path, "x");
    }
  }
  write_rules(tree, root, generate);
  for (int i = 0; i < 2; ++i) {
    write_rules(tree, folders[generate.below(folders.size())], generate);
  }
}

/// Run git where neither the user nor the system has a say.
int git(const Scratch& tree, const std::string& command) {
  return std::system(("cd '" + tree.path() +
                      "' && env -i PATH=\"$PATH\" HOME=/nonexistent"
                      " GIT_CONFIG_NOSYSTEM=1 git " +
                      command)
                         .c_str());
}

}  // namespace

TEST_CASE("ignore files leave out what git leaves out, and nothing else") {
  const Scratch tree;
  if (git(tree, "init -q . 2> /dev/null") != 0) {
    MESSAGE("skipped: there is no git");
    return;
  }
  constexpr int k_trees = 100;
  Generator generate(20'261'121);
  std::string paths;
  std::set<std::string> all;
  for (int i = 0; i < k_trees; ++i) {
    const std::string root = std::to_string(i);
    make_tree(tree, root, generate);
    for (const auto& entry : fs::recursive_directory_iterator(tree / root)) {
      const std::string name = entry.path().filename().string();
      if (!entry.is_directory() && name != ".gitignore" && name != ".deployflowignore") {
        const std::string path = entry.path().string().substr(tree.path().size() + 1);
        all.insert(path);
        paths += path + '\0';
      }
    }
  }
  tree.write("paths", paths);
  REQUIRE(git(tree, "check-ignore --no-index -z --stdin < paths > ignored") == 0);

  std::set<std::string> ignored;
  const std::string answer = bytes_of(tree / "ignored");
  for (std::size_t start = 0; start < answer.size();) {
    const std::size_t end = answer.find('\0', start);
    ignored.insert(answer.substr(start, end - start));
    start = end + 1;
  }
  // Else it would be no test.
  CHECK(all.size() > 3'500);
  CHECK(ignored.size() > all.size() / 5);
  CHECK(ignored.size() < all.size() * 4 / 5);

  std::set<std::string> kept;
  for (int i = 0; i < k_trees; ++i) {
    const std::string root = std::to_string(i);
    ArtifactSet set;
    REQUIRE(walk(tree / root, "", set, {}).ok());
    for (const auto id : set.ids()) {
      kept.insert(root + "/" + set.get(id)->key);
    }
  }
  for (const std::string& path : all) {
    if (kept.contains(path) == ignored.contains(path)) {
      INFO(path);
      INFO("git ignores it: " << ignored.contains(path));
      std::string rules;
      for (std::string folder = path; folder.find('/') != std::string::npos;) {
        folder.resize(folder.rfind('/'));
        if (fs::exists(tree / (folder + "/.gitignore"))) {
          rules += folder + ":\n" + bytes_of(tree / (folder + "/.gitignore")) + "\n";
        }
      }
      INFO(rules);
      CHECK(false);
    }
  }
}
