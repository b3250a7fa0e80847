#include "plugins/host/site/digest_cache.hpp"

#include "plugins/host/base/cache_folder.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

namespace deployflow::site {
namespace {

constexpr std::int64_t k_application = 0x64666463;  // "dfdc", so that file(1) can tell
constexpr std::int64_t k_schema = 1;
constexpr std::size_t k_most_pending = 16'384;
constexpr std::chrono::seconds k_racy{2};

constexpr const char* k_make =
    "CREATE TABLE digests(device INTEGER NOT NULL, inode INTEGER NOT NULL, used INTEGER NOT NULL,"
    " row BLOB NOT NULL, PRIMARY KEY(device, inode)) WITHOUT ROWID;"
    "CREATE TABLE upkeep(day INTEGER NOT NULL);"
    "PRAGMA application_id = 1684431971; PRAGMA user_version = 1;";

/// The blob of a row: one column instead of six, which is what a lookup takes its time with.
struct Row {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  RawDigests digests;
  std::uint64_t check = 0;
};
static_assert(sizeof(Row) == 80);

std::uint64_t check_of(const Row& row, std::uint64_t device, std::uint64_t inode) {
  std::array<std::uint64_t, sizeof(Row) / 8> words{};
  std::memcpy(words.data(), &row, sizeof row);
  words.back() = device;  // in the place of the check itself
  std::uint64_t hash = inode ^ 0x9E3779B97F4A7C15U;
  for (const std::uint64_t word : words) {
    hash = (hash ^ word) * 0xFF51AFD7ED558CCDU;
    hash ^= hash >> 32U;
  }
  return hash;
}

/// Its place in the database, whose integers have a sign.
std::pair<std::int64_t, std::int64_t> place_of(const FileStamp& stamp) {
  return {static_cast<std::int64_t>(stamp.device), static_cast<std::int64_t>(stamp.inode)};
}

bool is_corrupt(int status) {
  const int primary = status & 0xFF;
  // ERROR is what SQL gets that misses a table or a column.
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_ERROR;
}

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// A prepared statement, or the status with which it could not be made.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql) {
    status_ = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Start anew with these values.
  template <class... T>
  Statement& with(T... values) {
    if (statement_ != nullptr) {
      sqlite3_reset(statement_);
      int at = 0;
      (sqlite3_bind_int64(statement_, ++at, values), ...);
    }
    return *this;
  }
  void bind_blob(int at, const Row& row) {
    if (statement_ != nullptr) {
      sqlite3_bind_blob(statement_, at, &row, sizeof row, SQLITE_STATIC);
    }
  }
  /// SQLITE_ROW, SQLITE_DONE, or what is wrong.
  int step() { return status_ = statement_ != nullptr ? sqlite3_step(statement_) : status_; }
  void reset() { sqlite3_reset(statement_); }
  [[nodiscard]] std::int64_t number(int column) const {
    return sqlite3_column_int64(statement_, column);
  }
  [[nodiscard]] std::optional<Row> row(int column) const {
    Row row;
    const void* bytes = sqlite3_column_blob(statement_, column);
    if (bytes == nullptr || sqlite3_column_bytes(statement_, column) != sizeof row) {
      return std::nullopt;
    }
    std::memcpy(&row, bytes, sizeof row);
    return row;
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int status_ = SQLITE_OK;
};

int run(sqlite3* db, const char* sql) {
  return sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
}

/// The one number that `sql` asks for. SQLITE_OK, or what is wrong.
int ask(sqlite3* db, const char* sql, std::int64_t& out) {
  Statement statement(db, sql);
  const int status = statement.step();
  out = status == SQLITE_ROW ? statement.number(0) : 0;
  return status == SQLITE_ROW || status == SQLITE_DONE ? SQLITE_OK : status;
}

/// 0 if it is not there.
ino_t inode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

/// Tables into an empty database, once, whoever else tries.
int make_tables(sqlite3* db, std::chrono::milliseconds busy) {
  // The change to WAL does not wait for another process that makes it, whatever the busy timeout.
  const auto until = std::chrono::steady_clock::now() + busy;
  int status = run(db, "PRAGMA journal_mode = WAL");
  while ((status & 0xFF) == SQLITE_BUSY && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    status = run(db, "PRAGMA journal_mode = WAL");
  }
  if (status != SQLITE_OK || (status = run(db, "BEGIN IMMEDIATE")) != SQLITE_OK) {
    return status;
  }
  std::int64_t schema = 0;
  status = ask(db, "PRAGMA user_version", schema);
  if (status == SQLITE_OK && schema == 0) {
    status = run(db, k_make);
  }
  return run(db, status == SQLITE_OK ? "COMMIT" : "ROLLBACK") == SQLITE_OK ? status : SQLITE_BUSY;
}

/// A database that can be used. SQLITE_OK, or what is wrong; SQLITE_MISMATCH: not ours to touch.
int connect(const std::string& path, std::chrono::milliseconds busy, Database& out) {
  // SQLite would make it readable for all; what it makes beside it gets the mode of this one. A
  // file that is there is not opened here: to close it would drop SQLite's locks on it.
  if (const Fd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
      !made.valid() && errno != EEXIST) {
    return SQLITE_CANTOPEN;
  }
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return SQLITE_CANTOPEN;
  }
  sqlite3* db = nullptr;
  int done = sqlite3_open_v2(path.c_str(),
                             &db,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                             nullptr);
  out.reset(db);
  std::int64_t schema = 0;
  std::int64_t application = 0;
  if (done != SQLITE_OK ||  //
      (done = sqlite3_busy_timeout(db, static_cast<int>(busy.count()))) != SQLITE_OK ||
      (done = ask(db, "PRAGMA user_version", schema)) != SQLITE_OK ||
      (done = ask(db, "PRAGMA application_id", application)) != SQLITE_OK) {
    return done;
  }
  if (schema > k_schema || (schema != 0 && application != k_application)) {
    return SQLITE_MISMATCH;
  }
  if (schema == 0 && (done = make_tables(db, busy)) != SQLITE_OK) {
    return done;
  }
  // Nothing waits for the disk. When the power goes the database may be damaged, which costs time:
  // what a damaged one says has a checksum, or is no row.
  // Rows are asked for in their order, so few pages need to be at hand.
  return run(db, "PRAGMA synchronous = OFF; PRAGMA cache_size = -256");
}

}  // namespace

