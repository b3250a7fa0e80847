#include "stages/validate/outline.hpp"

#include "stages/validate/open_elements.hpp"

#include <algorithm>

namespace deployflow::validate {
namespace {

constexpr CharacterSet k_spaces{" \t\n\r\f"};
constexpr CharacterSet k_between{" \t\n\r\f/"};
constexpr CharacterSet k_name_ends{" \t\n\r\f/>="};
constexpr CharacterSet k_value_ends{" \t\n\r\f>"};
constexpr CharacterSet k_script_marks{"<-"};

bool is_raw_text(TagId id) {
  return id == tag_id("script") || id == tag_id("style") || id == tag_id("textarea") ||
         id == tag_id("title") || id == tag_id("xmp") || id == tag_id("iframe") ||
         id == tag_id("noembed") || id == tag_id("noframes");
}

// "<!-- <script> </script> -->" inside a script is all script, by the rules for 1990s browsers.
class ScriptEscape {
 public:
  [[nodiscard]] bool swallows_end() const { return depth_ == 2; }

  // `rest` begins with '<' or '-'. How far to go on.
  std::size_t see(std::string_view rest) {
    if (rest.starts_with("-->")) {
      depth_ = 0;
    } else if (depth_ == 0 && rest.starts_with("<!--")) {
      depth_ = 1;
      return 2;  // "<!-->" ends what it begins
    } else if (depth_ > 0 && tag_id(name_of_tag(rest.substr(0, 16))) == tag_id("script")) {
      depth_ = rest.starts_with("</") ? 1 : 2;
    }
    return std::min<std::size_t>(rest.size(), 1);
  }

 private:
  int depth_ = 0;
};

class Pass {
 public:
  Pass(std::string_view page, const OutlineLimits& limits) : page_(page), limits_(limits) {}

  Outline run() && {
    while (!out_.excess && at_ < page_.size()) {
      const std::size_t open = page_.find('<', at_);
      see_text(at_, std::min(open, page_.size()));
      if (open == std::string_view::npos) {
        break;
      }
      at_ = open;
      step();
    }
    return std::move(out_);
  }

 private:
  void see_text(std::size_t begin, std::size_t end) {
    if (out_.first_token == k_nowhere) {
      while (begin < end && is_space(page_[begin])) {
        ++begin;
      }
      out_.first_token = begin < end ? begin : k_nowhere;
    }
  }

  void see_token() { out_.first_token = std::min(out_.first_token, at_); }

  // at_ is at a '<'.
  void step() {
    const std::string_view rest = page_.substr(at_);
    if (rest.starts_with("<!--")) {
      comment();
    } else if (rest.starts_with("<![CDATA[") && open_.is_foreign()) {
      skip_past("]]>");
    } else if (rest.starts_with("<!") || rest.starts_with("<?")) {
      declaration(rest);
    } else if (!name_of_tag(rest.substr(0, 3)).empty()) {
      tag();
    } else {
      see_token();
      ++at_;
    }
  }

  void comment() {
    const std::size_t begin = at_;
    at_ += 4;
    if (page_.substr(at_, 1) == ">" ||
        page_.substr(at_, 2) == "->") {  // <!--> and <!---> are whole
      at_ = page_.find('>', at_) + 1;
      return;
    }
    const std::size_t inner = page_.find("--", at_);
    const std::size_t end = comment_end(inner);
    if (end == std::string_view::npos) {
      out_.unfinished = begin;
      at_ = page_.size();
      return;
    }
    at_ = page_.find('>', end) + 1;
    if (inner < end || page_[end + 2] == '!') {
      out_.odd_comments.emplace_back(begin, at_);
    }
  }

  // Offset of the "-->" or "--!>" at or after `dashes`.
  [[nodiscard]] std::size_t comment_end(std::size_t dashes) const {
    while (dashes != std::string_view::npos) {
      const std::string_view rest = page_.substr(dashes, 4);
      if (rest.starts_with("-->") || rest == "--!>") {
        return dashes;
      }
      dashes = page_.find("--", dashes + 1);
    }
    return std::string_view::npos;
  }

  void declaration(std::string_view rest) {
    if (equals_ignoring_case(rest.substr(0, 9), "<!doctype")) {
      see_token();
      out_.first_doctype = std::min(out_.first_doctype, at_);
    }
    skip_past(">");
  }

