#include "common/registry/sqlite_store.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

namespace longshore::registry {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

constexpr char kSchema[] =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "CREATE TABLE IF NOT EXISTS entries (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (kind, key)) WITHOUT ROWID; PRAGMA user_version=1;";

std::unexpected<Error> failed(sqlite3* database, const std::string& what) {
  return fail(Errc::io, what + ": " + sqlite3_errmsg(database));
}

Status execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failed(database, "SQLite");
  return {};
}

Result<Statement> prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  const int done = sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  Statement statement(raw);
  if (done != SQLITE_OK) return failed(database, "SQLite");
  return statement;
}

// The text outlives the step: no copy.
int bind(sqlite3_stmt* statement, int at, const std::string& text) {
  return sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

// Keys may hold zero bytes, so lengths are asked for.
std::string column(sqlite3_stmt* statement, int at) {
  const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, at));
  const int size = sqlite3_column_bytes(statement, at);
  return text == nullptr ? std::string() : std::string(text, static_cast<std::size_t>(size));
}

}  // namespace

struct SqliteStore::State {
  Database database;
  Statement put;
  Statement erase;
};

SqliteStore::SqliteStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqliteStore::SqliteStore(SqliteStore&&) noexcept = default;
SqliteStore& SqliteStore::operator=(SqliteStore&&) noexcept = default;
SqliteStore::~SqliteStore() = default;

Result<SqliteStore> SqliteStore::open(const std::string& directory) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(directory, error);
  if (error) return fail(base::system_error("make " + directory, error.value()));
  if (made) ::chmod(directory.c_str(), 0700);
  auto state = std::make_unique<State>();
  const std::string file = directory + "/registry.db";
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  state->database.reset(raw);
  if (opened != SQLITE_OK) return failed(raw, file);
  ::chmod(file.c_str(), 0600);
  if (const Status ready = execute(raw, kSchema); !ready) return fail(ready.error().with(file));
  auto put = prepare(raw, "INSERT INTO entries VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = ?3");
  auto erase = prepare(raw, "DELETE FROM entries WHERE kind = ?1 AND key = ?2");
  if (!put) return fail(put.error().with(file));
  if (!erase) return fail(erase.error().with(file));
  state->put = *std::move(put);
  state->erase = *std::move(erase);
  return SqliteStore(std::move(state));
}

Result<std::vector<Row>> SqliteStore::load() {
  sqlite3* database = state_->database.get();
  LS_TRY(select, prepare(database, "SELECT kind, key, value FROM entries"));
  std::vector<Row> rows;
  int step = sqlite3_step(select.get());
  for (; step == SQLITE_ROW; step = sqlite3_step(select.get()))
    rows.push_back(Row{column(select.get(), 0), column(select.get(), 1), column(select.get(), 2)});
  if (step != SQLITE_DONE) return failed(database, "read the registry's data");
  return rows;
}

Status SqliteStore::commit(const std::vector<Row>& rows) {
  sqlite3* database = state_->database.get();
  LS_TRY_STATUS(execute(database, "BEGIN IMMEDIATE"));
  for (const Row& row : rows) {
    sqlite3_stmt* statement = row.value ? state_->put.get() : state_->erase.get();
    bind(statement, 1, row.kind);
    bind(statement, 2, row.key);
    if (row.value) bind(statement, 3, *row.value);
    const int step = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (step == SQLITE_DONE) continue;
    const auto error = failed(database, "write the registry's data");
    sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
    return error;
  }
  const Status done = execute(database, "COMMIT");
  if (!done) sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
  return done;
}

}  // namespace longshore::registry