class DigestCache::State {
 public:
  State(Environment given, const Clock& its_clock, Limits its_limits)
      : clock(its_clock), environment_(std::move(given)), limits_(its_limits) {}

  void find(std::vector<Wanted>& wanted,
            const std::function<void(std::uint64_t, const RawDigests&)>& found) {
    std::sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) {
      return place_of(a.stamp) < place_of(b.stamp);
    });
    if (const int status = open() ? find_sorted(wanted, found) : SQLITE_OK; status != SQLITE_OK) {
      give_up(status);
    }
  }

  void add(const FileStamp& stamp, const RawDigests& digests) {
    Row row{stamp.size, stamp.mtime_ns, stamp.ctime_ns, digests, 0};
    row.check = check_of(row, stamp.device, stamp.inode);
    pending_.push_back({place_of(stamp), row});
    if (pending_.size() >= k_most_pending) {
      save();
    }
  }

  void save() {
    // Twice: a database that shows only now that it is corrupt is made anew by the first.
    for (int tries = 0; tries < 2 && !(pending_.empty() && used_again_.empty()) && open();
         ++tries) {
      const int status = write();
      if (status == SQLITE_OK) {
        break;
      }
      run(db_.get(), "ROLLBACK");
      give_up(status);
    }
    pending_ = {};
    used_again_ = {};
  }

  const Clock& clock;
  std::mutex mutex;  // guards all else

 private:
  using Place = std::pair<std::int64_t, std::int64_t>;
  struct Pending {
    Place place;
    Row row;
  };

  bool open() {
    if (db_ || is_off_) {
      return !is_off_;
    }
    is_off_ = true;
    const auto folder = make_cache_folder(environment_);
    if (!folder) {
      return false;
    }
    path_ = *folder + "/digests.sqlite";
    // Held shared by whoever uses the database, so that nobody removes it meanwhile: the log of one
    // file must not become that of another.
    lock_ = Fd(::open(
        (*folder + "/digests.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock_.valid() || ::flock(lock_.get(), LOCK_SH | LOCK_NB) != 0) {
      return false;
    }
    int status = connect(path_, limits_.busy, db_);
    inode_ = inode_of(path_);
    if (is_corrupt(status) && remove_if_alone()) {
      status = connect(path_, limits_.busy, db_);
      inode_ = inode_of(path_);
    }
    if (status != SQLITE_OK) {
      db_.reset();
      lock_ = {};
      return false;
    }
    is_off_ = false;
    return true;
  }

  /// True if there is no corrupt database any more.
  bool remove_if_alone() {
    db_.reset();
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
      return false;
    }
    // Until it was ours alone, another may have made it anew. A new one with the old number is
    // lost.
    if (inode_of(path_) == inode_) {
      for (const char* part : {"", "-wal", "-shm", "-journal"}) {
        ::unlink((path_ + part).c_str());
      }
    }
    return ::flock(lock_.get(), LOCK_SH | LOCK_NB) == 0;
  }

  void give_up(int status) {
    db_.reset();
    is_off_ = !is_corrupt(status) || !remove_if_alone();
    lock_ = {};
  }

  [[nodiscard]] std::int64_t today() const {
    return std::chrono::floor<std::chrono::days>(clock.now()).time_since_epoch().count();
  }

  /// A walk through the rows beside one through the files. What lies between two files is stepped
  /// over if it is little, as it is for a site that was written in one go, and else jumped over.
  int find_sorted(const std::vector<Wanted>& wanted,
                  const std::function<void(std::uint64_t, const RawDigests&)>& found) {
    constexpr int k_most_steps = 8;
    Statement rows(db_.get(),
                   "SELECT inode, used, row FROM digests WHERE device = ?1 AND inode >= ?2"
                   " ORDER BY inode");
    const std::int64_t old = today() - limits_.look_after_days;
    std::optional<std::int64_t> device;  // that `rows` stands on
    int status = SQLITE_DONE;
    for (const Wanted& file : wanted) {
      const Place place = place_of(file.stamp);
      if (device == place.first && status == SQLITE_DONE) {
        continue;  // the last row of the device is behind us
      }
      int steps = device == place.first ? 0 : k_most_steps;
      while (steps < k_most_steps && status == SQLITE_ROW && rows.number(0) < place.second) {
        status = rows.step();
        ++steps;
      }
      if (steps == k_most_steps && (device != place.first || rows.number(0) < place.second)) {
        status = rows.with(place.first, place.second).step();
        device = place.first;
      }
      if (status != SQLITE_ROW && status != SQLITE_DONE) {
        return status;
      }
      if (status != SQLITE_ROW || rows.number(0) != place.second) {
        continue;
      }
      const auto row = rows.row(2);
      if (row && row->size == file.stamp.size && row->mtime_ns == file.stamp.mtime_ns &&
          row->ctime_ns == file.stamp.ctime_ns &&
          row->check == check_of(*row, file.stamp.device, file.stamp.inode)) {
        if (rows.number(1) <= old) {
          used_again_.push_back(place);
        }
        found(file.id, row->digests);
      }
    }
    return SQLITE_OK;
  }

  int write() {
    sqlite3* db = db_.get();
    int status = run(db, "BEGIN IMMEDIATE");
    if (status != SQLITE_OK) {
      return status;
    }
    std::sort(pending_.begin(), pending_.end(), [](const Pending& a, const Pending& b) {
      return a.place < b.place;
    });
    const std::int64_t day = today();
    Statement insert(db, "INSERT OR REPLACE INTO digests VALUES(?1, ?2, ?3, ?4)");
    for (const Pending& one : pending_) {
      insert.with(one.place.first, one.place.second, day).bind_blob(4, one.row);
      if ((status = insert.step()) != SQLITE_DONE) {
        return status;
      }
    }
    insert.reset();
    Statement update(db, "UPDATE digests SET used = ?3 WHERE device = ?1 AND inode = ?2");
    for (const Place& place : used_again_) {
      if ((status = update.with(place.first, place.second, day).step()) != SQLITE_DONE) {
        return status;
      }
    }
    update.reset();
    if ((status = look_after(day)) != SQLITE_OK) {
      return status;
    }
    return run(db, "COMMIT");
  }

  int look_after(std::int64_t day) {
    std::int64_t last = 0;
    int status = ask(db_.get(), "SELECT max(day) FROM upkeep", last);
    if (status != SQLITE_OK || (last + limits_.look_after_days > day && last <= day)) {
      return status;
    }
    Statement remember(db_.get(), "INSERT INTO upkeep VALUES(?1)");
    Statement forget(db_.get(), "DELETE FROM upkeep WHERE day <> ?1");
    Statement unused(db_.get(), "DELETE FROM digests WHERE used < ?1");
    std::int64_t count = 0;
    if ((status = remember.with(day).step()) != SQLITE_DONE ||
        (status = forget.with(day).step()) != SQLITE_DONE ||
        (status = unused.with(day - limits_.keep_days).step()) != SQLITE_DONE ||
        (status = ask(db_.get(), "SELECT count(*) FROM digests", count)) != SQLITE_OK) {
      return status;
    }
    if (count <= limits_.most_rows) {
      return SQLITE_OK;
    }
    Statement excess(db_.get(),
                     "DELETE FROM digests WHERE (device, inode) IN"
                     " (SELECT device, inode FROM digests ORDER BY used LIMIT ?1)");
    status = excess.with(count - limits_.most_rows).step();
    return status == SQLITE_DONE ? SQLITE_OK : status;
  }

  Environment environment_;
  Limits limits_;
  std::string path_;
  ino_t inode_ = 0;  // of the database
  Fd lock_;
  Database db_;          // null = not opened
  bool is_off_ = false;  // for the rest of the run
  std::vector<Pending> pending_;
  std::vector<Place> used_again_;  // known for long, and still in use
};

DigestCache::DigestCache(Environment environment, const Clock& clock)
    : DigestCache(std::move(environment), clock, Limits()) {}
DigestCache::DigestCache(Environment environment, const Clock& clock, Limits limits)
    : state_(std::make_unique<State>(std::move(environment), clock, limits)) {}
DigestCache::~DigestCache() {
  save();
}

void DigestCache::find(std::vector<Wanted>& wanted,
                       const std::function<void(std::uint64_t, const RawDigests&)>& found) {
  const std::lock_guard lock(state_->mutex);
  state_->find(wanted, found);
}

DigestCache::Time DigestCache::now() const {
  return state_->clock.now();
}

void DigestCache::add(const FileStamp& stamp, const RawDigests& digests, Time began) {
  const std::int64_t youngest = std::max(stamp.mtime_ns, stamp.ctime_ns);
  if (std::chrono::nanoseconds(youngest) > (began - k_racy).time_since_epoch()) {
    return;
  }
  const std::lock_guard lock(state_->mutex);
  state_->add(stamp, digests);
}

void DigestCache::save() {
  const std::lock_guard lock(state_->mutex);
  state_->save();
}

}  // namespace deployflow::site
