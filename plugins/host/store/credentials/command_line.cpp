#include "plugins/host/store/credentials/command_line.hpp"

#include <cstddef>
#include <utility>

namespace deployflow::store {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

class Splitter {
 public:
  std::optional<std::vector<std::string>> split(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '\\' && quote_ != '\'') {  // between single quotes nothing is special
        if (++i == text.size()) {
          return std::nullopt;
        }
        take_escaped(text[i]);
      } else if (quote_ == '"' || quote_ == '\'') {
        take_quoted(c);
      } else {
        take_bare(c);
      }
    }
    if (quote_ != '\0') {
      return std::nullopt;
    }
    end_word();
    return std::move(words_);
  }

 private:
  void take_bare(char c) {
    if (is_blank(c)) {
      end_word();
      return;
    }
    in_word_ = true;
    if (c == '\'' || c == '"') {
      quote_ = c;
    } else {
      word_ += c;
    }
  }

  void take_quoted(char c) {
    if (c == quote_) {
      quote_ = '\0';
    } else {
      word_ += c;
    }
  }

  // Between double quotes a backslash is itself, unless it stands before one of these two.
  void take_escaped(char c) {
    if (quote_ == '"' && c != '"' && c != '\\') {
      word_ += '\\';
    }
    in_word_ = true;
    word_ += c;
  }

  void end_word() {
    if (std::exchange(in_word_, false)) {
      words_.push_back(std::exchange(word_, {}));
    }
  }

  std::vector<std::string> words_;
  std::string word_;
  bool in_word_ = false;
  char quote_ = '\0';
};

}  // namespace

std::optional<std::vector<std::string>> split_command(std::string_view text) {
  return Splitter().split(text);
}

}  // namespace deployflow::store
