// The durable side: rows by (kind, key) in one SQLite file. Every commit survives a kill of the process at any moment
// (write-ahead log); a loss of power may cost the last commits, never the file (synchronous=NORMAL).
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/registry/changes.h"

namespace longshore::registry {

class SqliteStore {
 public:
  // Makes the directory (0700) and the file when missing. One process at a time: a second one gets an error.
  static Result<SqliteStore> open(const std::string& directory);
  SqliteStore(SqliteStore&&) noexcept;
  SqliteStore& operator=(SqliteStore&&) noexcept;
  ~SqliteStore();

  Result<std::vector<Row>> load();
  // All or nothing.
  Status commit(const std::vector<Row>& rows);

 private:
  struct State;
  explicit SqliteStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace longshore::registry
