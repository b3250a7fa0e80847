#include "stages/shape/redirects_file.hpp"

#include <optional>
#include <unordered_map>

namespace deployflow::shape {
namespace {

using Text = std::string_view;

bool begins(Text text, Text with) {
  return text.substr(0, with.size()) == with;
}
bool is_url(Text word) {
  return begins(word, "https://") || begins(word, "http://");
}
bool is_place(Text word) {
  return begins(word, "/") || is_url(word);
}

/// Up to a word that begins with '#'.
std::vector<Text> words_of(Text line) {
  std::vector<Text> words;
  while (!(line = trimmed(line)).empty() && line.front() != '#') {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

/// "/blog/:year", "/*": a '*', or a segment that begins with ':'.
bool is_pattern(Text path) {
  return path.find('*') != Text::npos || path.find("/:") != Text::npos;
}

/// "301", "200!": nullopt if it is no status.
struct Status {
  int code = 301;
  bool is_forced = false;
};
std::optional<Status> read_status(Text word) {
  Status status;
  if (!word.empty() && word.back() == '!') {
    status.is_forced = true;
    word.remove_suffix(1);
  }
  if (word.size() != 3 || word.find_first_not_of("0123456789") != Text::npos || word[0] < '1' ||
      word[0] > '5') {
    return std::nullopt;
  }
  status.code = (word[0] - '0') * 100 + (word[1] - '0') * 10 + (word[2] - '0');
  return status;
}

/// The path that visitors ask for, a slash at its end left out.
std::string asked_for(Text place) {
  place = place.substr(0, place.find_first_of("?#"));
  while (place.size() > 1 && place.back() == '/') {
    place.remove_suffix(1);
  }
  return std::string(place);
}

class Parser {
 public:
  RedirectsFile parse(Text text) {
    each_line(text, [&](Text line, std::uint32_t number) {
      const std::vector<Text> words = words_of(line);
      if (!words.empty()) {
        number_ = number;
        read(words);
      }
    });
    drop_circles();
    return {std::move(redirects_), problems_.take()};
  }

 private:
  void refuse(std::string message, std::string hint = {}) {
    problems_.error(number_, std::move(message), std::move(hint));
  }

  void read(const std::vector<Text>& words) {
    const Text from = words[0];
    if (is_url(from)) {
      refuse(in_quotes(from) + ": a bucket does not know by which host name it is asked",
             "begin with the path");
      return;
    }
    if (!begins(from, "/") || begins(from, "//")) {
      refuse(in_quotes(from) + " is no path",
             "a redirect begins with the old path, such as /old.html");
      return;
    }
    std::size_t at = 1;
    while (at < words.size() && !is_place(words[at]) && words[at].find('=') != Text::npos) {
      ++at;
    }
    if (at > 1) {
      refuse(in_quotes(words[1]) + ": a bucket does not look at query parameters");
      return;
    }
    if (at == words.size() || !is_place(words[at])) {
      refuse(
          at == words.size() ? "where to is missing" : in_quotes(words[at]) + " is no path or URL",
          "a redirect is the old path and the new one, or a URL");
      return;
    }
    const Text to = words[at++];
    Status status;
    if (at < words.size()) {
      const auto given = read_status(words[at]);
      if (!given) {
        refuse_rest(words[at]);
        return;
      }
      status = *given;
      ++at;
    }
    if (at < words.size()) {
      refuse_rest(words[at]);
    } else if (is_possible(from, to, status)) {
      add(from, to, status);
    }
  }

  void refuse_rest(Text word) {
    if (word.find('=') != Text::npos) {
      refuse(in_quotes(word) +
             ": a bucket knows nothing of its visitors, so there are no conditions");
    } else {
      refuse(in_quotes(word) + " is no status", "a redirect is: /old /new 301");
    }
  }

  bool is_possible(Text from, Text to, const Status& status) {
    if (!is_plain(from) || !is_plain(to)) {
      refuse("a path or URL has characters other than printable ASCII",
             "write them percent-encoded: %C3%A9");
    } else if (is_pattern(from) || (begins(to, "/") && is_pattern(to)) ||
               to.find("/:splat") != Text::npos) {
      refuse("a plain bucket redirects single paths: * and :name need a server or a CDN",
             "write a line for each path");
    } else if (from.find_first_of("?#") != Text::npos) {
      refuse(in_quotes(from) + ": a bucket does not look at query parameters or fragments");
    } else if (status.code == 200) {
      refuse("status 200, a rewrite, is not possible on a plain bucket",
             "store the file under both names, or redirect with 301");
    } else if (status.code != 301) {
      refuse("status " + std::to_string(status.code) +
                 " is not possible on a plain bucket, which redirects with 301 alone",
             "browsers keep a 301: use it only where it is for good");
    } else if (to == "http://" || to == "https://" || begins(to, "//")) {
      refuse(in_quotes(to) + " is no path or URL");
    } else {
      return true;
    }
    return false;
  }

  void add(Text from, Text to, const Status& status) {
    const auto [known, is_new] = by_path_.try_emplace(asked_for(from), redirects_.size());
    if (is_new) {
      redirects_.push_back({std::string(from), std::string(to), status.is_forced, number_});
    } else {
      problems_.warning(number_,
                        in_quotes(from) + " is redirected in line " +
                            std::to_string(redirects_[known->second].line) + " already",
                        "remove one of the lines");
    }
  }

  // Each redirect leads to one other at most, so a walk that comes back to itself is a circle.
  // `seen_in` says in which walk one was met: none is followed twice.
  void drop_circles() {
    std::vector<std::size_t> seen_in(redirects_.size(), 0);
    std::vector<bool> in_circle(redirects_.size(), false);
    for (std::size_t start = 0; start < redirects_.size(); ++start) {
      std::optional<std::size_t> at = start;
      while (at && seen_in[*at] == 0) {
        seen_in[*at] = start + 1;
        at = next(*at);
      }
      if (at && seen_in[*at] == start + 1 && !in_circle[*at]) {
        for (std::optional<std::size_t> i = at; !in_circle[*i]; i = next(*i)) {
          in_circle[*i] = true;
          problems_.error(redirects_[*i].line,
                          in_quotes(redirects_[*i].from) + " is redirected in a circle");
        }
      }
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < redirects_.size(); ++i) {
      if (!in_circle[i]) {
        std::swap(redirects_[kept++], redirects_[i]);
      }
    }
    redirects_.resize(kept);
  }

  [[nodiscard]] std::optional<std::size_t> next(std::size_t i) const {
    const auto found = by_path_.find(asked_for(redirects_[i].to));
    return found != by_path_.end() ? std::optional(found->second) : std::nullopt;
  }

  std::uint32_t number_ = 0;  // of the line
  std::vector<Redirect> redirects_;
  std::unordered_map<std::string, std::size_t> by_path_;  // index in redirects_
  LineProblems problems_;
};

}  // namespace

RedirectsFile parse_redirects(Text text) {
  return Parser().parse(text);
}

}  // namespace deployflow::shape
