#include "stages/shape/shape.hpp"

#include "stages/shape/header_lines.hpp"

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace deployflow::stages {
namespace {

using shape::HeaderLines;
using shape::HeaderTarget;
using shape::LaidFile;
using shape::Layout;

constexpr std::string_view k_redirects_file = "_redirects";
constexpr std::string_view k_headers_file = "_headers";
constexpr std::string_view k_robots = "robots.txt";
constexpr std::string_view k_html = "text/html; charset=utf-8";

/// A file of the site that is for the stage, and not for visitors.
struct ControlFile {
  std::uint64_t id = 0;  // 0: there is none
  std::string text;
};

ControlFile read_control_file(Ctx ctx, std::string_view key) {
  constexpr std::uint64_t k_most = 16U << 20;
  const df_artifact* view = nullptr;
  const df_status status = ctx.host()->find(ctx.raw(), cs(key), &view);
  if (status == DF_NOT_FOUND) {
    return {};
  }
  require_ok(status, "find");
  const Artifact file(view);
  if (file.size() > k_most) {
    ctx.error("shape/too-large", std::string(key) + " has more than 16 MiB").on(file);
    throw Failure{DF_FAILED, ""};
  }
  return {file.id(), ctx.read(file, k_most)};
}

void drop(Ctx ctx, std::uint64_t id) {
  require_ok(ctx.host()->drop(ctx.raw(), id), "drop");
}

/// Carries a layout out on the artifact set.
class Moves {
 public:
  explicit Moves(Ctx ctx) : ctx_(ctx) {}

  /// Files first and copies after all of them: a copy's key may be one that a file is about to
  /// leave. Of files, one whose new key is another's old one ("a.html.html") comes after it in the
  /// order of keys, and so the other has left.
  void carry_out(const std::vector<LaidFile>& files) {
    std::unordered_map<std::uint64_t, const LaidFile*> changed;
    for (const LaidFile& file : files) {
      if (file.key != file.name || !file.copies.empty()) {
        changed.emplace(file.id, &file);
      }
    }
    std::unordered_map<std::uint64_t, const LaidFile*> copied;  // by the id after the move
    ctx_.each("", [&](const Artifact& file) {
      const auto found = changed.find(file.id());
      if (found == changed.end()) {
        return;
      }
      std::uint64_t id = file.id();
      if (found->second->key != found->second->name) {
        id = put(file, found->second->key);
        ids_[file.id()] = id;
        ++renamed_;
        drop(ctx_, file.id());
      }
      if (!found->second->copies.empty()) {
        copied.emplace(id, found->second);
      }
    });
    if (!copied.empty()) {
      ctx_.each("", [&](const Artifact& file) {
        const auto found = copied.find(file.id());
        for (std::size_t i = 0; found != copied.end() && i < found->second->copies.size(); ++i) {
          copies_[found->second->id].push_back(put(file, found->second->copies[i]));
        }
      });
    }
    if (!stamps_.empty()) {
      check_stamps();
    }
  }

  [[nodiscard]] std::vector<HeaderTarget> targets(const std::vector<LaidFile>& files) const {
    std::vector<HeaderTarget> out;
    for (const LaidFile& file : files) {
      const auto moved = ids_.find(file.id);
      out.push_back({moved != ids_.end() ? moved->second : file.id, file.id, file.name, file.key});
      const auto copies = copies_.find(file.id);
      for (std::size_t i = 0; copies != copies_.end() && i < copies->second.size(); ++i) {
        out.push_back({copies->second[i], file.id, file.name, file.copies[i]});
      }
    }
    return out;
  }
  [[nodiscard]] std::size_t renamed() const { return renamed_; }

 private:
  struct Stamp {
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
  };

  /// The media type goes along: the new key may have no suffix to tell it by.
  std::uint64_t put(const Artifact& file, const std::string& key) {
    std::uint64_t id = 0;
    if (file.path().empty()) {
      id = ctx_.put_bytes(key, ctx_.read(file, file.size()), file.media_type());
    } else {
      require_ok(
          ctx_.host()->put_file(ctx_.raw(), cs(key), cs(file.path()), cs(file.media_type()), &id),
          "put_file");
      stamps_[id] = {file.size(), file.mtime_ns()};
    }
    ctx_.each_header(file.id(), [&](std::string_view name, std::string_view value) {
      ctx_.set_header(id, name, value);
    });
    return id;
  }

  /// put_file() takes a file as it is now. That it is the one that was listed, and that earlier
  /// stages have looked at, is proven here; later changes the host finds out.
  void check_stamps() const {
    bool is_good = true;
    ctx_.each("", [&](const Artifact& file) {
      const auto found = stamps_.find(file.id());
      if (found != stamps_.end() &&
          (found->second.size != file.size() || found->second.mtime_ns != file.mtime_ns())) {
        is_good = false;
        ctx_.error("shape/changed", "the file changed after the site was listed").on(file);
      }
    });
    if (!is_good) {
      throw Failure{DF_CONFLICT, ""};
    }
  }

  Ctx ctx_;
  std::size_t renamed_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> ids_;                  // old -> new
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> copies_;  // old -> those
  std::unordered_map<std::uint64_t, Stamp> stamps_;                       // by new id
};

/// An empty object with a header where the store redirects; the media type says that it is a page,
/// so that upload stores it after the files that it may lead to.
void put_redirect(Ctx ctx, const std::string& key, const std::string& to, bool as_page) {
  const std::uint64_t id =
      ctx.put_bytes(key, as_page ? shape::redirect_page(to) : std::string(), k_html);
  if (!as_page) {
    ctx.set_header(id, "x-amz-website-redirect-location", to);
  }
}

}  // namespace

void Shape::configure(Ctx ctx, const Options& given) {
  const auto pages = given.get_or<std::string>("pages", "keep");
  layout_.pages = pages == "extensionless" ? shape::Pages::extensionless
                  : pages == "folders"     ? shape::Pages::folders
                                           : shape::Pages::keep;
  layout_.strip_index = given.get_or("strip_index", false);
  layout_.not_found = given.get_or<std::string>("not_found", "404.html");
  if (given.has("not_found")) {
    not_found_at_ = shape::Place::of_option(given.pos("not_found"));
  }
  as_pages_ = given.get_or<std::string>("as", "website") == "page";
  headers_file_ = given.get_or("headers_file", true);
  noindex_ = given.get_or("noindex", false);
  if (given.has("redirects")) {
    redirects_ = shape::read_redirect_map(ctx, given.value("redirects"));
    if (!redirects_->is_good) {
      throw Failure{DF_BAD_OPTIONS, ""};
    }
  }
}

// All that is wrong is said before anything is changed.
void Shape::run(Ctx ctx, const RunInfo&) const {
  const ControlFile redirects_file = read_control_file(ctx, k_redirects_file);
  const ControlFile headers_file =
      headers_file_ ? read_control_file(ctx, k_headers_file) : ControlFile();
  HeaderLines headers;
  bool is_good = headers.read(ctx, headers_file.id, headers_file.text);
  shape::RedirectList redirects =
      redirects_ ? *redirects_
                 : shape::read_redirects_file(ctx, redirects_file.id, redirects_file.text);
  is_good = redirects.is_good && is_good;

  Layout layout(ctx, layout_);
  bool has_not_found = false;
  bool has_robots = false;
  ctx.each("", [&](const Artifact& file) {
    has_not_found = has_not_found || file.key() == layout_.not_found;
    has_robots = has_robots || file.key() == k_robots;
    if (file.id() != redirects_file.id && file.id() != headers_file.id) {
      layout.add_file(file.id(), file.key());
    }
  });
  if (not_found_at_ && !has_not_found) {
    is_good = false;
    Finding finding = ctx.error("shape/not-found", layout_.not_found + " is no file of the site");
    not_found_at_->mark(finding.hint("not_found names a file as the site has it: 404.html"));
  }
  if (noindex_) {
    layout.add_made(std::string(k_robots));
  }
  layout.add_redirects(std::move(redirects.redirects));
  if (!layout.check() || !is_good) {
    return;  // the findings fail the stage
  }

  for (const ControlFile* file : {&redirects_file, &headers_file}) {
    if (file->id != 0) {
      drop(ctx, file->id);
    }
  }
  headers.look(ctx);
  Moves moves(ctx);
  moves.carry_out(layout.files());
  headers.apply(ctx, moves.targets(layout.files()));
  if (noindex_) {
    ctx.put_bytes(k_robots, "User-agent: *\nDisallow: /\n", "text/plain; charset=utf-8");
    ctx.log(DF_INFO,
            has_robots ? "robots.txt, in place of the site's own, asks crawlers to stay away"
                       : "robots.txt asks crawlers to stay away");
  }
  for (const shape::LaidRedirect& laid : layout.laid_redirects()) {
    put_redirect(ctx, laid.key, layout.redirects()[laid.redirect].to, as_pages_);
  }
  ctx.set_output("renamed", std::to_string(moves.renamed()));
  ctx.set_output("redirects", std::to_string(layout.redirects().size()));
}

}  // namespace deployflow::stages
