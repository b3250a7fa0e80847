#include "stages/compress/compress.hpp"

#include "stages/compress/compressed_cache.hpp"
#include "stages/compress/compressed_file.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

namespace deployflow::stages {
namespace {

constexpr std::string_view k_content_encoding = "content-encoding";

using HeaderList = std::vector<std::pair<std::string, std::string>>;

HeaderList headers_of(Ctx ctx, std::uint64_t id) {
  HeaderList out;
  ctx.each_header(
      id, [&](std::string_view name, std::string_view value) { out.emplace_back(name, value); });
  return out;
}

bool is_encoded(const HeaderList& headers) {
  return std::any_of(
      headers.begin(), headers.end(), [](const auto& h) { return h.first == k_content_encoding; });
}

/// The bytes of an artifact, from its start.
ByteSource source_of(Ctx ctx, std::uint64_t id) {
  return [ctx, id, offset = std::uint64_t{0}](std::span<char> out) mutable {
    std::uint64_t got = 0;
    require_ok(
        ctx.host()->read(
            ctx.raw(), id, offset, reinterpret_cast<std::uint8_t*>(out.data()), out.size(), &got),
        "read");
    offset += got;
    return static_cast<std::size_t>(got);
  };
}

/// It may be there and yet be read-only, on a full disk or another user's.
bool is_writable(const std::string& folder) {
  try {
    TemporaryFile probe(folder);
    probe.write("x");
    probe.close();
    return true;
  } catch (const Failure&) {
    return false;
  }
}

}  // namespace

/// Thread-safe.
class Compress::Work {
 public:
  ~Work() {
    try {
      if (cache_) {
        cache_->trim();  // the site was sent, or never will be
      }
    } catch (const std::exception&) {  // out of memory: what is too much goes another time
      return;
    }
  }

  /// Before anything else, of all calls of process() once.
  void begin(Ctx ctx, const Match& match) {
    const std::lock_guard lock(mutex_);
    if (has_begun_) {
      return;
    }
    choose(ctx, match);
    std::string folder = ctx.cache_dir();
    if (folder.empty() || !is_writable(folder)) {
      folder = ctx.temp_dir();
    }
    constexpr std::uint64_t k_most_bytes = std::uint64_t{1} << 30U;
    cache_.emplace(std::move(folder), k_most_bytes);
    count(ctx, 0, 0);
    has_begun_ = true;
  }

  [[nodiscard]] bool has_chosen(std::uint64_t id) const {
    return std::binary_search(chosen_.begin(), chosen_.end(), id);
  }

  /// Where the compressed form is, until the end of the run; nullopt if it gains too little.
  std::optional<CompressedCache::Entry> compressed(Ctx ctx,
                                                   const Artifact& file,
                                                   const std::string& sha256,
                                                   Coding coding) {
    const CompressSettings settings = settings_for(coding, file.size());
    std::optional<CompressedCache::Entry> entry = cache_->find(sha256, settings);
    if (!entry) {
      std::optional<TemporaryFile> made =
          compress_to_file(settings, file.size(), source_of(ctx, file.id()), cache_->folder());
      entry = cache_->put(sha256, settings, made);
      if (!entry && made) {  // used all the same, and removed with this
        entry = CompressedCache::Entry{made->path(), made->size()};
        const std::lock_guard lock(mutex_);
        uncached_.push_back(std::move(*made));
      }
    }
    return entry && entry->is_gain() ? entry : std::nullopt;
  }

  void add(Ctx ctx, std::uint64_t saved) {
    const std::lock_guard lock(mutex_);
    count(ctx, 1, saved);
  }

 private:
  void choose(Ctx ctx, const Match& match) {
    const auto add_all = [ctx](const std::vector<std::string>& patterns,
                               std::vector<std::uint64_t>& ids) {
      for (const std::string& pattern : patterns) {
        ctx.each(pattern, [&](const Artifact& file) { ids.push_back(file.id()); });
      }
      std::sort(ids.begin(), ids.end());
    };
    std::vector<std::uint64_t> taken, left;
    add_all(match.taken, taken);
    add_all(match.left, left);
    if (match.taken.empty()) {
      ctx.each("", [&](const Artifact& file) {
        if (is_worth_compressing(file.media_type(), file.size())) {
          taken.push_back(file.id());
        }
      });
      std::sort(taken.begin(), taken.end());
    }
    taken.erase(std::unique(taken.begin(), taken.end()), taken.end());
    chosen_.clear();
    std::set_difference(
        taken.begin(), taken.end(), left.begin(), left.end(), std::back_inserter(chosen_));
    if (chosen_.empty()) {
      ctx.finding(
          DF_INFO,
          "compress/nothing",
          match.taken.empty() ? "no file is of a kind that compresses" : "no file matches `match`");
    }
  }

