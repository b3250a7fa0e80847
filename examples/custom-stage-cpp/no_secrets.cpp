// acme/no-secrets: refuses a site in which a private key, an access key or a text of your choice
// lies.
//
// process() is called for many files at once (DF_CAP_PARALLEL), so it is const and keeps nothing. A
// finding says where a secret is and of what kind, never the secret itself: findings end up in CI
// logs.

#include <deployflow/stage.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr const char* k_options = R"({
  "type": "object",
  "properties": {
    "look_into": {
      "type": "string", "format": "bytes", "default": "1MiB",
      "description": "how much of each file is searched, from its start"
    },
    "texts": {
      "type": "array", "items": {"type": "string", "minLength": 4},
      "description": "further texts that must not be published"
    },
    "severity": {
      "type": "string", "enum": ["error", "warning"], "default": "error",
      "description": "what a secret that was found is"
    }
  }
})";

bool is_upper_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// "AKIA" and 16 characters: how AWS spells the id of an access key.
bool is_access_key_id(std::string_view rest) {
  constexpr std::size_t k_length = 20;
  return rest.size() >= k_length &&
         std::all_of(rest.begin(), rest.begin() + k_length, is_upper_or_digit) &&
         (rest.size() == k_length || !is_upper_or_digit(rest[k_length]));
}

// "-----BEGIN", at most a few words, "PRIVATE KEY-----" on one line: every kind of PEM private key.
bool is_private_key(std::string_view rest) {
  const std::string_view line = rest.substr(0, std::min(rest.find('\n'), std::size_t{64}));
  return line.find("PRIVATE KEY-----") != std::string_view::npos;
}

class NoSecrets {
 public:
  static constexpr auto name = "acme/no-secrets", version = "1.0.0",
                        summary = "Refuse to publish private keys and access keys";
  static constexpr auto options = k_options;
  static constexpr std::uint32_t caps = DF_CAP_READS_CONTENT | DF_CAP_PARALLEL;

  void configure(deployflow::Ctx, deployflow::Options with) {
    look_into_ = with.get<std::uint64_t>("look_into");
    severity_ = with.get<std::string>("severity") == "error" ? DF_ERROR : DF_WARN;
    with.each<std::string>("texts", [&](std::string text) { texts_.push_back(std::move(text)); });
  }

  void process(deployflow::Ctx ctx, const deployflow::Artifact& artifact) const {
    const std::string bytes = ctx.read(artifact, look_into_);
    search(ctx, artifact, bytes, "-----BEGIN", is_private_key, "a private key");
    search(ctx, artifact, bytes, "AKIA", is_access_key_id, "the id of an AWS access key");
    for (const std::string& text : texts_) {
      search(ctx, artifact, bytes, text, nullptr, "a text that `texts` forbids");
    }
  }

 private:
  using Matcher = bool (*)(std::string_view rest);

  void search(deployflow::Ctx ctx,
              const deployflow::Artifact& artifact,
              std::string_view bytes,
              std::string_view needle,
              Matcher is_it,
              const char* what) const {
    for (std::size_t at = bytes.find(needle); at != std::string_view::npos;
         at = bytes.find(needle, at + 1)) {
      if (is_it != nullptr && !is_it(bytes.substr(at))) {
        continue;
      }
      ctx.check();  // a large file may hold many
      const std::string_view before = bytes.substr(0, at);
      const auto line = 1 + std::count(before.begin(), before.end(), '\n');
      const std::size_t col = at - (before.rfind('\n') + 1);  // npos + 1 is 0
      ctx.finding(severity_, "acme/secret", std::string(what) + " would be published")
          .on(artifact)
          .at(static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(col + 1))
          .hint("take it out, and make it invalid: it may have been seen");
    }
  }

  std::uint64_t look_into_ = 0;
  std::int32_t severity_ = DF_ERROR;
  std::vector<std::string> texts_;
};

}  // namespace

DEPLOYFLOW_PLUGIN("acme", "1.0.0", "Apache-2.0", NoSecrets)
