// Heads of images by hand, from their standards, and what pages make of images.

#include "stages/validate/image_header.hpp"
#include "stages/validate/image_rules.hpp"
#include "stages/validate/shown_size.hpp"
#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {
namespace {

using namespace std::string_literals;

std::string big(std::uint64_t number, int count) {
  std::string out;
  for (int i = count - 1; i >= 0; --i) {
    out += static_cast<char>(number >> (8U * static_cast<unsigned>(i)) & 0xFFU);
  }
  return out;
}
std::string little(std::uint64_t number, int count) {
  std::string out = big(number, count);
  std::ranges::reverse(out);
  return out;
}

std::string chunk(const std::string& name, const std::string& content) {
  return big(content.size(), 4) + name + content + "crc!";
}

std::string png(std::uint32_t width, std::uint32_t height, std::size_t content = 10) {
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR", big(width, 4) + big(height, 4) + "\x08\x02\0\0\0"s) +
         chunk("IDAT", std::string(content, 'x')) + chunk("IEND", "");
}

std::string gif(std::uint32_t width, std::uint32_t height) {
  return "GIF89a" + little(width, 2) + little(height, 2) + "\0\0\0"s + ";";
}

std::string segment(std::uint8_t marker, const std::string& content) {
  return "\xFF"s + static_cast<char>(marker) + big(content.size() + 2, 2) + content;
}

// With `before`: what cameras write in front.
std::string jpeg(std::uint32_t width, std::uint32_t height, std::size_t before = 0) {
  return "\xFF\xD8" + segment(0xE1, std::string(before, 'e')) +
         segment(0xC2, "\x08"s + big(height, 2) + big(width, 2) + "\x03") + segment(0xDA, "scan") +
         "picture\xFF\xD9";
}

std::string webp(const std::string& chunk_name, const std::string& content) {
  const std::string body = "WEBP" + chunk_name + little(content.size(), 4) + content;
  return "RIFF" + little(body.size(), 4) + body;
}

std::string box(const std::string& name, const std::string& content) {
  return big(content.size() + 8, 4) + name + content;
}

std::string avif(const std::string& properties) {
  return box("ftyp", "avif\0\0\0\0mif1"s) +
         box("meta", "\0\0\0\0"s + box("hdlr", "pict") + box("iprp", box("ipco", properties))) +
         box("mdat", "picture");
}

std::string extent(std::uint32_t width, std::uint32_t height) {
  return box("ispe", "\0\0\0\0"s + big(width, 4) + big(height, 4));
}

ImageHeader header_of(const std::string& bytes) {
  std::string buffer;
  return read_image_header(bytes.size(), [&](std::uint64_t offset, std::size_t count) {
    buffer = offset < bytes.size() ? bytes.substr(static_cast<std::size_t>(offset), count) : "";
    return std::string_view(buffer);
  });
}

TEST_CASE("the size of an image is read out of its head") {
  const std::map<std::string, std::string> images{
      {"png", png(800, 600)},
      {"gif", gif(800, 600)},
      {"jpeg", jpeg(800, 600)},
      {"jpeg of a camera", jpeg(800, 600, 60'000)},
      {"webp, lossy", webp("VP8 ", "tag\x9D\x01\x2A" + little(800 | 0x4000, 2) + little(600, 2))},
      {"webp, lossless", webp("VP8L", "\x2F" + little(799 | 599 << 14U, 4))},
      {"webp, extended", webp("VP8X", "\0\0\0\0"s + little(799, 3) + little(599, 3))},
      {"avif", avif(extent(160, 120) + box("pixi", "xx") + extent(800, 600) + extent(800, 100))},
      {"bmp", "BM" + std::string(12, '\0') + little(40, 4) + little(800, 4) + little(600, 4)},
      {"bmp, from above",
       "BM" + std::string(12, '\0') + little(40, 4) + little(800, 4) +
           little(0xFFFFFFFFU - 599, 4)},
      {"bmp of OS/2",
       "BM" + std::string(12, '\0') + little(12, 4) + little(800, 2) + little(600, 2)}};
  for (const auto& image : images) {
    const std::string& name = image.first;
    CAPTURE(name);
    const ImageHeader header = header_of(image.second);
    CHECK(header.kind == ImageKind::image);
    CHECK_FALSE(header.is_cut_off);
    REQUIRE(header.size.has_value());
    CHECK(*header.size == ImageSize{800, 600});
    CHECK(header.may_be_turned == (name.starts_with("jpeg") || name == "avif"));
  }
}

TEST_CASE("images of several sizes, and of formats that one browser shows, have none") {
  for (const std::string& bytes :
       {"\0\0\1\0\1\0\x10\x10"s, "II*\0"s, "MM\0*"s, "\xFF\x0A"s, "\0\0\0\x0CJXL \r\n\x87\n"s}) {
    CHECK(header_of(bytes).kind == ImageKind::image);
    CHECK_FALSE(header_of(bytes).size.has_value());
  }
}

TEST_CASE("what is no image is known for what it is") {
  const auto kind = [](const std::string& bytes) { return header_of(bytes).kind; };
  CHECK(kind("") == ImageKind::empty);
  CHECK(kind("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n") ==
        ImageKind::lfs_pointer);
  CHECK(kind("\xEF\xBB\xBF \n<!DOCTYPE HTML><title>404</title>") == ImageKind::html);
  CHECK(kind("<html><body>404") == ImageKind::html);
  CHECK(kind("<?xml version='1.0'?><svg/>") == ImageKind::xml);
  CHECK(kind("<svg xmlns='http://www.w3.org/2000/svg'/>") == ImageKind::xml);
  CHECK(kind("404: Not Found") == ImageKind::unknown);
  CHECK(kind(std::string(5000, '\0')) == ImageKind::unknown);
}

TEST_CASE("an image that ends before its end is cut off, one with more behind it is not") {
  const std::string image = png(8, 8, 10'000), photo = jpeg(8, 8, 10'000);
  const std::string photo_avif = avif(extent(8, 8));
  CHECK_FALSE(header_of(image).is_cut_off);
  CHECK_FALSE(header_of(image + "what some program adds").is_cut_off);
  CHECK(header_of(image.substr(0, 40)).is_cut_off);
  CHECK(header_of(image.substr(0, 9'000)).is_cut_off);
  CHECK(header_of(image.substr(0, image.size() - 12)).is_cut_off);
  CHECK_FALSE(header_of(photo + std::string(100, '\0')).is_cut_off);
  CHECK(header_of(photo.substr(0, photo.size() - 1)).is_cut_off);
  CHECK(header_of(photo.substr(0, 5'000)).is_cut_off);
  // A film behind the picture, and a small picture of it in front.
  CHECK_FALSE(header_of(photo + std::string(70'000, '\0')).is_cut_off);
  std::string film;
  std::minstd_rand random(5);
  for (int i = 0; i < 200'000; ++i) {
    film += static_cast<char>(random() >> 8U);
  }
  CHECK_FALSE(header_of(photo + film).is_cut_off);
  const std::string thumbnail = "\xFF\xD8 small \xFF\xD9";
  const std::string with_thumbnail = jpeg(8, 8, 0).replace(2, 4, segment(0xE1, thumbnail));
  CHECK_FALSE(header_of(with_thumbnail).is_cut_off);
  CHECK(header_of(with_thumbnail.substr(0, with_thumbnail.size() - 2)).is_cut_off);
  CHECK_FALSE(header_of(photo_avif + "SEFT and whatever else").is_cut_off);
  const std::string lossless = webp("VP8L", "\x2F" + little(0, 4) + std::string(100, 'x'));
  CHECK_FALSE(header_of(lossless + "x").is_cut_off);
  CHECK(header_of(lossless.substr(0, 90)).is_cut_off);
  CHECK(header_of(photo_avif.substr(0, photo_avif.size() - 1)).is_cut_off);
}

TEST_CASE("every head may end anywhere, and be of any bytes") {
  const std::vector<std::string> images{png(8, 8),
                                        gif(8, 8),
                                        jpeg(8, 8, 20),
                                        webp("VP8X", std::string(20, 'x')),
                                        avif(extent(8, 8) + extent(9, 9))};
  std::minstd_rand random(7);
  for (const std::string& image : images) {
    for (std::size_t end = 0; end <= image.size(); ++end) {
      header_of(image.substr(0, end));
    }
    for (int i = 0; i < 2000; ++i) {
      std::string other = image;
      for (int j = 0; j < 3; ++j) {
        other[random() % other.size()] = static_cast<char>(random());
      }
      header_of(other);
    }
  }
}

TEST_CASE("a size is what HTML makes of two attributes") {
  CHECK(shown_size("640", "480") == ShownSize{640, 480});
  CHECK(shown_size(" 640px", "480.7") == ShownSize{640, 480});
  CHECK(shown_size("640", "") == ShownSize{640, 0});
  CHECK(shown_size("", "480") == ShownSize{0, 480});
  CHECK(shown_size("auto", "480") == ShownSize{0, 480});
  CHECK_FALSE(shown_size("", "").has_value());
  CHECK_FALSE(shown_size("0", "0").has_value());
  CHECK_FALSE(shown_size("100%", "480").has_value());
  CHECK_FALSE(shown_size("640", "50.5%").has_value());
  CHECK_FALSE(shown_size("99999999999", "480").has_value());
  CHECK(shown_size_of(text_of({640, 0})) == ShownSize{640, 0});
  CHECK_FALSE(shown_size_of("640").has_value());
  CHECK_FALSE(shown_size_of("").has_value());
}

// Images have types, too.
class Gallery {
 public:
  explicit Gallery(std::map<std::string, std::string> contents,
                   RuleSet rules = RuleSet::recommended)
      : contents_(std::move(contents)), site_(contents_), files_(site_.files()) {
    settings_.page.rules = rules;
    for (SiteFile& file : files_) {
      if (file.key.ends_with(".png")) {
        file.media_type = "image/png";
      } else if (file.key.ends_with(".jpg")) {
        file.media_type = "image/jpeg";
      }
    }
  }

  Settings& settings() { return settings_; }
  SiteFile& file(std::string_view key) { return *std::ranges::find(files_, key, &SiteFile::key); }

  /// "a.html:2:10 image/ratio message"; a "!" behind the code of an error.
  [[nodiscard]] std::vector<std::string> findings(const IsKnown& is_known = {}) const {
    SiteFacts facts(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      facts.set(i, site_.facts_of(files_[i].key));
    }
    const MakeReader reader = [this] {
      return [this](const SiteFile& file) -> ReadPart {
        return [bytes = std::string_view(contents_.at(std::string(file.key)))](std::uint64_t offset,
                                                                               std::size_t count) {
          return bytes.substr(std::min<std::size_t>(offset, bytes.size()), count);
        };
      };
    };
    std::vector<std::string> out;
    for (const FileFinding& f :
         check_images(index_of(files_, facts), facts, settings_, reader, is_known)) {
      out.push_back(std::string(files_[f.file].key) + ":" + std::to_string(f.finding.line) + ":" +
                    std::to_string(f.finding.column) + " " + std::string(f.finding.code) +
                    (f.finding.severity == Severity::error ? "! " : " ") + f.finding.message);
    }
    return out;
  }

 private:
  std::map<std::string, std::string> contents_;
  CheckedSite site_;
  std::vector<SiteFile> files_;
  Settings settings_;
};

using Lines = std::vector<std::string>;

TEST_CASE("an image that is none is a warning") {
  const Gallery site(
      {{"index.html", page("<img src=a.png alt=''>")}, {"a.png", ""}, {"b.png", "oops"}},
      RuleSet::essential);
  CHECK(site.findings() ==
        Lines{"a.png:0:0 image/broken no image: the file is empty",
              "b.png:0:0 image/broken no image of any format that browsers show"});
  Gallery styled(
      {{"index.html", page("<p style='background: url(a.png)'>x")}, {"a.png", "<svg/>"}});
  CHECK(styled.findings() == Lines{"a.png:0:0 image/broken no image of its type: XML"});
}

TEST_CASE("what is cut off is a warning: some of it is seen") {
  const std::string image = png(8, 8, 5'000);
  const Gallery site(
      {{"index.html", page("<img src=a.png alt=''>")}, {"a.png", image.substr(0, 4'000)}});
  CHECK(site.findings() == Lines{"a.png:0:0 image/broken the image is cut off"});
}

TEST_CASE("what Git LFS left in place of an image is an error where it is used, or put alone") {
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
  const std::string told = " no image: what Git LFS has in its place";
  CHECK(Gallery({{"index.html", page("<img src=a.png alt=''>")}, {"a.png", pointer}}).findings() ==
        Lines{"a.png:0:0 image/broken!" + told});
  CHECK(Gallery({{"index.html", page("<link rel=icon href=a.png>")}, {"a.png", pointer}})
            .findings() == Lines{"a.png:0:0 image/broken!" + told});
  CHECK(Gallery({{"index.html", page("<p>none")}, {"a.png", pointer}}).findings() ==
        Lines{"a.png:0:0 image/broken" + told});
  Gallery alone({{"a.png", pointer}});
  alone.settings().scope = Scope::part;
  CHECK(alone.findings() == Lines{"a.png:0:0 image/broken!" + told});
}

TEST_CASE("no word about images that are right, under another name, of other types, or redirects") {
  Gallery site(
      {{"index.html", page("<img src=a.png alt=''><img src=b.jpg alt=''><img src=c alt=''>")},
       {"a.png", jpeg(8, 8)},
       {"b.jpg", png(8, 8)},
       {"c", "whatever"},
       {"d.png", ""}});
  site.file("d.png").redirect = "/a.png";
  CHECK(site.findings().empty());
}

TEST_CASE("a shape that is not the image's is told once, with all pages that show it so") {
  const Gallery site({{"a.html", page("<img src=i.png width=400 height=400 alt=''>")},
                      {"b.html", page("<p>x<img alt='' height=400 width=400 src='/i.png'>")},
                      {"c.html", page("<img src=i.png width=400 height=300 alt=''>")},
                      {"i.png", png(800, 600)}});
  CHECK(site.findings() == Lines{"a.html:2:10 image/ratio i.png is 800x600, the page shows it as "
                                 "400x400; also in b.html:2:42"});
}

TEST_CASE("pages are counted, not images in them, and a page has so many findings and no more") {
  std::map<std::string, std::string> files{{"i.png", png(100, 100)}};
  for (int i = 10; i < 41; ++i) {
    files[std::to_string(i) + ".html"] =
        page("<img src=i.png width=9 height=90 alt=''><img src=./i.png width=9 height=90 alt=''>");
  }
  CHECK(Gallery(files).findings().front().ends_with(" and 29 more files"));
  std::string many;
  for (int i = 10; i < 90; ++i) {
    many += "<img src=i.png alt='' width=9 height=" + std::to_string(i + 90) + ">\n";
  }
  const Lines findings = Gallery({{"a.html", page(many)}, {"i.png", png(100, 100)}}).findings();
  REQUIRE(findings.size() == 21);
  CHECK(findings.back() == "a.html:0:0 html/more 60 more findings about images of this page");
}

TEST_CASE("a shape is right within a twentieth or a pixel, and of spacers whatever it is") {
  const auto count = [](const std::string& image, const std::string& attributes) {
    return Gallery(
               {{"a.html", page("<img src=i.png alt='' " + attributes + ">")}, {"i.png", image}})
        .findings()
        .size();
  };
  CHECK(count(png(800, 600), "width=400 height=300") == 0);
  CHECK(count(png(800, 600), "width=400 height=312") == 0);
  CHECK(count(png(800, 600), "width=400 height=320") == 1);
  CHECK(count(png(15, 10), "width=8 height=6") == 0);
  CHECK(count(png(1, 1), "width=400 height=300") == 0);
  CHECK(count(png(800, 600), "width=400 height=1") == 0);
  CHECK(count(png(800, 600), "width=400") == 0);
  CHECK(count(png(800, 600), "width=400 height=400 class=cover") == 0);
  CHECK(count(png(800, 600), "width=100% height=400") == 0);
  CHECK(count(jpeg(600, 800), "width=400 height=300") == 0);  // turned
  CHECK(count(jpeg(600, 800), "width=400 height=400") == 1);
  CHECK(count(png(600, 800), "width=400 height=300") == 1);
}

TEST_CASE("where the size depends on something, nothing is said of it") {
  for (const std::string image : {"<img src=i.png width=40 height=40 alt='' style='height: auto'>",
                                  "<img src=i.png width=40 height=40 alt='' srcset='i.png 2x'>",
                                  "<picture><img src=i.png width=40 height=40 alt=''></picture>",
                                  "<template><img src=i.png width=40 height=40></template>",
                                  "<img src=i.png alt=''>"}) {
    CAPTURE(image);
    CHECK(Gallery({{"a.html", page(image)}, {"i.png", png(800, 600, 20'000)}}).findings().empty());
  }
}

TEST_CASE("an image over three times as large as any page shows it is told at the image") {
  const auto findings = [](const std::string& body,
                           const std::string& image = png(1000, 1000, 20'000)) {
    return Gallery({{"a.html", page("<img src=i.png alt='' width=300 height=300>")},
                    {"b.html", page(body)},
                    {"i.png", image}})
        .findings();
  };
  CHECK(findings("<img src=i.png alt='' width=333 height=333>") ==
        Lines{"i.png:0:0 image/oversized 1000x1000 and 20057 bytes, shown at most 333x333: "
              "a.html:2:10; also in b.html:2:10"});
  CHECK(findings("<p>no image") == Lines{"i.png:0:0 image/oversized 1000x1000 and 20057 bytes, "
                                         "shown at most 300x300: a.html:2:10"});
  CHECK(findings("<img src=i.png alt='' width=300>").size() == 1);
  CHECK(findings("<img src=i.png alt='' width=334 height=334>").empty());
  CHECK(findings("<p>no image", png(1000, 1000, 10'000)).empty());
  // Shown in a size that nobody knows.
  CHECK(findings("<img src=i.png alt=''>").empty());
  CHECK(findings("<p style='background: url(i.png)'>").empty());
  CHECK(findings("<video poster=i.png></video>").empty());
  CHECK(findings("<link rel=icon href=i.png>").empty());
  CHECK(findings("<img src=i.png alt='' width=30 height=30><video poster=i.png></video>").empty());
  CHECK(findings("<img src=i.png alt='' width=30 height=30><img src=i.png alt='' width=30 "
                 "height=30>")
            .size() == 1);
  CHECK(findings("<a href=i.png>large</a>").empty());
  CHECK(findings("<img src=i.png alt='' width=30 height=30 class=hero>").empty());
}

// Pages of good images in sizes that are theirs, and one defect at a random place of one of them.
TEST_CASE("a planted defect of an image is found in any site, and nothing else") {
  std::minstd_rand random(20261128);
  const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
  const auto shown = [](const std::string& key, std::uint32_t width, std::uint32_t height) {
    return "<img src=/" + key + " alt='' width=" + std::to_string(width) +
           " height=" + std::to_string(height) + ">";
  };
  for (int round = 0; round < 100; ++round) {
    CAPTURE(round);
    std::map<std::string, std::string> files;
    std::vector<std::string> bodies(3, "<p>x");
    for (std::uint32_t i = 0; i < 6; ++i) {
      const std::uint32_t width = 100 + below(900), height = 100 + below(900);
      const std::string key = "i" + std::to_string(i) + (i % 2 == 0 ? ".png" : ".jpg");
      files[key] = i % 2 == 0 ? png(width, height, below(40'000)) : jpeg(width, height, below(999));
      std::string& body = bodies[below(3)];
      body += shown(key, width, height) + (below(2) == 0 ? "\n" : "");
      if (below(3) == 0) {
        body += "<p>" + shown(key, (width + 1) / 2, (height + 1) / 2);
      }
    }
    const std::uint32_t defect = below(4);
    std::string& body = bodies[below(3)];
    const std::string page_key =
        std::string(1, static_cast<char>('a' + (&body - bodies.data()))) + ".html";
    files["bad.png"] = png(400, 400, 30'000);
    if (defect == 0) {
      files["bad.png"].clear();
    } else if (defect == 1) {
      files["bad.png"].resize(1 + below(20'000));
    }
    body += "\n" + (defect == 2   ? shown("bad.png", 400, 100 + below(200))
                    : defect == 3 ? shown("bad.png", 20 + below(100), 20 + below(100))
                                  : shown("bad.png", 400, 400));
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      files[std::string(1, static_cast<char>('a' + i)) + ".html"] = page(bodies[i]);
    }
    const Lines findings = Gallery(files).findings();
    const auto has = [&](const std::string& text) {
      return std::ranges::any_of(findings,
                                 [&](const std::string& line) { return line.starts_with(text); });
    };
    REQUIRE_FALSE(findings.empty());
    if (defect < 2) {
      CHECK(findings.size() == 1);
      CHECK(has("bad.png:0:0 image/broken "));
    } else if (defect == 2) {
      CHECK(findings.size() == 1);
      CHECK(has(page_key + ":" + std::to_string(2 + std::ranges::count(body, '\n')) +
                ":10 image/ratio "));
    } else {
      CHECK(has("bad.png:0:0 image/oversized "));
      CHECK(std::ranges::all_of(findings, [](const std::string& line) {
        return line.find("bad.png") != std::string::npos;
      }));
    }
  }
}

TEST_CASE("images are judged by the rules, severities and comments of the file, and a baseline") {
  const std::string image = png(800, 600, 20'000);
  const std::string body = "<img src=i.png alt='' width=100 height=100>";
  const std::map<std::string, std::string> contents{{"a.html", page(body)}, {"i.png", image}};
  CHECK(Gallery(contents).findings().size() == 2);
  CHECK(Gallery(contents, RuleSet::essential).findings().empty());
  Gallery ignoring(contents);
  ignoring.settings().page.ignored.insert("image/ratio");
  CHECK(ignoring.findings().size() == 1);
  Gallery severe(contents);
  severe.settings().page.severities["image/ratio"] = Severity::error;
  CHECK(severe.findings().front().find("image/ratio!") != std::string::npos);
  CHECK(
      Gallery({{"a.html", page("<!-- deployflow-ignore image/ratio -->" + body)}, {"i.png", image}})
          .findings()
          .size() == 1);
  Lines asked;
  const IsKnown known = [&](std::string_view code, std::string_view key, std::string_view text) {
    asked.push_back(std::string(code) + " " + std::string(key) + " " + std::string(text));
    return true;
  };
  CHECK(Gallery(contents).findings(known).empty());
  CHECK(asked == Lines{"image/ratio a.html i.png", "image/oversized i.png "});
}

}  // namespace
}  // namespace deployflow::validate
