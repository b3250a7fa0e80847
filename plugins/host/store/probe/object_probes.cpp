// What every deployment does: list, put, read back, delete.

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/part_size.hpp"
#include "plugins/host/store/probe/probes.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::string_view k_cache_control = "public, max-age=60";
constexpr std::string_view k_meta_name = "x-amz-meta-deployflow-probe";
constexpr std::string_view k_meta_value = "kept as it is";

// Names that sites have and servers, proxies and signers get wrong.
constexpr std::array<std::string_view, 7> k_hostile_names{"a space.txt",
                                                          "100%.txt",
                                                          "a&b=c+d.txt",
                                                          "gr\u00fc\u00dfe/\u6f22\u5b57.txt",
                                                          "literal%2Fslash.txt",
                                                          "double//slash.txt",
                                                          "quote'(1).txt"};

Put put_of(const Bench& bench, std::string_view name, std::string bytes) {
  Put put;
  put.key = bench.key(name);
  put.payload = make_payload(std::move(bytes));
  put.media_type = "text/plain";
  return put;
}

ProbeRow wrong(std::string name, std::string detail, std::string meaning, std::string hint) {
  Error error{Errc::remote, detail, std::move(hint)};
  return {std::move(name), Verdict::no, std::move(detail), std::move(meaning), std::move(error)};
}

ProbeRow probe_list(Bench& bench) {
  ListPage list;
  list.prefix = bench.scratch();
  list.max_keys = 10;
  const Outcome outcome = bench.ask(list);
  return outcome.ok() ? ProbeRow{.name = "list", .detail = "what the target holds"}
                      : refused_row("list",
                                    outcome.error(),
                                    Need::vital,
                                    "deployflow cannot see what the target holds");
}

ProbeRow probe_put(Bench& bench) {
  Put put = put_of(bench, k_probe_page, bench.page_body());
  put.media_type = k_probe_media_type;
  put.headers = {{"cache-control", std::string(k_cache_control)},
                 {std::string(k_meta_name), std::string(k_meta_value)}};
  const Outcome outcome = bench.ask(put);
  return outcome.ok() ? ProbeRow{.name = "put", .detail = "a page with its headers"}
                      : refused_row("put", outcome.error(), Need::vital, "nothing can be uploaded");
}

ProbeRow probe_read(Bench& bench) {
  const Outcome outcome = bench.read(bench.key(k_probe_page));
  if (!outcome.ok()) {
    return refused_row(
        "read", outcome.error(), Need::vital, "what was uploaded cannot be proven to be there");
  }
  if (outcome.value().body != bench.page_body()) {
    return wrong(
        "read",
        "other bytes came back than were put",
        "the store changes files",
        "is there a proxy or an optimizer before the store? name the store itself as endpoint");
  }
  return {.name = "read", .detail = "the same bytes"};
}

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '"') {
      out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
  }
  return out;
}

bool has_header(const ObjectInfo& object, std::string_view name, std::string_view value) {
  return std::any_of(object.headers.begin(), object.headers.end(), [&](const Header& header) {
    return header.first == name && plain(header.second) == plain(value);
  });
}

ProbeRow probe_metadata(Bench& bench) {
  const Outcome outcome = bench.ask(Head{bench.key(k_probe_page)});
  if (!outcome.ok()) {
    return refused_row("metadata", outcome.error(), Need::vital, "objects cannot be compared");
  }
  const ObjectInfo& object = outcome.value().object;
  std::vector<std::string> lost;
  if (plain(object.media_type) != plain(k_probe_media_type)) {
    lost.push_back(
        fmt::format("content-type became {}",
                    object.media_type.empty() ? "nothing" : printable(object.media_type)));
  }
  if (!has_header(object, "cache-control", k_cache_control)) {
    lost.emplace_back("cache-control is lost");
  }
  if (!has_header(object, k_meta_name, k_meta_value)) {
    lost.emplace_back("x-amz-meta-* is lost");
  }
  if (lost.empty()) {
    return {.name = "metadata", .detail = "content-type with charset, cache-control, x-amz-meta-*"};
  }
  return {.name = "metadata",
          .verdict = Verdict::limited,
          .detail = fmt::format("{}", fmt::join(lost, ", ")),
          .meaning =
              "browsers get other headers than the pipeline says, and files look changed at "
              "every deployment"};
}

ProbeRow probe_empty(Bench& bench) {
  Outcome outcome = bench.ask(put_of(bench, "empty.txt", ""));
  if (outcome.ok()) {
    outcome = bench.ask(Head{bench.key("empty.txt")});
  }
  constexpr const char* k_meaning = "a site with files of 0 bytes cannot be deployed";
  if (!outcome.ok()) {
    return refused_row("empty", outcome.error(), Need::useful, k_meaning);
  }
  if (outcome.value().object.size != 0) {
    return {.name = "empty",
            .verdict = Verdict::limited,
            .detail = "an empty object has bytes",
            .meaning = k_meaning};
  }
  return {.name = "empty", .detail = "an object of 0 bytes"};
}

