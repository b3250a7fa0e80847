// What the host hands a stage: artifacts, findings, options, and all its services but the stores. A
// part of stage.hpp.

#pragma once

#include <deployflow/stage.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace deployflow {
inline namespace v0 {

inline df_str cs(std::string_view s) {
  return {s.data(), s.size()};
}
inline std::string_view sv(df_str s) {
  return s.p != nullptr ? std::string_view{s.p, s.n} : std::string_view{};
}

/// Thrown and caught inside the same plugin only. The message becomes an ERROR finding; an empty
/// one means that the finding has been given already.
struct Failure : std::runtime_error {
  Failure(df_status s, const std::string& message) : std::runtime_error(message), status(s) {}
  df_status status;
};
struct Cancelled {};

/// Throw unless `status` is DF_OK. `what` names the call; it is shown only where the host has not
/// given the finding itself (stage.h, ERRORS).
inline void require_ok(df_status status, const char* what) {
  switch (status) {
    case DF_OK:
      return;
    case DF_CANCELLED:
      throw Cancelled{};
    case DF_FAILED:
    case DF_DENIED:
    case DF_CONFLICT:
    case DF_IO:
    case DF_TIMEOUT:
      throw Failure{status, ""};
    default:
      throw Failure{status, std::string(what) + " failed with status " + std::to_string(status)};
  }
}

/// A view of one file; valid until the callback returns.
class Artifact {
 public:
  explicit Artifact(const df_artifact* view) : view_(view) {}
  [[nodiscard]] std::uint64_t id() const { return view_->id; }
  [[nodiscard]] std::string_view key() const { return sv(view_->key); }
  [[nodiscard]] std::string_view path() const { return sv(view_->path); }
  [[nodiscard]] std::uint64_t size() const { return view_->size; }
  /// Since the epoch; 0 when generated.
  [[nodiscard]] std::int64_t mtime_ns() const { return view_->mtime_ns; }
  [[nodiscard]] std::string_view media_type() const { return sv(view_->media_type); }

 private:
  const df_artifact* view_;
};

/// A finding under construction: `ctx.error("acme/too-big", "…").on(a).at(3, 7).hint("…");`
/// It is given to the host when it goes out of scope.
class Finding {
 public:
  Finding(df_ctx* c,
          const df_host* h,
          std::int32_t severity,
          std::string_view code,
          std::string message)
      : c_(c), h_(h), code_(code), message_(std::move(message)) {
    f_.struct_size = sizeof f_;
    f_.severity = severity;
  }
  ~Finding() {
    f_.code = cs(code_);
    f_.message = cs(message_);
    f_.hint = hint_.empty() ? df_str{} : cs(hint_);
    if (!file_.empty()) {
      f_.at.file = cs(file_);
    }
    h_->finding(c_, &f_);
  }
  Finding(const Finding&) = delete;
  Finding& operator=(const Finding&) = delete;

  Finding& on(const Artifact& artifact) { return on(artifact.id()); }
  Finding& on(std::uint64_t artifact_id) {
    f_.artifact_id = artifact_id;
    return *this;
  }
  Finding& at(std::uint32_t line, std::uint32_t col) {
    f_.at.line = line;
    f_.at.col = col;
    return *this;
  }
  /// Where it ends: the line and the column after the last character.
  Finding& until(std::uint32_t line, std::uint32_t col) {
    f_.at.end_line = line;
    f_.at.end_col = col;
    return *this;
  }
  Finding& at(const df_pos& pos) {
    f_.at = pos;
    return *this;
  }
  Finding& file(std::string path) {
    file_ = std::move(path);
    return *this;
  }
  Finding& hint(std::string text) {
    hint_ = std::move(text);
    return *this;
  }
  /// What stands at its place or near it is a secret: no report shows it.
  Finding& without_source() {
    f_.flags |= DF_FINDING_NO_SOURCE;
    return *this;
  }

 private:
  df_ctx* c_;
  const df_host* h_;
  df_finding f_{};
  std::string code_, message_, hint_, file_;
};

class Store;
class Web;

/// What every member function of a stage gets: the host, for this instance.
class Ctx {
 public:
  Ctx(df_ctx* c, const df_host* h) : c_(c), h_(h) {}

  void log(std::int32_t level, std::string_view text) const { h_->log(c_, level, cs(text)); }
  void progress(std::uint64_t done,
                std::uint64_t total,
                std::uint64_t bytes_done = 0,
                std::uint64_t bytes_total = 0,
                std::string_view what = {}) const {
    h_->progress(c_, done, total, bytes_done, bytes_total, cs(what));
  }
  Finding error(std::string_view code, std::string message) const {
    return Finding(c_, h_, DF_ERROR, code, std::move(message));
  }
  Finding warning(std::string_view code, std::string message) const {
    return Finding(c_, h_, DF_WARN, code, std::move(message));
  }
  Finding finding(std::int32_t severity, std::string_view code, std::string message) const {
    return Finding(c_, h_, severity, code, std::move(message));
  }
  void plan(std::int32_t action,
            std::string_view target,
            std::string_view key,
            std::uint64_t size,
            std::string_view reason) const {
    df_plan_entry e{};
    e.struct_size = sizeof e;
    e.action = action;
    e.target = cs(target);
    e.key = cs(key);
    e.size = size;
    e.reason = cs(reason);
    h_->plan(c_, &e);
  }
  /// The plan is whole, and what each target holds that it was made against: its name, and the id
  /// of its live release or such; empty if there is none. After the last plan(), before the first
  /// write. Throws Failure if it is not what the user approved; the host has said why.
  void planned(const std::vector<std::pair<std::string_view, std::string_view>>& bases) const {
    if (!DF_HAS(h_, planned)) {
      return;
    }
    std::vector<df_str> targets, lent;
    for (const auto& [target, base] : bases) {
      targets.push_back(cs(target));
      lent.push_back(base.empty() ? df_str{} : cs(base));
    }
    require_ok(h_->planned(c_, targets.data(), lent.data(), targets.size()), "planned");
  }
  void site_state(std::string_view target, std::int32_t state) const {
    h_->site_state(c_, cs(target), state);
  }
  /// Throws Cancelled once the run is interrupted. Call it between units of work.
  void check() const {
    if (h_->cancelled(c_) != 0) {
      throw Cancelled{};
    }
  }
  void set_output(std::string_view name, std::string_view json) const {
    require_ok(h_->set_output(c_, cs(name), cs(json)), "set_output");
  }
  [[nodiscard]] std::string temp_dir() const {
    df_str out{};
    require_ok(h_->temp_dir(c_, &out), "temp_dir");
    return std::string(sv(out));
  }

  /// A descriptor, which the caller closes, of a file that has no name.
  [[nodiscard]] std::int32_t temp_file() const {
    std::int32_t out = -1;
    require_ok(h_->temp_file(c_, &out), "temp_file");
    return out;
  }

  /// Empty if there is none on this machine.
  [[nodiscard]] std::string cache_dir() const {
    df_str out{};
    const bool is_offered = DF_HAS(h_, cache_dir);
    return is_offered && h_->cache_dir(c_, &out) == DF_OK ? std::string(sv(out)) : std::string();
  }

  /// A line for standard output: what the user asked this stage for.
  void answer(std::string_view line) const { h_->answer(c_, cs(line)); }

  /// Call `f(Artifact)` for each artifact whose key matches, in order of key. "" = all. An Artifact
  /// is valid during its call, its key until the stage's callback returns.
  template <class F>
  void each(std::string_view key_glob, F f) const {
    df_cursor* cursor = nullptr;
    require_ok(h_->artifacts(c_, key_glob.empty() ? df_str{} : cs(key_glob), &cursor), "artifacts");
    for (;;) {
      check();
      const df_artifact* a = nullptr;
      const df_status status = h_->next(c_, cursor, &a);
      if (status == DF_NOT_FOUND) {
        return;
      }
      require_ok(status, "next");
      f(Artifact{a});
    }
  }
  /// The bytes of an artifact, of which at most `max_bytes` are read.
  [[nodiscard]] std::string read(const Artifact& a, std::uint64_t max_bytes) const {
    std::string bytes(static_cast<std::size_t>(a.size() < max_bytes ? a.size() : max_bytes), '\0');
    std::uint64_t got = 0;
    const df_status status =
        h_->read(c_, a.id(), 0, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size(), &got);
    if (status == DF_CONFLICT) {
      throw Failure{status, std::string(a.key()) + " changed while it was read"};
    }
    require_ok(status, "read");
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }
  /// Lower-case hex. algorithm: "sha256" or "md5".
  [[nodiscard]] std::string digest(std::uint64_t id, std::string_view algorithm) const {
    df_str out{};
    require_ok(h_->digest(c_, id, cs(algorithm), &out), "digest");
    return std::string(sv(out));
  }
  /// Of many artifacts at once, on all cores; what is known from earlier runs is not read again.
  [[nodiscard]] std::vector<std::string> digests(const std::vector<std::uint64_t>& ids,
                                                 std::string_view algorithm) const {
    std::vector<std::string> out;
    out.reserve(ids.size());
    if (!DF_HAS(h_, digests)) {
      for (const std::uint64_t id : ids) {
        out.push_back(digest(id, algorithm));
      }
      return out;
    }
    std::vector<df_str> lent(ids.size());
    require_ok(h_->digests(c_, ids.data(), ids.size(), cs(algorithm), lent.data()), "digests");
    for (const df_str& hex : lent) {
      out.emplace_back(sv(hex));
    }
    return out;
  }
  /// The same as bytes, one after the other: 32 of each for "sha256", 16 for "md5".
  void raw_digests(const std::vector<std::uint64_t>& ids,
                   std::string_view algorithm,
                   std::uint8_t* out) const {
    require_ok(h_->raw_digests(c_, ids.data(), ids.size(), cs(algorithm), out), "raw_digests");
  }
  std::uint64_t put_bytes(std::string_view key,
                          std::string_view bytes,
                          std::string_view media_type = {}) const {
    std::uint64_t id = 0;
    require_ok(
        h_->put_bytes(c_, cs(key), cs(bytes), media_type.empty() ? df_str{} : cs(media_type), &id),
        "put_bytes");
    return id;
  }
  /// `visit`(name, value) for each HTTP header that the artifact carries; what it is handed lives
  /// until it returns.
  template <class F>
  void each_header(std::uint64_t id, F&& visit) const {
    for (std::uint64_t i = 0;; ++i) {
      df_header header{};
      const df_status status = h_->header_at(c_, id, i, &header);
      if (status == DF_NOT_FOUND) {
        return;
      }
      require_ok(status, "header_at");
      visit(sv(header.name), sv(header.value));
    }
  }
  void set_header(std::uint64_t id, std::string_view name, std::string_view value) const {
    require_ok(h_->set_header(c_, id, cs(name), cs(value)), "set_header");
  }

  /// The object stores. Throws Failure if this host does not offer them.
  [[nodiscard]] inline Store store() const;
  /// Whether addresses of the web answer. Needs DF_CAP_WEB.
  [[nodiscard]] inline Web web() const;

  [[nodiscard]] df_ctx* raw() const { return c_; }
  [[nodiscard]] const df_host* host() const { return h_; }

 private:
  df_ctx* c_;
  const df_host* h_;
};

/// The options of a stage. The schema has already checked their types and filled in defaults.
class Options {
 public:
  Options(Ctx ctx, const df_value* value) : x_(ctx), v_(value) {}

  [[nodiscard]] bool has(std::string_view key) const { return at(key) != nullptr; }

  /// T: bool, an integer (also for format bytes and duration), a floating-point type or
  /// std::string.
  template <class T>
  [[nodiscard]] T get(std::string_view key) const {
    const df_value* option = at(key);
    if (option == nullptr) {
      throw Failure{DF_BAD_OPTIONS, "missing option " + std::string(key)};
    }
    return as<T>(option);
  }
  template <class T>
  [[nodiscard]] T get_or(std::string_view key, T fallback) const {
    const df_value* option = at(key);
    return option != nullptr ? as<T>(option) : std::move(fallback);
  }
  /// Call `f(T)` for each item of a list option; nothing if it is absent.
  template <class T, class F>
  void each(std::string_view key, F f) const {
    const df_value* list = at(key);
    if (list == nullptr) {
      return;
    }
    const std::uint64_t count = x_.host()->value_count(x_.raw(), list);
    for (std::uint64_t i = 0; i < count; ++i) {
      f(as<T>(x_.host()->value_at(x_.raw(), list, i, nullptr)));
    }
  }
  /// A scalar of any type as text: of an option that may be a number or text.
  [[nodiscard]] std::string get_text(std::string_view key) const {
    const df_value* option = at(key);
    if (option != nullptr && x_.host()->value_kind(x_.raw(), option) == DF_INT) {
      return std::to_string(as<std::int64_t>(option));
    }
    return get<std::string>(key);
  }
  /// An option that is one text or a list of them.
  [[nodiscard]] std::vector<std::string> get_texts(std::string_view key) const {
    std::vector<std::string> out;
    const df_value* option = at(key);
    if (option != nullptr && x_.host()->value_kind(x_.raw(), option) == DF_STRING) {
      out.push_back(as<std::string>(option));
    } else {
      each<std::string>(key, [&](std::string text) { out.push_back(std::move(text)); });
    }
    return out;
  }
  /// The value itself, for what has no type here; nullptr if it is absent.
  [[nodiscard]] const df_value* value(std::string_view key) const { return at(key); }
  /// Where the option stands in the pipeline file, for a finding.
  [[nodiscard]] df_pos pos(std::string_view key) const {
    df_pos p{};
    if (const df_value* option = at(key)) {
      x_.host()->value_pos(x_.raw(), option, &p);
    }
    return p;
  }

 private:
  [[nodiscard]] const df_value* at(std::string_view key) const {
    return v_ != nullptr ? x_.host()->value_key(x_.raw(), v_, cs(key)) : nullptr;
  }
  template <class T>
  [[nodiscard]] T as(const df_value* v) const {
    if constexpr (std::is_same_v<T, std::string>) {
      df_str s{};
      require_ok(x_.host()->value_str(x_.raw(), v, &s), "string option");
      return T(sv(s));
    } else if constexpr (std::is_floating_point_v<T>) {
      double d{};
      require_ok(x_.host()->value_real(x_.raw(), v, &d), "real option");
      return static_cast<T>(d);
    } else {
      std::int64_t i{};
      require_ok(x_.host()->value_int(x_.raw(), v, &i), "integer option");
      return static_cast<T>(i);
    }
  }

  Ctx x_;
  const df_value* v_;
};

}  // namespace v0
}  // namespace deployflow
