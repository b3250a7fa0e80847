// Real and standard pages, read in place where they are installed or shared; else the case says so.

#include "stages/validate/page.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::validate {
namespace {

namespace fs = std::filesystem;

std::string contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::path shared_data() {
  const char* given = std::getenv("DEPLOYFLOW_SHARED_DATA");
  return given != nullptr ? fs::path(given) : fs::path(DEPLOYFLOW_SHARED_DATA_DEFAULT);
}

std::string errors_of(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& f : findings) {
    if (f.severity == Severity::error) {
      out += std::to_string(f.line) + ":" + std::to_string(f.column) + " " + std::string(f.code) +
             " " + f.message + "\n";
    }
  }
  return out;
}

TEST_CASE("the Python documentation has no errors") {
  const fs::path root = "/usr/share/doc/python3.11/html";
  if (!fs::exists(root)) {
    MESSAGE("skipped: the package python3-doc is not installed");
    return;
  }
  int pages = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file() && entry.path().extension() == ".html") {
      ++pages;
      const std::string errors = errors_of(check_page(contents_of(entry.path()), {}));
      CHECK_MESSAGE(errors.empty(), entry.path().string() << "\n" << errors);
    }
  }
  CHECK(pages > 400);
}

struct Case {
  std::string data;
  std::size_t errors = 0;
  bool is_skipped = false;  // a fragment, or with scripts on: neither is what a file is
};

// The format is in the README beside the vectors.
std::vector<Case> cases_of(const std::string& file) {
  std::vector<Case> out;
  std::istringstream lines(file);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (line == "#data" && (section.empty() || section == "#document")) {
      out.emplace_back();
      section = line;
    } else if (line == "#errors" || line == "#new-errors" || line == "#document-fragment" ||
               line == "#document" || line == "#script-on" || line == "#script-off") {
      section = line;
      out.back().is_skipped |= line == "#document-fragment" || line == "#script-on";
    } else if (section == "#data") {
      out.back().data += (out.back().data.empty() ? "" : "\n") + line;
    } else if (section == "#errors" && !line.empty()) {
      ++out.back().errors;
    }
  }
  return out;
}

// Seen otherwise on purpose: old doctypes do no harm unless they make browsers quirky, and gumbo
// takes <command>, which never came to be, for a void element.
bool is_deliberate(const Case& c) {
  return c.data.find("PUBLIC") != std::string::npos ||
         c.data.find("<command>") != std::string::npos;
}

// For each file, whether gumbo's count of errors agrees with the standard's, case by case.
std::map<std::string, std::vector<bool>, std::less<>> agreements_of(const std::string& table) {
  std::map<std::string, std::vector<bool>, std::less<>> out;
  std::istringstream rows(table);
  std::string index, file, spec, gumbo, agree;
  while (rows >> index >> file >> spec >> gumbo >> agree) {
    if (index != "index") {
      out[file].push_back(agree == "1");
    }
  }
  return out;
}

TEST_CASE("html5lib's pages are judged as the standard does where gumbo can") {
  const fs::path root = shared_data() / "html5lib";
  if (!fs::exists(root)) {
    MESSAGE("skipped: no html5lib vectors at " << root.string());
    return;
  }
  const auto agreements = agreements_of(contents_of(root / "agree-gumbo-0.10.1.tsv"));
  std::size_t compared = 0;
  std::vector<std::string> different;
  for (const auto& [name, agrees] : agreements) {
    std::vector<Case> cases = cases_of(contents_of(root / "tree-construction" / name));
    std::erase_if(cases, [](const Case& c) { return c.is_skipped; });
    REQUIRE(cases.size() == agrees.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const auto findings = check_page(cases[i].data, {.max_findings = 1000});
      // An empty page is an opinion, unless it lacks its doctype too; and addresses are nothing
      // that a parser judges.
      const bool has_doctype = cases[i].data.find("<!") != std::string::npos;
      const bool finds = std::ranges::any_of(findings, [has_doctype](const Finding& f) {
        return !f.code.starts_with("link/") && (f.code != "html/empty" || !has_doctype);
      });
      compared += agrees[i] ? 1U : 0U;
      if (agrees[i] && (cases[i].errors > 0) != finds && !is_deliberate(cases[i])) {
        different.push_back(name + ": " + cases[i].data);
      }
    }
  }
  for (const std::string& text : different) {
    MESSAGE(text);
  }
  CHECK(compared > 1500);
  CHECK(different.empty());
}

TEST_CASE("no vector of html5lib, fragments and scripted ones included, is too much") {
  const fs::path root = shared_data() / "html5lib";
  if (!fs::exists(root)) {
    MESSAGE("skipped: no html5lib vectors at " << root.string());
    return;
  }
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    const std::string text = contents_of(entry.path());
    check_page(text, {});  // the file as a whole is a fine page too
    if (entry.path().extension() == ".dat") {
      for (const Case& c : cases_of(text)) {
        ++count;
        check_page(c.data, {});
      }
    }
  }
  CHECK(count > 1700);
}

}  // namespace
}  // namespace deployflow::validate
