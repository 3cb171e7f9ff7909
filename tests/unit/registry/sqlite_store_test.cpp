#include "common/registry/sqlite_store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "temporary_directory.h"

namespace longshore::registry {

TEST_CASE("rows come back, replaced and erased ones as the last write left them") {
  const test::TemporaryDirectory directory;
  {
    auto store = SqliteStore::open(directory.path() + "/new/deeper");
    REQUIRE(store);
    CHECK(store->commit({{"kv", "a", "1"}, {"kv", std::string("\0k", 2), "2"}, {"check", "a", "3"}}));
    CHECK(store->commit({{"kv", "a", "4"}, {"check", "a", std::nullopt}, {"check", "none", std::nullopt}}));
    CHECK(store->commit({}));
  }
  auto store = SqliteStore::open(directory.path() + "/new/deeper");
  REQUIRE(store);
  auto rows = store->load();
  REQUIRE(rows);
  std::sort(rows->begin(), rows->end(), [](const Row& left, const Row& right) { return left.key < right.key; });
  CHECK(*rows == std::vector<Row>{{"kv", std::string("\0k", 2), "2"}, {"kv", "a", "4"}});
}

TEST_CASE("one process at a time") {
  const test::TemporaryDirectory directory;
  auto first = SqliteStore::open(directory.path());
  REQUIRE(first);
  CHECK(first->commit({{"kv", "a", "1"}}));
  const auto second = SqliteStore::open(directory.path());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::io);
}

TEST_CASE("a file that is no database is an error, not a loss") {
  const test::TemporaryDirectory directory;
  {
    std::ofstream file(directory.path() + "/registry.db");
    file << std::string(4096, 'x');
  }
  CHECK_FALSE(SqliteStore::open(directory.path()));
}

}  // namespace longshore::registry
