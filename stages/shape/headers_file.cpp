#include "stages/shape/headers_file.hpp"

#include "stages/release/header_field.hpp"

#include <array>
#include <unordered_map>

namespace deployflow::shape {
namespace {

using release::is_token;
using release::k_metadata;
using Text = std::string_view;

std::string lower(Text text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// What a pattern of keys would take for one of its own signs is escaped.
std::string glob_of(Text path) {
  std::string glob;
  path.remove_prefix(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool begins_segment = i == 0 || path[i - 1] == '/';
    if (path[i] == '*') {
      if (glob.size() < 2 || glob.substr(glob.size() - 2) != "**") {
        glob += "**";
      }
    } else if (path[i] == ':' && begins_segment && i + 1 < path.size() && path[i + 1] != '/') {
      glob += '*';
      i = std::min(path.find('/', i), path.size()) - 1;
    } else {
      if (Text("\\?{}[],!").find(path[i]) != Text::npos) {
        glob += '\\';
      }
      glob += path[i];
    }
  }
  return path.empty() || path.back() == '/' ? glob + "index.html" : glob;
}

bool is_value(Text text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

class Parser {
 public:
  HeadersFile parse(Text text) {
    each_line(text, [&](Text line, std::uint32_t number) {
      number_ = number;
      if (line.empty() || line.front() == '#') {
        return;
      }
      if (line.front() == '/' || line.substr(0, 8) == "https://" ||
          line.substr(0, 7) == "http://") {
        begin(line);
      } else {
        read_header(line);
      }
    });
    end();
    return {std::move(blocks_), problems_.take()};
  }

 private:
  void begin(Text path) {
    end();
    block_ = {};
    names_.clear();
    block_.line = number_;
    state_ = State::refused;
    constexpr std::size_t k_longest = 1024;  // of a key
    if (path.front() != '/') {
      problems_.error(number_,
                      in_quotes(path) + ": a bucket does not know by which host name it is asked",
                      "begin with the path");
    } else if (!is_plain(path)) {
      problems_.error(number_,
                      "a path has characters other than printable ASCII",
                      "write them percent-encoded: %C3%A9");
    } else if (path.substr(0, 2) == "//") {
      problems_.error(number_, in_quotes(path) + " is no path: no file's name begins with \"/\"");
    } else if (path.size() > k_longest) {
      problems_.error(number_, "a path of more than 1,024 characters names no file");
    } else {
      block_.path = path;
      block_.glob = glob_of(path);
      state_ = State::open;
    }
  }

  void end() {
    if (state_ == State::open) {
      if (!block_.headers.empty()) {
        blocks_.push_back(std::move(block_));
      } else if (!had_problem_) {
        problems_.warning(block_.line, in_quotes(block_.path) + " has no headers");
      }
    }
    had_problem_ = false;
    state_ = State::outside;
  }

  void refuse(std::string message, std::string hint = {}) {
    had_problem_ = true;
    problems_.error(number_, std::move(message), std::move(hint));
  }

  // A value may be a password: no message shows one.
  void read_header(Text line) {
    if (state_ == State::refused) {
      return;  // its path is the mistake
    }
    if (state_ == State::outside) {
      refuse("a header stands before the first path", "a path begins with \"/\"");
      return;
    }
    const std::size_t colon = line.find(':');
    const Text name = trimmed(line.substr(0, colon));
    const Text value = colon != Text::npos ? trimmed(line.substr(colon + 1)) : Text();
    if (colon == Text::npos || !is_token(name)) {
      refuse("expected a path or a header", "such as /assets/* or Cache-Control: no-cache");
    } else if (value.empty()) {
      refuse(in_quotes(name) + " has no value");
    } else if (!is_value(value)) {
      refuse(in_quotes(name) + ": the value has characters other than printable ASCII");
    } else if (lower(name) == "basic-auth") {
      refuse("Basic-Auth is not possible on a plain bucket: it asks nobody for a password");
    } else {
      add(lower(name), value);
    }
  }

  void add(std::string name, Text value) {
    const auto [known, is_new] = names_.try_emplace(name, block_.headers.size());
    if (is_new) {
      block_.headers.push_back({std::move(name), std::string(value), number_});
    } else {
      block_.headers[known->second].value.append(", ").append(value);
    }
  }

  enum class State : std::uint8_t { outside, open, refused };

  State state_ = State::outside;
  std::uint32_t number_ = 0;  // of the line
  bool had_problem_ = false;  // the block
  HeaderBlock block_;
  std::unordered_map<std::string, std::size_t> names_;  // index in block_.headers
  std::vector<HeaderBlock> blocks_;
  LineProblems problems_;
};

}  // namespace

HeadersFile parse_headers(Text text) {
  return Parser().parse(text);
}

bool is_kept_by_stores(Text name) {
  static constexpr std::array<Text, 6> k_kept{"cache-control",
                                              "content-disposition",
                                              "content-encoding",
                                              "content-language",
                                              "content-type",
                                              "expires"};
  return std::find(k_kept.begin(), k_kept.end(), name) != k_kept.end() ||
         name.substr(0, k_metadata.size()) == k_metadata;
}

}  // namespace deployflow::shape
