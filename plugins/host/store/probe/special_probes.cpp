// What stores differ in: conditions, copies, uploads in parts.

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/part_size.hpp"
#include "plugins/host/store/probe/probes.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

ProbeRow limited(std::string name, std::string detail, std::string meaning) {
  return {.name = std::move(name),
          .verdict = Verdict::limited,
          .detail = std::move(detail),
          .meaning = std::move(meaning)};
}

ProbeRow probe_copy(Bench& bench) {
  constexpr const char* k_meaning =
      "copies from one place of this endpoint to another travel through this machine";
  const std::string key = bench.key("copy of page.html");
  Copy copy;
  copy.from_key = bench.key(k_probe_page);
  copy.key = key;
  const Outcome copied = bench.ask(std::move(copy));
  if (!copied.ok()) {
    return refused_row("copy", copied.error(), Need::useful, k_meaning);
  }
  const Outcome got = bench.read(key);
  if (!got.ok()) {
    return refused_row("copy", got.error(), Need::useful, k_meaning);
  }
  if (got.value().body != bench.page_body()) {
    return limited("copy", "a copy has other bytes", k_meaning);
  }
  const bool kept =
      std::any_of(got.value().object.headers.begin(),
                  got.value().object.headers.end(),
                  [](const Header& header) { return header.first == "cache-control"; });
  return kept ? ProbeRow{.name = "copy", .detail = "within the server, headers kept"}
              : limited("copy", "a copy loses its headers", "copied files have no cache-control");
}

// Begins an upload with one part, which may be small because it is the last.
struct BegunUpload {
  std::string key;
  std::string id;
  UploadedPart part;
};

Result<BegunUpload, StoreError> begin_upload(Bench& bench, std::string_view name) {
  BegunUpload upload;
  upload.key = bench.key(name);
  CreateUpload create;
  create.key = upload.key;
  create.media_type = k_probe_media_type;
  Outcome created = bench.ask(create);
  if (!created.ok()) {
    return std::move(created.error());
  }
  upload.id = created->upload_id;
  UploadPart part;
  part.key = upload.key;
  part.upload_id = upload.id;
  part.payload = make_payload(bench.page_body());
  Outcome sent = bench.ask(part);
  if (!sent.ok()) {
    return std::move(sent.error());
  }
  if (!sent->parts.empty()) {
    upload.part = sent->parts.front();
  }
  return upload;
}

ProbeRow probe_multipart(Bench& bench) {
  const std::string meaning =
      fmt::format("files over {} cannot be deployed", format_bytes(k_single_put_bytes));
  const auto upload = begin_upload(bench, "parts.html");
  if (!upload.ok()) {
    return refused_row("multipart", upload.error(), Need::useful, meaning);
  }
  CompleteUpload complete;
  complete.key = upload.value().key;
  complete.upload_id = upload.value().id;
  complete.parts = {upload.value().part};
  const Outcome completed = bench.ask(complete);
  if (!completed.ok()) {
    return refused_row("multipart", completed.error(), Need::useful, meaning);
  }
  const Outcome got = bench.read(upload.value().key);
  if (!got.ok()) {
    return refused_row("multipart", got.error(), Need::useful, meaning);
  }
  return got.value().body == bench.page_body()
             ? ProbeRow{.name = "multipart", .detail = "begin, part, complete, read"}
             : limited("multipart", "other bytes came back than were put", meaning);
}

bool lists_upload(const Reply& reply, const BegunUpload& upload) {
  return std::any_of(reply.uploads.begin(), reply.uploads.end(), [&](const auto& one) {
    return one.key == upload.key && one.upload_id == upload.id;
  });
}

// ListParts, ListUploads, AbortUpload.
ProbeRow probe_unfinished(Bench& bench) {
  const auto upload = begin_upload(bench, "unfinished.html");
  if (!upload.ok()) {
    return refused_row(
        "unfinished", upload.error(), Need::useful, "large files cannot be deployed");
  }
  constexpr const char* k_again =
      "a large file whose upload broke off is sent again from its start";
  const Outcome parts =
      bench.ask(ListParts{.key = upload.value().key, .upload_id = upload.value().id});
  if (!parts.ok()) {
    return refused_row("unfinished", parts.error(), Need::useful, k_again);
  }
  ListUploads list;
  list.prefix = bench.scratch();
  const Outcome uploads = bench.ask(list);
  if (!uploads.ok()) {
    return refused_row("unfinished", uploads.error(), Need::useful, k_again);
  }
  const bool found = lists_upload(uploads.value(), upload.value());
  const Outcome aborted =
      bench.ask(AbortUpload{.key = upload.value().key, .upload_id = upload.value().id});
  if (!aborted.ok()) {
    return refused_row("unfinished",
                       aborted.error(),
                       Need::useful,
                       "parts of uploads that broke off stay, and are paid for");
  }
  if (parts.value().parts.size() != 1 || !found) {
    return limited(
        "unfinished",
        found ? "the parts of an upload are not listed" : "uploads under way are not listed",
        k_again);
  }
  return {.name = "unfinished", .detail = "list parts, list uploads, abort"};
}

}  // namespace

ProbeRow conditional_row(Bench& bench) {
  constexpr const char* k_meaning = "two deployments at once are not kept apart";
  Put put;
  put.key = bench.key("once.txt");
  put.payload = make_payload("first");
  put.media_type = "text/plain";
  put.if_absent = true;
  const Outcome first = bench.ask(put);
  if (!first.ok()) {
    ProbeRow row = refused_row("conditional", first.error(), Need::useful, k_meaning);
    row.detail = "If-None-Match is not supported: " + row.detail;
    return row;
  }
  put.payload = make_payload("second");
  const Outcome second = bench.ask(put);
  if (second.ok()) {
    return limited("conditional", "If-None-Match is ignored", k_meaning);
  }
  if (second.error().code != Errc::conflict) {
    return refused_row("conditional", second.error(), Need::useful, k_meaning);
  }
  return {.name = "conditional", .detail = "If-None-Match: the second of two writes is refused"};
}

std::vector<Probe> special_probes() {
  return {{"conditional", conditional_row},
          {"copy", probe_copy},
          {"multipart", probe_multipart},
          {"unfinished", probe_unfinished}};
}

}  // namespace deployflow::store
