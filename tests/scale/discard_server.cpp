// A bucket that remembers of an object what a listing tells, and discards its bytes unread: a store
// for files larger than any disk, on loopback. Takes ETags from Content-MD5 and checks nothing.
// What deployflow keeps for itself, below ".deployflow/", it does keep, and honours conditions
// there.
//
//   discard_server [MILLISECONDS]    prints its port, serves until standard input ends, then prints
//   how many requests of each kind came. It takes that long until it reads the body of a PUT.

#include "plugins/host/base/digest.hpp"
#include "plugins/host/store/uri.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace deployflow::scale {
namespace {

using store::Plus;

constexpr std::string_view k_reserved = ".deployflow/";

struct Object {
  std::uint64_t size = 0;
  std::string etag;
  std::string bytes = {};  // of what is reserved
};

struct Upload {
  std::string key;
  std::map<unsigned long, std::pair<std::string, std::uint64_t>> parts;  // raw MD5, size
};

struct Request {
  std::string method;
  std::string key;  // decoded; empty = the bucket
  std::map<std::string, std::string, std::less<>> query;
  std::string md5;  // raw
  std::uint64_t size = 0;
  std::string body;  // of what is reserved
  std::string if_match;
  bool if_absent = false;
  std::uint64_t from = 0, to = UINT64_MAX;  // of a range

  [[nodiscard]] bool is_reserved() const { return key.rfind(k_reserved, 0) == 0; }

  [[nodiscard]] const std::string* find(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? nullptr : &found->second;
  }
};

struct Answer {
  int status = 200;
  std::string headers = {};
  std::string body = {};
};

std::string from_base64(std::string_view text) {
  constexpr std::string_view k_digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = k_digits.find(c);
    if (value == std::string_view::npos) {
      break;
    }
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU);
    }
  }
  return out;
}

std::string hex(std::string_view raw) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()});
}

std::string decoded(std::string_view text) {
  return store::decode_percent(text, Plus::literal).value_or(std::string());
}

// What the bucket holds, and the answer to each request.
class Bucket {
 public:
  Answer answer(const Request& request) {
    const std::lock_guard lock(mutex_);
    if (!request.is_reserved()) {
      ++counts_[request.method + kind_of(request)];
    }
    if (request.key.empty()) {
      return of_bucket(request);
    }
    if (const std::string* id = request.find("uploadId")) {
      return of_upload(request, *id);
    }
    if (request.find("uploads") != nullptr) {
      const std::string id = "u" + std::to_string(++last_upload_);
      uploads_[id].key = request.key;
      return xml("InitiateMultipartUploadResult", "<UploadId>" + id + "</UploadId>");
    }
    return of_object(request);
  }

  void print_counts() {
    const std::lock_guard lock(mutex_);
    for (const auto& [kind, count] : counts_) {
      printf("%s %llu\n", kind.c_str(), static_cast<unsigned long long>(count));
    }
  }

 private:
  static std::string kind_of(const Request& request) {
    for (const char* name : {"uploads", "partNumber", "uploadId", "list-type", "delete"}) {
      if (request.find(name) != nullptr) {
        return std::string(":") + name;
      }
    }
    return request.key.empty() ? ":bucket" : ":object";
  }

  static Answer xml(const std::string& root, const std::string& inside) {
    return {
        200, "Content-Type: application/xml\r\n", "<" + root + ">" + inside + "</" + root + ">"};
  }

  Answer of_bucket(const Request& request) {
    if (request.find("uploads") != nullptr) {
      return xml("ListMultipartUploadsResult", "<IsTruncated>false</IsTruncated>");
    }
    if (request.method != "GET") {
      return {};
    }
    const std::string* after = request.find("continuation-token");
    after = after != nullptr ? after : request.find("start-after");
    std::string inside = "<EncodingType>url</EncodingType>";
    std::size_t count = 0;
    const std::string* prefix = request.find("prefix");
    auto at = after == nullptr ? objects_.begin() : objects_.upper_bound(*after);
    for (; at != objects_.end() && count < 1000; ++at) {
      if (prefix != nullptr && at->first.rfind(*prefix, 0) != 0) {
        continue;
      }
      ++count;
      inside += "<Contents><Key>" + store::encode_path(at->first) + "</Key><Size>" +
                std::to_string(at->second.size) + "</Size><ETag>&quot;" + at->second.etag +
                "&quot;</ETag></Contents>";
    }
    if (at != objects_.end()) {
      inside += "<IsTruncated>true</IsTruncated><NextContinuationToken>" + std::prev(at)->first +
                "</NextContinuationToken>";
    }
    return xml("ListBucketResult", inside);
  }