  /// There is no call after the last file, so scripts are told after each.
  void count(Ctx ctx, std::uint64_t files, std::uint64_t bytes) {
    files_ += files;
    bytes_ += bytes;
    ctx.set_output("compressed", std::to_string(files_));
    ctx.set_output("saved", std::to_string(bytes_));
  }

  // Both are as they are from begin() on.
  std::vector<std::uint64_t> chosen_;  // ids, sorted
  std::optional<CompressedCache> cache_;

  std::mutex mutex_;  // guards all below, and begin()
  bool has_begun_ = false;
  std::vector<TemporaryFile> uncached_;
  std::uint64_t files_ = 0, bytes_ = 0;
};

Compress::Compress() : work_(std::make_unique<Work>()) {}
Compress::~Compress() = default;
Compress::Compress(Compress&& other) noexcept = default;

void Compress::configure(Ctx ctx, const Options& given) {
  is_beside_ = given.get<std::string>("as") == "beside";
  read_match(ctx, given);
  read_codings(ctx, given);
}

void Compress::read_match(Ctx ctx, const Options& given) {
  for (const std::string& pattern : given.get_texts("match")) {
    const bool takes_away = pattern.front() == '!';  // the schema refuses ""
    std::string keys = pattern.substr(takes_away ? 1 : 0);
    // With "!" before it the schema takes these for names.
    if (keys.empty() || keys.front() == '/') {
      ctx.error("compress/options",
                "match: expected a pattern of keys, which never start with \"/\"")
          .at(given.pos("match"))
          .hint("such as !drafts/**");
      throw Failure{DF_BAD_OPTIONS, ""};
    }
    (takes_away ? match_.left : match_.taken).push_back(std::move(keys));
  }
}

void Compress::read_codings(Ctx ctx, const Options& given) {
  const auto refuse = [&](const char* message, const char* hint) {
    ctx.error("compress/options", message).at(given.pos("codings")).hint(hint);
    throw Failure{DF_BAD_OPTIONS, ""};
  };
  for (const std::string& text : given.get_texts("codings")) {
    const Coding coding = text == "br" ? Coding::brotli : Coding::gzip;
    if (std::find(codings_.begin(), codings_.end(), coding) != codings_.end()) {
      refuse("`codings` names one twice", "");
    }
    codings_.push_back(coding);
  }
  if (codings_.empty()) {
    codings_.push_back(Coding::gzip);
  }
  if (!is_beside_ && codings_.size() > 1) {
    refuse("a file can be stored in one coding only",
           "`as: beside` stores several, for a server that chooses between them");
  }
}

void Compress::process(Ctx ctx, const Artifact& file) {
  work_->begin(ctx, match_);
  if (!work_->has_chosen(file.id()) || !is_gain(file.size(), 0)) {
    return;
  }
  HeaderList headers = headers_of(ctx, file.id());
  if (is_encoded(headers)) {
    return;
  }
  const std::string sha256 = ctx.digest(file.id(), "sha256");
  std::uint64_t smallest = file.size();
  for (const Coding coding : codings_) {
    std::string key(file.key());
    if (is_beside_) {
      constexpr std::size_t k_longest = 1024;  // which is no reason to fail: the original is there
      const df_artifact* own = nullptr;        // the site's author has made one
      key += coding == Coding::gzip ? ".gz" : ".br";
      if (key.size() > k_longest || ctx.host()->find(ctx.raw(), cs(key), &own) == DF_OK) {
        continue;
      }
    }
    const auto entry = work_->compressed(ctx, file, sha256, coding);
    if (!entry) {
      continue;
    }
    std::uint64_t id = 0;
    require_ok(
        ctx.host()->put_file(ctx.raw(), cs(key), cs(entry->path), cs(file.media_type()), &id),
        "put_file");
    // A new artifact has no headers; those of the file go for every form of it.
    for (const auto& [header, value] : headers) {
      ctx.set_header(id, header, value);
    }
    ctx.set_header(id, k_content_encoding, coding_name(coding));
    smallest = std::min(smallest, entry->size);
  }
  if (smallest < file.size()) {
    work_->add(ctx, file.size() - smallest);
  }
}

}  // namespace deployflow::stages
