// Answers of a store and of STS, as XML that nobody vouches for; and text through our XML and back.

#include "plugins/host/store/bucket_config_xml.hpp"
#include "plugins/host/store/s3_xml.hpp"
#include "plugins/host/store/sts_xml.hpp"
#include "plugins/host/store/uri.hpp"
#include "tests/fuzz/claim.hpp"

#include <vector>

namespace deployflow::store {
namespace {

template <class Check>
void judge(Result<Reply> reply, Check check) {
  if (reply.ok()) {
    check(*reply);
  } else {
    CLAIM(reply.error().code == Errc::remote);
    CLAIM(!fuzz::has_control(reply.error().message));
  }
}

// An unencoded key cannot hold what XML cannot; an encoded one may hold anything, on its own word.
void check_listing(const Reply& reply, std::string_view body) {
  const bool encoded = body.find("EncodingType") != std::string_view::npos;
  for (const ObjectInfo& object : reply.objects) {
    CLAIM(!object.key.empty());
    CLAIM(encoded || object.key.find('\0') == std::string::npos);
  }
}

// Any key comes out of a listing that is encoded; each line of the input is one.
void check_encoded_listing(std::string_view text) {
  std::vector<std::string> keys;
  std::string body = "<ListBucketResult><EncodingType>url</EncodingType>";
  while (!text.empty()) {
    if (const std::string_view line = fuzz::take_line(text); !line.empty()) {
      keys.emplace_back(line);
      body += "<Contents><Key>" + encode_component(line) + "</Key><Size>1</Size></Contents>";
    }
  }
  const auto listed = parse_list_xml(body + "</ListBucketResult>");
  CLAIM(listed.ok() && listed.value().objects.size() == keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CLAIM(listed.value().objects[i].key == keys[i]);
  }
}

bool is_carried(const std::vector<Tag>& tags) {
  return std::all_of(tags.begin(), tags.end(), [](const Tag& tag) {
    return is_xml_text(tag.first) && is_xml_text(tag.second);
  });
}

// What was read, and can be said in XML at all, is read the same when it is written again.
void check_rewriting(std::string_view body) {
  if (const auto read = parse_tags_xml(body); read.ok() && is_carried(read.value().tags)) {
    const auto again = parse_tags_xml(make_tags_xml(read.value().tags));
    CLAIM(again.ok() && again.value().tags == read.value().tags);
  }
  for (const BucketAspect aspect : {BucketAspect::versioning,
                                    BucketAspect::website,
                                    BucketAspect::cors,
                                    BucketAspect::lifecycle}) {
    const auto read = parse_bucket_config_xml(aspect, body);
    if (!read.ok()) {
      CLAIM(read.error().code == Errc::remote && !fuzz::has_control(read.error().message));
      continue;
    }
    CLAIM(aspect_of(read.value()) == aspect);
    const auto written = make_bucket_config_xml(read.value());
    if (!written.ok() || written.value().empty() || !is_xml_text(written.value())) {
      continue;  // not to be set, or with characters that no XML has
    }
    const auto again = parse_bucket_config_xml(aspect, written.value());
    CLAIM(again.ok());
    CLAIM(make_bucket_config_xml(again.value()).value() == written.value());
  }
}

// What goes into a request comes out of an answer, whatever has to be escaped.
void check_round_trip(std::string_view text) {
  const std::string key(text.substr(0, 1024));
  if (!is_xml_text(key)) {
    return;
  }
  const std::string request = make_delete_many_xml({&key, 1});
  const std::size_t begin = request.find("<Key>");
  const std::size_t end = request.rfind("</Key>");
  CLAIM(begin != std::string::npos && end != std::string::npos);
  const auto reply =
      parse_delete_many_xml("<DeleteResult><Error>" + request.substr(begin, end - begin) +
                            "</Key></Error></DeleteResult>");
  CLAIM(reply.ok());
  CLAIM(reply.value().failures.size() == 1 && reply.value().failures[0].key == key);
}

}  // namespace
}  // namespace deployflow::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::store;
  using deployflow::Result;
  const std::string_view body = deployflow::fuzz::text_of(data, size);
  judge(parse_list_xml(body), [body](const Reply& reply) { check_listing(reply, body); });
  judge(parse_delete_many_xml(body), [](const Reply& reply) {
    for (const DeleteFailure& failure : reply.failures) {
      CLAIM(!deployflow::fuzz::has_control(failure.message));
    }
  });
  judge(parse_copy_xml(body), [](const Reply&) {});
  judge(parse_create_upload_xml(body), [](const Reply& r) { CLAIM(!r.upload_id.empty()); });
  judge(parse_complete_upload_xml(body), [](const Reply&) {});
  judge(parse_copy_part_xml(body), [](const Reply& r) { CLAIM(r.parts.size() == 1); });
  judge(parse_list_parts_xml(body), [](const Reply& reply) {
    for (const UploadedPart& part : reply.parts) {
      CLAIM(part.number >= 1 && part.number <= 10'000);
    }
  });
  judge(parse_list_uploads_xml(body), [](const Reply& reply) {
    for (const UnfinishedUpload& upload : reply.uploads) {
      CLAIM(!upload.key.empty() && !upload.upload_id.empty());
    }
  });
  judge(parse_list_versions_xml(body), [body](const Reply& reply) {
    check_listing(reply, body);
    for (const ObjectInfo& object : reply.objects) {
      CLAIM(!object.version_id.empty());
    }
  });
  (void)parse_error_xml(body);
  (void)parse_sts_key_xml(body);
  (void)parse_sts_error_xml(body);
  check_round_trip(body);
  check_encoded_listing(body);
  check_rewriting(body);
  return 0;
}
