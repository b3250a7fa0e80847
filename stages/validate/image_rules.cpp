#include "stages/validate/image_rules.hpp"

#include "stages/validate/finding_limit.hpp"
#include "stages/validate/markup.hpp"
#include "stages/validate/media.hpp"
#include "stages/validate/other_places.hpp"
#include "stages/validate/shown_size.hpp"
#include "stages/validate/size_text.hpp"
#include "stages/validate/workers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_most_name = 120;  // bytes of a key in a message
// Screens have up to three pixels for one of CSS.
constexpr std::uint32_t k_most_times = 3;
constexpr std::uint64_t k_least_bytes = std::uint64_t{16} << 10U;  // less is not worth a word

// Types of which the first bytes tell. Of others (SVG is text) nothing is said.
bool is_judged(const SiteFile& file) {
  constexpr std::array<std::string_view, 9> k_types{"image/png",
                                                    "image/jpeg",
                                                    "image/gif",
                                                    "image/webp",
                                                    "image/avif",
                                                    "image/apng",
                                                    "image/bmp",
                                                    "image/vnd.microsoft.icon",
                                                    "image/x-icon"};
  return file.redirect.empty() && std::ranges::any_of(k_types, [&](std::string_view type) {
           return is_media_type(file.media_type, type);
         });
}

