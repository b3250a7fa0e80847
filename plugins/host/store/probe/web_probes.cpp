#include "plugins/host/store/probe/web_probes.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/base/time.hpp"
#include "plugins/host/store/uri.hpp"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::int64_t k_tolerated = 900;  // seconds of skew that S3 takes

// Nothing if the server tells no time, or a cache answered in its place.
std::optional<std::int64_t> seconds_ahead(const HttpResponse& response,
                                          std::chrono::steady_clock::duration took) {
  const std::string* date = response.header("date");
  const auto theirs = date != nullptr ? parse_time(*date) : std::nullopt;
  if (!theirs || response.header("age") != nullptr) {
    return std::nullopt;
  }
  // The date was written somewhere between request and answer: take the middle.
  const auto middle =
      system_clock().now() - std::chrono::duration_cast<std::chrono::milliseconds>(took / 2);
  return (*theirs - std::chrono::floor<std::chrono::seconds>(middle)).count();
}

ProbeRow clock_row(const HttpResponse& response, std::chrono::steady_clock::duration took) {
  ProbeRow row{.name = "clock"};
  const auto ahead = seconds_ahead(response, took);
  if (!ahead) {
    row.verdict = Verdict::info;
    row.detail = "the server tells no time";
    return row;
  }
  const std::int64_t apart = std::abs(*ahead);
  row.detail = apart <= 1
                   ? "the same as the server's"
                   : fmt::format("the server's is {} s {}", apart, *ahead > 0 ? "ahead" : "behind");
  if (apart > k_tolerated) {
    row.verdict = Verdict::limited;
    row.meaning = "deployflow signs with the server's time; other tools are refused: set the clock";
  }
  return row;
}

}  // namespace

Probe clock_probe(std::shared_ptr<HttpFetch> fetch, std::string url) {
  return {"clock", [fetch = std::move(fetch), url = std::move(url)](Bench&) -> ProbeRow {
            FetchRequest request;
            request.method = "HEAD";
            request.url = url;
            const auto began = std::chrono::steady_clock::now();
            const HttpOutcome answer = fetch->fetch(request);
            if (!answer.ok()) {
              return {
                  .name = "clock", .verdict = Verdict::skipped, .detail = answer.error().message};
            }
            return clock_row(answer.value(), std::chrono::steady_clock::now() - began);
          }};
}

Probe public_probe(std::shared_ptr<HttpFetch> fetch,
                   std::function<std::string(const std::string&)> url_of) {
  return {
      "public", [fetch = std::move(fetch), url_of = std::move(url_of)](Bench& bench) -> ProbeRow {
        FetchRequest request;
        request.url = url_of(bench.key(k_probe_page));
        const HttpOutcome answer = fetch->fetch(request);
        ProbeRow row{.name = "public", .verdict = Verdict::info};
        if (!answer.ok()) {
          row.detail = answer.error().message;
        } else if (answer.value().status == 200) {
          row.detail = "anyone can read objects at the endpoint";
        } else {
          row.detail = fmt::format("only with a key ({} without one)", answer.value().status);
          row.meaning = "visitors need a web server, a CDN or a bucket policy that lets them read";
        }
        return row;
      }};
}

Probe website_probe(std::shared_ptr<HttpFetch> fetch, std::string url) {
  return {"website", [fetch = std::move(fetch), url = std::move(url)](Bench& bench) -> ProbeRow {
            FetchRequest request;
            request.url = url + encode_path(bench.key(k_probe_page));
            const HttpOutcome answer = fetch->fetch(request);
            ProbeRow row{.name = "website", .verdict = Verdict::limited};
            row.meaning = fmt::format("visitors may not see what is deployed: check what serves {}",
                                      printable(url));
            if (!answer.ok()) {
              row.detail = answer.error().message;
            } else if (answer.value().status != 200) {
              row.detail = fmt::format("{} for a page that is there", answer.value().status);
            } else if (answer.value().body != bench.page_body()) {
              row.detail = "200, but another page than the one that is there";
            } else {
              row = {.name = "website", .detail = fmt::format("{} serves it", printable(url))};
            }
            return row;
          }};
}

}  // namespace deployflow::store
