// An answer of a store, headers and body, as what the operation asked for. Three bytes choose
// operation and status; headers as on the wire, an empty line and the body follow.

#include "plugins/host/store/s3_errors.hpp"
#include "plugins/host/store/s3_reply.hpp"
#include "tests/fuzz/claim.hpp"

#include <utility>
#include <vector>

namespace deployflow::store {
namespace {

std::vector<Operation> operations() {
  const std::string key = "a/b.html";
  ListPage list;
  list.prefix = "a/";
  list.token = "t";
  Get whole;
  whole.key = key;
  Get range = whole;
  range.offset = 10;
  range.count = 90;
  Get head_of = whole;
  head_of.count = 100;
  UploadPart part;
  part.key = key;
  part.payload.size = 5;
  Put put;
  put.key = key;
  put.if_absent = true;
  Copy copy;
  copy.from_key = copy.key = key;
  CopyPart copy_part;
  copy_part.from_key = copy_part.key = key;
  return {list,  // new ones at the end: seeds have their numbers
          Head{key},
          whole,
          range,
          head_of,
          put,
          Delete{key, {}},
          DeleteMany{{key}},
          copy,
          CreateUpload{key, {}, {}},
          part,
          CompleteUpload{key, "u", {}, {}, false},
          AbortUpload{key, "u"},
          ListParts{key, "u", 0},
          ListUploads{"a/", {}, {}},
          BucketExists{},
          CreateBucket{},
          copy_part,
          GetTags{key},
          SetTags{key, {}},
          GetBucketConfig{BucketAspect::cors},
          SetBucketConfig{VersioningConfig{Versioning::enabled}}};
}

HttpResponse response_of(std::string_view rest) {
  HttpResponse response;
  while (!rest.empty()) {
    std::string_view line = fuzz::take_line(rest);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (line.empty()) {
      break;
    }
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view value = line.substr(std::min(colon + 1, line.size()));
    response.headers.emplace_back(
        line.substr(0, colon), value.substr(std::min(value.find_first_not_of(' '), value.size())));
  }
  response.body = rest;
  return response;
}

void check_error(const StoreError& error) {
  CLAIM(!error.message.empty());
  CLAIM(!fuzz::has_control(error.message) && !fuzz::has_control(error.hint));
  CLAIM(!error.retry_after || error.retry_after->count() >= 0);
}

void check_success(const Operation& operation, const HttpResponse& response) {
  const Outcome outcome = to_reply(operation, response, "bucket", "http://127.0.0.1:9000");
  if (!outcome) {
    check_error(outcome.error());
    return;
  }
  if (const auto* list = std::get_if<ListPage>(&operation)) {
    for (const ObjectInfo& object : outcome.value().objects) {
      CLAIM(object.key.starts_with(list->prefix));
    }
    CLAIM(!outcome.value().truncated || outcome.value().next_token != list->token);
  }
  if (std::holds_alternative<UploadPart>(operation)) {
    CLAIM(outcome.value().parts.size() == 1 && !outcome.value().parts[0].etag.empty());
  }
}

}  // namespace
}  // namespace deployflow::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::store;
  static const std::vector<Operation> all = operations();
  if (size < 3) {
    return 0;
  }
  const Operation& operation = all[data[0] % all.size()];
  const int status = 100 + (data[1] * 256 + data[2]) % 500;
  HttpResponse response = response_of(deployflow::fuzz::text_of(data + 3, size - 3));
  response.status = status;
  check_success(operation, response);
  auto text = parse_error_xml(response.body);
  check_error(to_store_error(operation, response, text ? *text : S3ErrorText{}, "b", "e"));
  return 0;
}