  Answer of_upload(const Request& request, const std::string& id) {
    const auto found = uploads_.find(id);
    if (found == uploads_.end()) {
      return {404, {}, "<Error><Code>NoSuchUpload</Code></Error>"};
    }
    if (const std::string* number = request.find("partNumber")) {
      found->second.parts[strtoul(number->c_str(), nullptr, 10)] = {request.md5, request.size};
      return {200, "ETag: \"" + hex(request.md5) + "\"\r\n"};
    }
    if (request.method == "POST") {
      Object object;
      std::string digests;
      for (const auto& [number, part] : found->second.parts) {
        digests += part.first;
        object.size += part.second;
      }
      object.etag = hex(as_chars(md5(digests))) + "-" + std::to_string(found->second.parts.size());
      objects_[request.key] = object;
      uploads_.erase(found);
      return xml("CompleteMultipartUploadResult", "<ETag>\"" + object.etag + "\"</ETag>");
    }
    uploads_.erase(found);
    return {204};
  }

  Answer of_object(const Request& request) {
    if (request.is_reserved()) {
      return of_reserved(request);
    }
    if (request.method == "PUT") {
      objects_[request.key] = {request.size, hex(request.md5)};
      return {200, "ETag: \"" + hex(request.md5) + "\"\r\n"};
    }
    const auto found = objects_.find(request.key);
    if (request.method == "DELETE") {
      objects_.erase(request.key);
      return {204};
    }
    if (found == objects_.end()) {
      return {404};
    }
    // Bytes are gone: a GET would have to lie.
    return {request.method == "HEAD" ? 200 : 501,
            "ETag: \"" + found->second.etag +
                "\"\r\nX-Size: " + std::to_string(found->second.size) + "\r\n"};
  }

  Answer of_reserved(const Request& request) {
    const auto found = objects_.find(request.key);
    const bool is_there = found != objects_.end();
    if (request.method == "PUT") {
      const bool is_other =
          !request.if_match.empty() && (!is_there || found->second.etag != request.if_match);
      if ((request.if_absent && is_there) || is_other) {
        return {412, {}, "<Error><Code>PreconditionFailed</Code></Error>"};
      }
      const std::string etag = hex(as_chars(md5(request.body)));
      objects_[request.key] = {request.size, etag, request.body};
      return {200, "ETag: \"" + etag + "\"\r\n"};
    }
    if (request.method == "DELETE") {
      objects_.erase(request.key);
      return {204};
    }
    if (!is_there) {
      return {404, {}, "<Error><Code>NoSuchKey</Code></Error>"};
    }
    const std::string& bytes = found->second.bytes;
    const std::uint64_t to = std::min<std::uint64_t>(request.to, bytes.size() - 1);
    return {206,
            "ETag: \"" + found->second.etag + "\"\r\nContent-Range: bytes " +
                std::to_string(request.from) + "-" + std::to_string(to) + "/" +
                std::to_string(bytes.size()) + "\r\n",
            bytes.substr(request.from, to - request.from + 1)};
  }

  std::mutex mutex_;  // guards all below
  std::map<std::string, Object> objects_;
  std::map<std::string, Upload> uploads_;
  std::map<std::string, std::uint64_t> counts_;
  std::uint64_t last_upload_ = 0;
};

// One connection, one thread.
class Connection {
 public:
  Connection(int fd, Bucket& bucket, std::chrono::milliseconds delay)
      : fd_(fd), bucket_(bucket), delay_(delay) {}

  void serve() {
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    while (serve_one()) {
    }
    close(fd_);
  }

