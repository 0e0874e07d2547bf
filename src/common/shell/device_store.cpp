#include "shell/device_store.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.hpp"

namespace sennit::shell {

namespace {

constexpr int kBusyMilliseconds = 1000;

// A statement with its values, stepped through row by row.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) {
    sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind(const std::string& text) {
    sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  void bind(std::optional<std::int64_t> number) {
    ++bound_;
    if (number) sqlite3_bind_int64(statement_, bound_, *number);
  }
  // SQLITE_ROW, SQLITE_DONE or why not.
  int step() { return statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_); }
  std::string text(int column) const {
    const auto* bytes = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
  }
  std::optional<std::int64_t> number(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
    return sqlite3_column_int64(statement_, column);
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

sqlite3* open(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  return database;
}

std::optional<std::int64_t> nanoseconds(const std::optional<base::WallTime>& time) {
  return time ? std::optional<std::int64_t>(time->time_since_epoch().count()) : std::nullopt;
}

}  // namespace

DeviceStore::DeviceStore(std::filesystem::path file)
    : file_(std::move(file)), database_(open(file_), sqlite3_close) {
  if (!database_) throw base::Error("cannot open " + file_.string() + ": no memory");
  std::error_code error;
  using std::filesystem::perms;
  std::filesystem::permissions(file_, perms::owner_read | perms::owner_write, error);
  sqlite3_busy_timeout(database_.get(), kBusyMilliseconds);
  // No wait for the disk at each change: the event loop carries packets.
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = NORMAL");
  execute(
      "CREATE TABLE IF NOT EXISTS devices (match TEXT PRIMARY KEY, profile TEXT NOT NULL, down TEXT NOT "
      "NULL, "
      "up TEXT NOT NULL, expires INTEGER, configured TEXT NOT NULL, backend TEXT NOT NULL DEFAULT '')");
  add_backends();
  execute(
      "CREATE TABLE IF NOT EXISTS temporary (match TEXT NOT NULL, part TEXT NOT NULL, profile TEXT NOT NULL, "
      "value TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (match, part))");
  // AUTOINCREMENT: no number is given twice.
  execute(
      "CREATE TABLE IF NOT EXISTS filters (number INTEGER PRIMARY KEY AUTOINCREMENT, words TEXT NOT NULL)");
}

void DeviceStore::refuse() const {
  throw base::Error("cannot keep what is set in " + file_.string() + ": " + sqlite3_errmsg(database_.get()) +
                    "; give the endpoint a folder of its own with --state, or remove the file");
}

void DeviceStore::execute(const std::string& sql) const {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) refuse();
}

// Of a database that an earlier version made.
void DeviceStore::add_backends() const {
  const auto has_backends = [this] {
    return Statement(database_.get(), "SELECT backend FROM devices LIMIT 1").step() != SQLITE_ERROR;
  };
  if (!has_backends()) execute("ALTER TABLE devices ADD COLUMN backend TEXT NOT NULL DEFAULT ''");
}

std::vector<StoredDevice> DeviceStore::load() const {
  Statement rows(database_.get(),
                 "SELECT match, profile, down, up, expires, configured, backend FROM devices ORDER BY match");
  std::vector<StoredDevice> devices;
  int result = rows.step();
  for (; result == SQLITE_ROW; result = rows.step()) {
    StoredDevice device{rows.text(0), rows.text(1), rows.text(2), rows.text(3),
                        {},           rows.text(5), rows.text(6)};
    if (const auto expires = rows.number(4)) device.expires = base::WallTime(base::Duration(*expires));
    device.temporary = load_temporary(device.match);
    devices.push_back(std::move(device));
  }
  if (result != SQLITE_DONE) refuse();
  return devices;
}

std::vector<StoredTemporary> DeviceStore::load_temporary(const std::string& match) const {
  Statement rows(database_.get(),
                 "SELECT part, profile, value, until FROM temporary WHERE match = ? ORDER BY part");
  rows.bind(match);
  std::vector<StoredTemporary> all;
  while (rows.step() == SQLITE_ROW)
    all.push_back({rows.text(0), rows.text(1), rows.text(2),
                   base::WallTime(base::Duration(rows.number(3).value_or(0)))});
  return all;
}

void DeviceStore::save(const std::vector<StoredDevice>& devices) {
  execute("BEGIN");
  for (const auto& device : devices) {
    if (save_row(device) && save_temporary(device)) continue;
    const std::string why = sqlite3_errmsg(database_.get());
    execute("ROLLBACK");
    throw base::Error("cannot keep what is set in " + file_.string() + ": " + why);
  }
  execute("COMMIT");
}

bool DeviceStore::save_row(const StoredDevice& device) {
  Statement row(database_.get(), "INSERT OR REPLACE INTO devices VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const auto* text : {&device.match, &device.profile, &device.down, &device.up}) row.bind(*text);
  row.bind(nanoseconds(device.expires));
  row.bind(device.configured);
  row.bind(device.backend);
  return row.step() == SQLITE_DONE;
}

bool DeviceStore::save_temporary(const StoredDevice& device) {
  Statement before(database_.get(), "DELETE FROM temporary WHERE match = ?");
  before.bind(device.match);
  if (before.step() != SQLITE_DONE) return false;
  return std::ranges::all_of(device.temporary, [&](const StoredTemporary& one) {
    Statement row(database_.get(), "INSERT INTO temporary VALUES (?, ?, ?, ?, ?)");
    for (const auto* text : {&device.match, &one.part, &one.profile, &one.value}) row.bind(*text);
    row.bind(nanoseconds(one.until));
    return row.step() == SQLITE_DONE;
  });
}

void DeviceStore::erase(const std::vector<std::string>& matches) {
  execute("BEGIN");
  for (const auto& match : matches) {
    for (const auto* sql : {"DELETE FROM devices WHERE match = ?", "DELETE FROM temporary WHERE match = ?"}) {
      Statement row(database_.get(), sql);
      row.bind(match);
      row.step();
    }
  }
  execute("COMMIT");
}

std::vector<StoredFilter> DeviceStore::load_filters() const {
  Statement rows(database_.get(), "SELECT number, words FROM filters ORDER BY number");
  std::vector<StoredFilter> filters;
  int result = rows.step();
  for (; result == SQLITE_ROW; result = rows.step()) {
    const auto words = nlohmann::json::parse(rows.text(1), nullptr, false);
    if (!words.is_array()) continue;
    StoredFilter filter{static_cast<std::uint32_t>(rows.number(0).value_or(0)), {}};
    for (const auto& word : words)
      if (word.is_string()) filter.words.push_back(word.get<std::string>());
    filters.push_back(std::move(filter));
  }
  if (result != SQLITE_DONE) refuse();
  return filters;
}

std::uint32_t DeviceStore::last_filter() const {
  Statement row(database_.get(), "SELECT seq FROM sqlite_sequence WHERE name = 'filters'");
  return row.step() == SQLITE_ROW ? static_cast<std::uint32_t>(row.number(0).value_or(0)) : 0;
}

void DeviceStore::save_filter(const StoredFilter& filter) {
  Statement row(database_.get(), "INSERT OR REPLACE INTO filters VALUES (?, ?)");
  row.bind(std::int64_t{filter.number});
  row.bind(nlohmann::json(filter.words).dump());
  if (row.step() != SQLITE_DONE) refuse();
}

void DeviceStore::erase_filters(const std::vector<std::uint32_t>& numbers) {
  execute("BEGIN");
  for (const auto number : numbers) {
    Statement row(database_.get(), "DELETE FROM filters WHERE number = ?");
    row.bind(std::int64_t{number});
    row.step();
  }
  execute("COMMIT");
}

}  // namespace sennit::shell
