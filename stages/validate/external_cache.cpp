#include "stages/validate/external_cache.hpp"

#include "stages/validate/hash.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::string_view k_magic = "deployflow-web-answers 1 ";
constexpr std::size_t k_digits = 16;
constexpr std::int64_t k_longest_kept_s = std::int64_t{60} * 86'400;
constexpr off_t k_most_bytes = off_t{64} << 20U;

// Up to the next of `end`, which is taken away, too; nullopt if there is none.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view out = text.substr(0, at);
  text.remove_prefix(at + 1);
  return out;
}

template <class T>
bool read_number(std::optional<std::string_view> text, T& out) {
  if (!text) {
    return false;
  }
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), out);
  return problem == std::errc() && end == text->data() + text->size();
}

bool is_plain(std::string_view text) {
  return text.find_first_of("\t\n") == std::string_view::npos;
}

std::string read_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size > k_most_bytes) {
    return {};
  }
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string with_checksum(std::string_view lines) {
  std::array<char, k_digits + 2> digits{};
  std::snprintf(
      digits.data(), digits.size(), "%016llx\n", static_cast<unsigned long long>(hash_of(lines)));
  return std::string(k_magic) + digits.data() + std::string(lines);
}

WebAnswers read_answers(std::string_view text) {
  const std::size_t head_bytes = k_magic.size() + k_digits + 1;
  if (text.size() < head_bytes || text != with_checksum(text.substr(head_bytes))) {
    return {};
  }
  text.remove_prefix(head_bytes);
  WebAnswers out;
  while (!text.empty()) {
    WebAnswer answer;
    auto line = take_until(text, '\n');
    if (!line || !read_number(take_until(*line, '\t'), answer.asked_s) ||
        !read_number(take_until(*line, '\t'), answer.status)) {
      return {};
    }
    const auto url = take_until(*line, '\t');
    if (!url || !is_plain(*line)) {
      return {};
    }
    answer.moved_to = *line;
    out.insert_or_assign(std::string(*url), std::move(answer));
  }
  return out;
}

std::string write_answers(const WebAnswers& answers) {
  std::string lines;
  for (const auto& [url, answer] : answers) {
    if (is_plain(url) && is_plain(answer.moved_to)) {
      lines += std::to_string(answer.asked_s) + '\t' + std::to_string(answer.status) + '\t' + url +
               '\t' + answer.moved_to + '\n';
    }
  }
  return with_checksum(lines);
}

ExternalCache::ExternalCache(std::string folder, std::int64_t now_s)
    : folder_(std::move(folder)), now_s_(now_s) {
  if (!folder_.empty()) {
    answers_ = read_answers(read_file(path()));
  }
}

std::string ExternalCache::path() const {
  return folder_ + "/web-answers";
}

std::optional<WebAnswer> ExternalCache::find(std::string_view url, std::int64_t max_age_s) const {
  const auto found = answers_.find(url);
  // One of the future was made by a clock that went wrong.
  if (found == answers_.end() || found->second.asked_s > now_s_ ||
      now_s_ - found->second.asked_s > max_age_s) {
    return std::nullopt;
  }
  return found->second;
}

void ExternalCache::keep(std::string_view url, const WebAnswer& answer) {
  answers_.insert_or_assign(std::string(url), answer);
  is_changed_ = true;
}

void ExternalCache::save() {
  if (folder_.empty() || !is_changed_) {
    return;
  }
  std::erase_if(answers_, [this](const auto& known) {
    return known.second.asked_s > now_s_ || now_s_ - known.second.asked_s > k_longest_kept_s;
  });
  // Its name is one that FactsCache::trim() takes away if this process is killed.
  std::string made = folder_ + "/.facts-web-XXXXXX";
  const int file = ::mkstemp(made.data());
  if (file < 0) {
    return;
  }
  ::close(file);
  std::ofstream out(made, std::ios::binary | std::ios::trunc);
  out << write_answers(answers_);
  out.close();
  if (!out || ::rename(made.c_str(), path().c_str()) != 0) {
    ::unlink(made.c_str());
  }
  is_changed_ = false;
}

}  // namespace deployflow::validate