 private:
  bool serve_one() {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) {
        return false;
      }
    }
    Request request = parse(std::string_view(buffer_).substr(0, end + 2));
    buffer_.erase(0, end + 4);
    if (request.is_reserved()) {
      return keep(request) && reply(request, bucket_.answer(request));
    }
    if (request.size > 0) {
      std::this_thread::sleep_for(delay_);
    }
    return discard(request.size) && reply(request, bucket_.answer(request));
  }

  bool receive() {
    std::array<char, 16384> piece{};
    const ssize_t got = recv(fd_, piece.data(), piece.size(), 0);
    if (got > 0) {
      buffer_.append(piece.data(), static_cast<std::size_t>(got));
    }
    return got > 0;
  }

  bool keep(Request& request) {
    while (buffer_.size() < request.size) {
      if (!receive()) {
        return false;
      }
    }
    request.body = buffer_.substr(0, static_cast<std::size_t>(request.size));
    buffer_.erase(0, static_cast<std::size_t>(request.size));
    return true;
  }

  // MSG_TRUNC: the kernel throws a stream's bytes away without copying them.
  bool discard(std::uint64_t size) {
    const std::uint64_t here = std::min<std::uint64_t>(size, buffer_.size());
    buffer_.erase(0, static_cast<std::size_t>(here));
    for (std::uint64_t left = size - here; left > 0;) {
      const ssize_t got = recv(fd_, nullptr, std::min<std::uint64_t>(left, 1U << 20), MSG_TRUNC);
      if (got <= 0) {
        return false;
      }
      left -= static_cast<std::uint64_t>(got);
    }
    return true;
  }

  static Request parse(std::string_view head) {
    Request request;
    const std::string_view first = head.substr(0, head.find("\r\n"));
    const std::size_t space = first.find(' ');
    request.method = first.substr(0, space);
    std::string_view target = first.substr(space + 1, first.rfind(' ') - space - 1);
    const std::size_t mark = std::min(target.find('?'), target.size());
    const std::size_t slash = std::min(target.find('/', 1), mark);
    request.key = decoded(target.substr(slash, mark - slash).substr(slash < mark ? 1 : 0));
    parse_query(target.substr(std::min(mark + 1, target.size())), request);
    for (std::size_t at = first.size() + 2; at < head.size();) {
      const std::size_t end = head.find("\r\n", at);
      parse_header(head.substr(at, end - at), request);
      at = end + 2;
    }
    return request;
  }

  static void parse_query(std::string_view query, Request& request) {
    while (!query.empty()) {
      const std::size_t end = std::min(query.find('&'), query.size());
      const std::string_view pair = query.substr(0, end);
      const std::size_t equals = std::min(pair.find('='), pair.size());
      request.query[decoded(pair.substr(0, equals))] =
          decoded(pair.substr(std::min(equals + 1, pair.size())));
      query.remove_prefix(std::min(end + 1, query.size()));
    }
  }

  static void parse_header(std::string_view line, Request& request) {
    const auto value_of = [line](std::string_view name) -> std::optional<std::string> {
      if (line.size() > name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0) {
        return std::string(line.substr(name.size()));
      }
      return std::nullopt;
    };
    if (const auto length = value_of("content-length: ")) {
      request.size = strtoull(length->c_str(), nullptr, 10);
    } else if (const auto digest = value_of("content-md5: ")) {
      request.md5 = from_base64(*digest);
    } else if (value_of("if-none-match: ")) {
      request.if_absent = true;
    } else if (const auto etag = value_of("if-match: ")) {
      request.if_match = etag->substr(etag->find('"') == 0 ? 1 : 0);
      request.if_match = request.if_match.substr(0, request.if_match.find('"'));
    } else if (const auto range = value_of("range: bytes=")) {
      char* end = nullptr;
      request.from = strtoull(range->c_str(), &end, 10);
      request.to = *end == '-' && end[1] != 0 ? strtoull(end + 1, nullptr, 10) : UINT64_MAX;
    }
  }

  bool reply(const Request& request, const Answer& answer) {
    std::string length = std::to_string(answer.body.size());
    std::string headers = answer.headers;
    if (const std::size_t size = headers.find("X-Size: ");
        size != std::string::npos) {  // of a HEAD
      length = headers.substr(size + 8, headers.find("\r\n", size) - size - 8);
      headers.erase(size);
    }
    const std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\n" + headers +
                             (answer.status == 204 ? "" : "Content-Length: " + length + "\r\n") +
                             "\r\n" + (request.method == "HEAD" ? "" : answer.body);
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t got = send(fd_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (got <= 0) {
        return false;
      }
      sent += static_cast<std::size_t>(got);
    }
    return true;
  }

  int fd_;
  Bucket& bucket_;
  std::chrono::milliseconds delay_;
  std::string buffer_;
};

int listen_on_loopback(std::uint16_t& port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, plain, length) != 0 || listen(fd, 512) != 0 ||
      getsockname(fd, plain, &length) != 0) {
    perror("discard_server");
    exit(1);
  }
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace
}  // namespace deployflow::scale

int main(int argc, char** argv) {
  using namespace deployflow::scale;
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(port);
  static Bucket bucket;  // outlives the threads
  const std::chrono::milliseconds delay(argc > 1 ? strtoul(argv[1], nullptr, 10) : 0);
  std::thread([listener, delay] {
    for (;;) {
      const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) {
        std::thread([fd, delay] { Connection(fd, bucket, delay).serve(); }).detach();
      }
    }
  }).detach();
  printf("%u\n", static_cast<unsigned>(port));
  fflush(stdout);
  while (getchar() != EOF) {
  }
  bucket.print_counts();
  fflush(stdout);
  _exit(0);
}