  void skip_past(std::string_view end) {
    const std::size_t found = page_.find(end, at_);
    if (found == std::string_view::npos) {
      out_.unfinished = at_;
      at_ = page_.size();
      return;
    }
    at_ = found + end.size();
  }

  void tag() {
    see_token();
    const std::size_t begin = at_;
    const bool is_end = page_[begin + 1] == '/';
    const TagId id = tag_id(name_of_tag(page_.substr(begin)));
    if (++out_.tags > limits_.tags) {
      exceed(Excess::tags, begin);
      return;
    }
    const bool self_closing = attributes(begin);
    if (out_.excess || out_.unfinished != k_nowhere) {
      return;
    }
    if (is_end) {
      if (id == tag_id("body") || id == tag_id("html")) {
        out_.body_end = std::min(out_.body_end, begin);
      }
      if (id == tag_id("form")) {
        out_.open_form = k_nowhere;
      }
      if (is_formatting(id)) {
        out_.formatting_ends.push_back(begin);
      }
      open_.close(id);
      return;
    }
    start(id, begin, self_closing);
  }

  void start(TagId id, std::size_t begin, bool self_closing) {
    const bool foreign = open_.is_foreign();
    open_.open(id, self_closing);
    if (id == tag_id("form")) {
      out_.open_form = std::min(out_.open_form, begin);  // one inside another is dropped
    }
    if (open_.depth() > limits_.depth) {
      exceed(Excess::depth, begin);
    } else if (id == tag_id("plaintext") && !foreign) {
      at_ = page_.size();
    } else if (is_raw_text(id) && !foreign) {
      raw_text(id);
      open_.close(id);
    }
  }

  // From after the tag's name to after its '>'. True if it ends in "/>".
  bool attributes(std::size_t begin) {
    std::size_t count = 0;
    at_ = begin + 1 + (page_[begin + 1] == '/' ? 1U : 0U);
    at_ += name_of_tag(page_.substr(begin)).size();
    for (;;) {
      at_ = k_between.find_other(page_, at_);
      if (at_ == page_.size()) {
        out_.unfinished = begin;
        return false;
      }
      if (page_[at_] == '>') {
        return page_[at_++ - 1] == '/';
      }
      if (++count > limits_.attributes) {
        exceed(Excess::attributes, begin);
        return false;
      }
      attribute();
    }
  }

  void attribute() {
    at_ = k_name_ends.find_in(page_, at_ + 1);  // '=' may begin a name
    const std::size_t equals = k_spaces.find_other(page_, at_);
    if (equals == page_.size() || page_[equals] != '=') {
      return;
    }
    at_ = k_spaces.find_other(page_, equals + 1);
    if (at_ == page_.size() || page_[at_] == '>') {
      return;
    }
    if (page_[at_] == '"' || page_[at_] == '\'') {
      const std::size_t end = page_.find(page_[at_], at_ + 1);
      at_ = end == std::string_view::npos ? page_.size() : end + 1;
    } else {
      at_ = k_value_ends.find_in(page_, at_);
    }
  }

  // To the '<' of the end tag of `id`, or to the end.
  void raw_text(TagId id) {
    ScriptEscape escape;
    while (at_ < page_.size()) {
      at_ = k_script_marks.find_in(page_, at_);
      const std::string_view rest = page_.substr(at_);
      const bool is_end = rest.starts_with("</") && tag_id(name_of_tag(rest.substr(0, 16))) == id;
      if (is_end && !escape.swallows_end()) {
        return;
      }
      at_ += id == tag_id("script") ? escape.see(rest) : std::min<std::size_t>(rest.size(), 1);
    }
  }

  void exceed(Excess excess, std::size_t at) {
    out_.excess = excess;
    out_.excess_at = at;
  }

  std::string_view page_;
  const OutlineLimits& limits_;
  std::size_t at_ = 0;
  OpenElements open_;
  Outline out_;
};

}  // namespace

bool Outline::is_in_odd_comment(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(
      odd_comments, offset, {}, [](const auto& range) { return range.first; });
  return after != odd_comments.begin() && offset < (after - 1)->second;
}

Outline outline_of(std::string_view page, const OutlineLimits& limits) {
  return Pass(page, limits).run();
}

}  // namespace deployflow::validate
