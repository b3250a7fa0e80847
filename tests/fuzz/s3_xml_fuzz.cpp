// Answers of a store, as XML that nobody vouches for.

#include "plugins/host/store/s3_xml.hpp"
#include "tests/fuzz/claim.hpp"

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
  (void)parse_error_xml(body);
  check_round_trip(body);
  return 0;
}