std::string in_words(const ImageSize& size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

// Is one side what the other makes of it, but for a pixel and a twentieth?
bool has_ratio_of(const ImageSize& image, const ShownSize& shown) {
  const double expected =
      static_cast<double>(shown.width) * image.height / static_cast<double>(image.width);
  const double off = std::abs(expected - shown.height);
  return off <= 1 || off * 20 <= shown.height;
}

bool is_distorted(const ImageHeader& image, const ShownSize& shown) {
  constexpr std::uint32_t k_least = 3;  // less is a line or a spacer, made to be stretched
  const ImageSize& size = *image.size;
  if (shown.width < k_least || shown.height < k_least || size.width < k_least ||
      size.height < k_least) {
    return false;
  }
  return !has_ratio_of(size, shown) &&
         !(image.may_be_turned && has_ratio_of({size.height, size.width}, shown));
}

bool is_oversized(const ImageHeader& image, const ShownSize& shown) {
  const auto is_many = [&](const ImageSize& size) {
    return (shown.width == 0 || size.width > shown.width * k_most_times) &&
           (shown.height == 0 || size.height > shown.height * k_most_times);
  };
  return is_many(*image.size) &&
         (!image.may_be_turned || is_many({image.size->height, image.size->width}));
}

Finding of_what_is_none(const ImageHeader& image, bool is_used) {
  const auto told = [](std::string message, std::string hint) {
    return finding_of(rules::k_image_broken, std::move(message), std::move(hint));
  };
  switch (image.kind) {
    case ImageKind::empty:
      return told("no image: the file is empty", "mostly a copy or a download that broke off");
    case ImageKind::lfs_pointer: {
      // The others are holes in a page that somebody may know of; this is a checkout that nobody
      // meant to publish.
      Finding out = told("no image: what Git LFS has in its place", "run `git lfs pull` before");
      out.severity = is_used ? Severity::error : out.severity;
      return out;
    }
    case ImageKind::html:
      return told("no image: an HTML page", "mostly an error page that was saved as the image");
    case ImageKind::xml:
      return told("no image of its type: XML", "an SVG needs the name *.svg to be shown");
    case ImageKind::unknown:
      return told("no image of any format that browsers show", "");
    case ImageKind::image:
      break;
  }
  return told("the image is cut off", "mostly a copy or a download that broke off");
}

class Images {
 public:
  Images(const SiteIndex& index,
         const SiteFacts& facts,
         const FileSettings& settings,
         const IsKnown& is_known)
      : index_(index),
        facts_(facts),
        settings_(settings),
        is_known_(is_known),
        headers_(index.files().size()) {}

  void read(const MakeReader& make_reader) {
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      if (is_judged(index_.files()[i])) {
        which.push_back(i);
      }
    }
    work_on_all(which.size(), [&]() -> Work {
      return [&, reader = make_reader()](std::size_t i) {
        const SiteFile& file = index_.files()[which[i]];
        headers_[which[i]] = read_image_header(file.size, reader(file));
      };
    });
  }

  std::vector<FileFinding> judge() && {
    see_references();
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      if (headers_[i] && (headers_[i]->kind != ImageKind::image || headers_[i]->is_cut_off)) {
        tell_broken(i);
      }
    }
    for (const auto& [shown, uses] : distorted_) {
      tell_ratio(shown.first, shown.second, uses);
    }
    keep_few_ratios();
    for (const auto& [file, uses] : uses_) {
      if (!uses.depends && is_oversized(*headers_[file], uses.most)) {
        tell_oversized(file, uses);
      }
    }
    return std::move(out_);
  }

 private:
  static constexpr std::size_t k_none = static_cast<std::size_t>(-1);
  struct Uses {
    std::vector<BrokenTarget::Place> places;  // the first few
    std::size_t files = 0;                    // that show it
    std::size_t last_file = k_none;           // of them
    ShownSize most;                           // the largest
    bool depends = false;                     // some page shows it, nobody knows how large
  };

  void see_references() {
    const bool is_part = settings_.common().scope == Scope::part;
    is_used_.resize(headers_.size(), is_part ? 1 : 0);
    const std::vector<std::size_t> images = images_by_path();
    for (std::size_t file = 0; file < facts_.size(); ++file) {
      of_unknown_size_.clear();
      for (const PackedReference& reference : facts_[file].references) {
        const std::size_t target = images[reference.path];
        if (target == k_none || !may_use(reference)) {
          continue;
        }
        is_used_[target] = 1;
        if (!is_part && headers_[target]->size) {
          see_use(file, target, reference);
        }
      }
      for (const auto& [image, count] : of_unknown_size_) {
        uses_[image].depends = uses_[image].depends || count > 0;
      }
    }
  }

  // By number of a path, the image that it leads to. A site of 30,000 pages has two million
  // references, few paths, and fewer images.
  [[nodiscard]] std::vector<std::size_t> images_by_path() const {
    std::unordered_map<std::string_view, std::size_t> by_key;
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      if (headers_[i]) {
        by_key.emplace(index_.files()[i].key, i);
      }
    }
    const TextTable& texts = facts_.texts();
    std::vector<std::size_t> out(texts.size(), k_none);
    for (std::size_t i = 0; i < out.size() && !by_key.empty(); ++i) {
      const auto found = by_key.find(texts[static_cast<std::uint32_t>(i)]);
      out[i] = found != by_key.end() ? found->second : k_none;
    }
    return out;
  }

  // A gallery links to its images, and a frame may hold one.
  static bool may_use(const PackedReference& reference) {
    switch (reference.kind) {
      case RefKind::page:
      case RefKind::frame:
      case RefKind::image:
      case RefKind::other:
      case RefKind::offered:
      case RefKind::shown:
        return reference.is_outside == 0;
      default:
        return false;
    }
  }

  void see_use(std::size_t file, std::size_t target, const PackedReference& reference) {
    const std::int64_t count = reference.count;
    if (reference.kind == RefKind::image) {  // an <img>, or a poster and the like
      of_unknown_size_[target] += count;
      return;
    }
    if (reference.kind == RefKind::shown) {  // one of those <img>
      of_unknown_size_[target] -= count;
    }
    Uses& uses = uses_[target];
    const auto shown = reference.kind == RefKind::shown
                           ? shown_size_of(facts_.texts()[reference.fragment])
                           : std::nullopt;
    if (!shown) {
      uses.depends = true;
      return;
    }
    add_place(uses, file, reference);
    uses.most.width = std::max(uses.most.width, shown->width);
    uses.most.height = std::max(uses.most.height, shown->height);
    if (is_distorted(*headers_[target], *shown) &&
        is_told(rules::k_image_ratio, file, index_.files()[target].key)) {
      add_place(distorted_[{target, text_of(*shown)}], file, reference);
    }
  }

  static void add_place(Uses& uses, std::size_t file, const PackedReference& reference) {
    if (uses.places.size() < BrokenTarget::most_places) {
      uses.places.push_back({file, &reference});
    }
    uses.files += uses.last_file == file ? 0U : 1U;
    uses.last_file = file;
  }

  // `about`: what a baseline knows it by.
  [[nodiscard]] bool is_told(const Rule& rule, std::size_t file, std::string_view about) const {
    return settings_.of(file).page.asks(rule) &&
           (facts_[file].ignored & bit_of(rule.code)).none() &&
           !(is_known_ && is_known_(rule.code, index_.files()[file].key, about));
  }

  [[nodiscard]] std::string name_of(std::size_t file) const {
    return shortened(index_.files()[file].key, k_most_name);
  }

  void tell_broken(std::size_t image) {
    if (is_told(rules::k_image_broken, image, "")) {
      tell(image, of_what_is_none(*headers_[image], is_used_[image] != 0));
    }
  }

  void tell_ratio(std::size_t image, const std::string& shown, const Uses& uses) {
    const ImageSize& size = *headers_[image]->size;
    const std::uint64_t width = shown_size_of(shown)->width;
    const std::uint64_t height =
        std::max<std::uint64_t>((width * size.height + size.width / 2) / size.width, 1);
    const BrokenTarget::Place& first = uses.places.front();
    Finding finding =
        finding_of(rules::k_image_ratio,
                   name_of(image) + " is " + in_words(size) + ", the page shows it as " + shown +
                       other_places(index_, uses.places, uses.files),
                   "height=\"" + std::to_string(height) + "\" goes with width=\"" +
                       std::to_string(width) + "\"",
                   {first.reference->line, first.reference->column});
    finding.severity = severity_of(finding, first.file);
    ratios_[first.file].push_back(std::move(finding));
  }

  // As of links: a few of each page.
  void keep_few_ratios() {
    for (auto& [file, findings] : ratios_) {
      keep_few(findings,
               settings_.of(file).page.max_findings,
               rules::k_more,
               "about images of this page");
      for (Finding& finding : findings) {
        out_.push_back({file, std::move(finding)});
      }
    }
  }

  [[nodiscard]] Severity severity_of(const Finding& finding, std::size_t file) const {
    return settings_.of(file).page.severity_of(finding.code, finding.severity);
  }

  void tell_oversized(std::size_t image, const Uses& uses) {
    const SiteFile& file = index_.files()[image];
    if (file.size < k_least_bytes || !is_told(rules::k_image_oversized, image, "")) {
      return;
    }
    const BrokenTarget::Place& first = uses.places.front();
    const std::string most = uses.most.width == 0    ? std::to_string(uses.most.height) + " high"
                             : uses.most.height == 0 ? std::to_string(uses.most.width) + " wide"
                                                     : text_of(uses.most);
    tell(image,
         finding_of(rules::k_image_oversized,
                    in_words(*headers_[image]->size) + " and " + size_text(file.size) +
                        ", shown at most " + most + ": " + name_of(first.file) + ":" +
                        std::to_string(first.reference->line) + ":" +
                        std::to_string(first.reference->column) +
                        other_places(index_, uses.places, uses.files),
                    "publish a smaller one, or several by srcset"));
  }

  void tell(std::size_t file, Finding finding) {
    finding.severity = severity_of(finding, file);
    out_.push_back({file, std::move(finding)});
  }

  const SiteIndex& index_;
  const SiteFacts& facts_;
  const FileSettings& settings_;
  const IsKnown& is_known_;
  std::vector<std::optional<ImageHeader>> headers_;  // of files that are judged
  std::vector<char> is_used_;
  std::map<std::size_t, std::int64_t> of_unknown_size_;  // in one file: how often, by image
  std::map<std::size_t, Uses> uses_;                     // by image
  std::map<std::pair<std::size_t, std::string>, Uses> distorted_;  // by image and size
  std::map<std::size_t, std::vector<Finding>> ratios_;             // by page
  std::vector<FileFinding> out_;
};

}  // namespace

std::vector<FileFinding> check_images(const SiteIndex& index,
                                      const SiteFacts& facts,
                                      const FileSettings& settings,
                                      const MakeReader& make_reader,
                                      const IsKnown& is_known) {
  Images images(index, facts, settings, is_known);
  images.read(make_reader);
  return std::move(images).judge();
}

}  // namespace deployflow::validate
