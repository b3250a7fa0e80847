#include "plugins/host/pipeline/variables.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::pipeline {
namespace {

constexpr std::size_t k_max_text_bytes = std::size_t{4} << 20U;

bool is_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

// What stands between "${" and "}".
struct Reference {
  std::string_view name;
  std::optional<std::string_view> fallback;
  std::size_t end = 0;  // byte after the "}"
};

class Substitution {
 public:
  Substitution(const SourceText& source, const Lookup& lookup, Diagnostics& out)
      : source_(source), lookup_(lookup), out_(out) {}

  void replace_all(Value& value) {
    for (auto& entry : value.list) {
      replace_all(entry);
    }
    for (auto& [key, entry] : value.map) {
      replace_all(entry);
    }
    if (value.kind == Value::Kind::string && !value.broken) {
      if (value.text.find("${") != std::string::npos) {
        replace_in(value);
      }
      count(value);
    }
  }

 private:
  void count(Value& value) {
    const bool fitted = bytes_ <= k_max_text_bytes;
    bytes_ += value.text.size();
    if (bytes_ > k_max_text_bytes) {
      value.broken = true;
      value.text.clear();
      if (fitted) {
        out_.push_back(
            {value.at, "with its variables replaced, the file has more than 4 MiB of text", ""});
      }
    }
  }

  void replace_in(Value& value) {
    const std::string written = std::move(value.text);
    const std::string_view text = written;
    value.text.clear();
    for (std::size_t i = 0; i < text.size() && value.text.size() <= k_max_text_bytes;) {
      if (text.substr(i, 3) == "$${") {
        value.text += "${";
        i += 3;
      } else if (text.substr(i, 2) == "${") {
        i = replace_one(value, text, i);
      } else {
        value.text += text[i++];
      }
    }
  }

  std::size_t replace_one(Value& value, std::string_view text, std::size_t start) {
    const auto wrong = [&](std::string message, std::string hint) {
      out_.push_back({position(value, text, start), std::move(message), std::move(hint)});
      value.broken = true;
    };
    const std::size_t close = text.find('}', start);
    if (close == std::string_view::npos) {
      wrong("\"${\" is not closed with \"}\"", "write $${ for a literal \"${\"");
      return text.size();
    }
    const Reference reference = parse(text, start, close);
    if (text.substr(start + 2, close - start - 2).find("${") != std::string_view::npos) {
      wrong("a variable inside a variable is not supported", "");
      return skip_nested(text, start);
    }
    if (!is_name(reference.name)) {
      wrong("\"${\" needs the name of a variable: letters, digits and _, then \"}\" or \":-\"",
            "write $${ for a literal \"${\"");
      return reference.end;
    }
    put(value, reference, wrong);
    return reference.end;
  }

  static Reference parse(std::string_view text, std::size_t start, std::size_t close) {
    const std::string_view inside = text.substr(start + 2, close - start - 2);
    const std::size_t separator = inside.find(":-");
    if (separator == std::string_view::npos) {
      return {inside, std::nullopt, close + 1};
    }
    return {inside.substr(0, separator), inside.substr(separator + 2), close + 1};
  }

  // The byte after the "}" that closes the outermost "${".
  static std::size_t skip_nested(std::string_view text, std::size_t start) {
    std::size_t depth = 0;
    for (std::size_t i = start; i < text.size(); ++i) {
      if (text.substr(i, 2) == "${") {
        ++depth;
      } else if (text[i] == '}' && --depth == 0) {
        return i + 1;
      }
    }
    return text.size();
  }

  template <class Wrong>
  void put(Value& value, const Reference& reference, const Wrong& wrong) {
    std::optional<std::string> found =
        lookup_ ? lookup_(reference.name) : std::optional<std::string>();
    if (reference.fallback && (!found || found->empty())) {
      value.text += *reference.fallback;
    } else if (!found) {
      wrong(fmt::format("variable {} is not set", reference.name),
            fmt::format("set it, or give a default: ${{{}:-...}}", reference.name));
    } else if (!is_utf8(*found)) {
      wrong(fmt::format("variable {} does not hold UTF-8 text", reference.name), "");
    } else {
      value.text += *found;
      value.from_variable = true;
    }
  }

  // Exact when the source spells the value as it is: plain or quoted, one line, no escapes.
  [[nodiscard]] Position position(const Value& value,
                                  std::string_view text,
                                  std::size_t offset) const {
    if (value.at.line == 0) {
      return value.at;
    }
    std::size_t start = source_.offset(value.at);
    const std::string_view source = source_.text();
    if (start < source.size() && (source[start] == '"' || source[start] == '\'')) {
      ++start;
    }
    return source.substr(start, text.size()) == text ? source_.position(start + offset) : value.at;
  }

  const SourceText& source_;
  const Lookup& lookup_;
  Diagnostics& out_;
  std::size_t bytes_ = 0;
};

}  // namespace

void substitute_variables(Value& root,
                          const SourceText& source,
                          const Lookup& lookup,
                          Diagnostics& out) {
  Substitution(source, lookup, out).replace_all(root);
}

}  // namespace deployflow::pipeline
