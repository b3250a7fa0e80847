#include "stages/validate/gumbo_errors.hpp"

#include "stages/validate/gumbo_page.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

namespace deployflow::validate {
namespace {

// The head of every error object in gumbo 0.10 to 0.13; more follows.
struct ErrorHead {
  int type;
  GumboSourcePosition position;
  const char* original_text;
};

struct RawError {
  int type;
  GumboSourcePosition position;
  std::size_t offset;
};

// Copies the head out; nothing unless it points into the page.
std::optional<RawError> read_head(const void* error, std::string_view text) {
  if (error == nullptr) {
    return std::nullopt;
  }
  ErrorHead head{};
  std::memcpy(&head, error, sizeof head);
  const auto at = reinterpret_cast<std::uintptr_t>(head.original_text);
  const auto begin = reinterpret_cast<std::uintptr_t>(text.data());
  if (at < begin || at > begin + text.size()) {
    return std::nullopt;
  }
  return RawError{head.type, head.position, at - begin};
}

struct Probe {
  std::string_view page;
  std::size_t offset;  // of its one error, on line 1
  ErrorKind kind;
};

constexpr std::string_view k_clean_page = "<!doctype html><title>x</title><p>x";
constexpr std::array k_probes{
    Probe{"<!doctype html><title>x</title></i>", 31, ErrorKind::tree},
    Probe{"<!doctype html><title>x</title><div><b>x</div>", 40, ErrorKind::tree},
    Probe{"<!doctype html><title>x</title><div/></div>", 31, ErrorKind::self_closing},
    Probe{"<!doctype html><title>x</title><p a=1 a=2>x", 38, ErrorKind::duplicate_attribute},
    Probe{"<!doctype html><title>x</title><p>&nonsense;", 34, ErrorKind::character_reference},
    Probe{"<!doctype html><title>x</title><p>&amp x", 34, ErrorKind::character_reference},
    Probe{"<!doctype html><title>x</title><p>&#x;", 34, ErrorKind::character_reference},
    Probe{"<!doctype html><title>x</title><p>&#65 x", 34, ErrorKind::character_reference},
    Probe{"<!doctype html><title>x</title><p>&#128;", 34, ErrorKind::character_reference},
};

// What the probes taught about the loaded library.
class Dialect {
 public:
  static const Dialect& of_loaded_library() {
    static const Dialect k_dialect;
    return k_dialect;
  }

  [[nodiscard]] bool is_known() const { return known_; }

  [[nodiscard]] ErrorKind kind_of(int type) const {
    const auto found = std::find_if(
        types_.begin(), types_.end(), [type](const auto& row) { return row.first == type; });
    return found != types_.end() ? found->second : ErrorKind::other;
  }

 private:
  Dialect() : known_(error_count(k_clean_page) == 0) {
    for (const Probe& probe : k_probes) {
      known_ = known_ && learn(probe);
    }
  }

  static std::size_t error_count(std::string_view text) {
    GumboPage page;
    return page.parse(text, budget_for(text.size())) ? page.tree().errors.length : k_failed;
  }

  bool learn(const Probe& probe) {
    GumboPage page;
    if (!page.parse(probe.page, budget_for(probe.page.size())) || page.tree().errors.length == 0) {
      return false;
    }
    const auto error = read_head(page.tree().errors.data[0], probe.page);
    if (!error || error->position.line != 1 || error->position.column != probe.offset + 1) {
      return false;
    }
    types_.emplace_back(error->type, probe.kind);
    return error->offset == probe.offset;
  }

  static constexpr std::size_t k_failed = static_cast<std::size_t>(-1);
  std::vector<std::pair<int, ErrorKind>> types_;
  bool known_;
};

}  // namespace

bool can_read_errors() {
  return Dialect::of_loaded_library().is_known();
}

std::vector<ParseError> read_errors(const GumboVector& errors, std::string_view text) {
  std::vector<ParseError> out;
  const Dialect& dialect = Dialect::of_loaded_library();
  for (unsigned i = 0; dialect.is_known() && i < errors.length; ++i) {
    const auto error = read_head(errors.data[i], text);
    if (!error) {
      continue;
    }
    const ErrorKind kind = dialect.kind_of(error->type);
    const bool is_repeated = std::any_of(
        out.rbegin(),
        out.rend() - static_cast<std::ptrdiff_t>(out.size() > 8 ? out.size() - 8 : 0),
        [&](const ParseError& e) { return e.kind == kind && e.offset == error->offset; });
    if (!is_repeated) {
      out.push_back({kind, error->offset});
    }
  }
  return out;
}

}  // namespace deployflow::validate