// Nothing if the key works: "" or what went wrong.
std::optional<StoreError> try_key(Bench& bench, std::string_view name) {
  const std::string key = "keys/" + std::string(name);
  const Outcome put = bench.ask(put_of(bench, key, key));
  if (!put.ok()) {
    return put.error();
  }
  const Outcome got = bench.read(bench.key(key));
  if (!got.ok()) {
    return got.error();
  }
  if (got.value().body != key) {
    StoreError error;
    error.code = Errc::remote;
    error.message = "another object came back";
    return error;
  }
  return std::nullopt;
}

ProbeRow probe_keys(Bench& bench) {
  std::vector<std::string> bad;
  std::string first;
  for (const std::string_view name : k_hostile_names) {
    if (const auto error = try_key(bench, name)) {
      if (error->code == Errc::network || bench.stopped()) {
        return refused_row("keys", *error, Need::useful, {});
      }
      first = first.empty() ? error->message : first;
      bad.push_back(printable(name));
    }
  }
  ListPage list;
  list.prefix = bench.key("keys/");
  const Outcome listed = bench.ask(list);
  if (!listed.ok()) {
    return refused_row("keys", listed.error(), Need::vital, "such keys break the listing");
  }
  std::set<std::string> held;
  for (const ObjectInfo& object : listed.value().objects) {
    held.insert(object.key);
  }
  for (const std::string_view name : k_hostile_names) {
    const std::string shown = printable(name);
    if (held.count(bench.key("keys/" + std::string(name))) == 0 &&
        std::find(bad.begin(), bad.end(), shown) == bad.end()) {
      bad.push_back(shown);
    }
  }
  if (bad.empty()) {
    return {.name = "keys", .detail = "space + % & = ' unicode, a literal %2F, //"};
  }
  return {.name = "keys",
          .verdict = Verdict::limited,
          .detail = fmt::format("not these names: {}", fmt::join(bad, ", ")) +
                    (first.empty() ? " (listed otherwise)" : ": " + first),
          .meaning = "files with names like these cannot be deployed here"};
}

ProbeRow probe_etag(Bench& bench) {
  const Outcome outcome = bench.ask(Head{bench.key(k_probe_page)});
  if (!outcome.ok()) {
    return refused_row("etag", outcome.error(), Need::vital, "objects cannot be compared");
  }
  if (plain(outcome.value().object.etag) == expected_etag_of(bench.page_body())) {
    return {.name = "etag", .detail = "the MD5 of the content"};
  }
  return {.name = "etag",
          .verdict = Verdict::limited,
          .detail = "not the MD5 of the content",
          .meaning = "each upload is read back to be sure of it, which takes longer"};
}

ProbeRow probe_delete(Bench& bench) {
  const std::vector<std::string> keys{bench.key("delete 1.txt"), bench.key("delete&2.txt")};
  for (const char* name : {"delete 1.txt", "delete&2.txt"}) {
    if (const Outcome put = bench.ask(put_of(bench, name, name)); !put.ok()) {
      return refused_row("delete", put.error(), Need::vital, "nothing can be uploaded");
    }
  }
  constexpr const char* k_meaning =
      "files that the site no longer has stay online, and pipelines that delete them fail";
  const Outcome outcome = bench.ask(DeleteMany{keys});
  if (!outcome.ok()) {
    return refused_row("delete", outcome.error(), Need::useful, k_meaning);
  }
  if (!outcome.value().failures.empty()) {
    const DeleteFailure& failure = outcome.value().failures.front();
    return {.name = "delete",
            .verdict = Verdict::limited,
            .detail = printable(failure.code + ": " + failure.message),
            .meaning = k_meaning};
  }
  for (const std::string& key : keys) {
    if (bench.ask(Head{key}).ok()) {
      return {.name = "delete",
              .verdict = Verdict::limited,
              .detail = "it said that objects are deleted which are still there",
              .meaning = k_meaning};
    }
  }
  return {.name = "delete", .detail = "several at once"};
}

}  // namespace

std::vector<Probe> object_probes() {
  return {{"list", probe_list},
          {"put", probe_put},
          {"read", probe_read},
          {"metadata", probe_metadata},
          {"etag", probe_etag},
          {"empty", probe_empty},
          {"keys", probe_keys},
          {"delete", probe_delete}};
}

}  // namespace deployflow::store
