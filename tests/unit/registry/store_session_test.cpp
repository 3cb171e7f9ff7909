#include <doctest/doctest.h>

#include "make.h"

namespace longshore::registry {
namespace {

using namespace std::chrono_literals;
using test::at;
using test::make_store;

std::string session(Store& store, base::Duration ttl, base::Duration delay, const std::string& behavior) {
  consul::SessionRequest request;
  request.ttl = ttl;
  request.lock_delay = delay;
  request.behavior = behavior;
  return store.create_session(request, "", at(0s)).value();
}

bool lock(Store& store, const std::string& key, const std::string& id, base::TimePoint now) {
  return store.kv_lock(KvStore::Entry{key, "v", 0}, id, now).value();
}

}  // namespace

TEST_CASE("a session that is not renewed ends after twice its TTL and lets go of its keys") {
  Store store = make_store();
  const std::string id = session(store, 10s, 0s, "release");
  CHECK(lock(store, "k", id, at(0s)));
  CHECK(store.renew_session(id, at(15s)) != nullptr);
  CHECK(store.next_due() == at(35s));
  store.expire(at(34s));
  CHECK(store.kv().find("k")->session == id);
  const std::uint64_t before = store.kv().key_index("k");
  store.take_changes();
  store.expire(at(35s));
  CHECK(store.kv().find("k")->session.empty());
  CHECK(store.kv().key_index("k") > before);
  const Changes changes = store.take_changes();
  CHECK(test::touches(changes, Topic::Kind::kv, "k"));
  CHECK(test::touches(changes, Topic::Kind::sessions));
  CHECK(store.renew_session(id, at(36s)) == nullptr);
}

TEST_CASE("behaviour delete takes the keys along") {
  Store store = make_store();
  const std::string id = session(store, 0s, 0s, "delete");
  CHECK(lock(store, "k", id, at(0s)));
  CHECK_FALSE(store.next_due());
  store.destroy_session(id, at(1s));
  CHECK(store.kv().find("k") == nullptr);
}

TEST_CASE("the lock delay keeps others out for its time, not longer") {
  Store store = make_store();
  const std::string first = session(store, 0s, 15s, "release");
  const std::string second = session(store, 0s, 15s, "release");
  CHECK(lock(store, "k", first, at(0s)));
  CHECK_FALSE(lock(store, "k", second, at(0s)));
  store.destroy_session(first, at(1s));
  CHECK_FALSE(lock(store, "k", second, at(15s)));
  CHECK(lock(store, "k", second, at(16s)));
}

TEST_CASE("a lock delay is at most a minute") {
  Store store = make_store();
  const std::string first = session(store, 0s, 1h, "release");
  const std::string second = session(store, 0s, 0s, "release");
  CHECK(lock(store, "k", first, at(0s)));
  store.destroy_session(first, at(0s));
  CHECK_FALSE(lock(store, "k", second, at(59s)));
  CHECK(lock(store, "k", second, at(60s)));
}

TEST_CASE("what a session may not be") {
  Store store = make_store();
  consul::SessionRequest request;
  request.ttl = 9s;
  CHECK(store.create_session(request, "", at(0s)).error().text ==
        "Invalid Session TTL '9000000000', must be between [10s=24h0m0s]");
  request.ttl = 10s;
  CHECK(store.create_session(request, "", at(0s)));
  request.node = "nobody";
  CHECK(store.create_session(request, "", at(0s)).error().text == "Missing node registration");
  request.node.clear();
  store.node_maintenance(true, "");
  request.node_checks = std::vector<std::string>{"_node_maintenance"};
  CHECK(store.create_session(request, "", at(0s)).error().text == "Check '_node_maintenance' is in critical state");
}

TEST_CASE("transactions: nothing of a failed one is left, not even an index") {
  Store store = make_store();
  store.kv_set(KvStore::Entry{"a", "1", 0});
  store.kv_set(KvStore::Entry{"t/1", "1", 0});
  store.take_changes();
  const std::uint64_t table = store.kv().index();
  const std::vector<consul::TxnOperation> operations{{"set", "a", "2", 0, 0, ""},
                                                     {"set", "new", "2", 0, 0, ""},
                                                     {"delete-tree", "t/", "", 0, 0, ""},
                                                     {"get", "none", "", 0, 0, ""}};
  const TxnOutcome outcome = store.transact(operations, at(0s));
  CHECK(outcome.errors == std::vector<consul::TxnError>{{3, "key \"none\" doesn't exist"}});
  CHECK(outcome.results.empty());
  CHECK(store.kv().find("a")->value == "1");
  CHECK(store.kv().find("new") == nullptr);
  CHECK(store.kv().find("t/1") != nullptr);
  CHECK(store.kv().index() == table);
  CHECK(store.take_changes().topics.empty());
}

TEST_CASE("prefixes remember deletions, bounded") {
  Store store = make_store();
  for (int i = 0; i < 25'000; ++i) {
    const std::string key = "p/" + std::to_string(i);
    store.kv_set(KvStore::Entry{key, "", 0});
    store.kv_erase(key);
    store.take_changes();
  }
  const std::uint64_t last = store.kv().prefix_index("p/");
  CHECK(last == store.kv().index());
  store.kv_set(KvStore::Entry{"q", "", 0});
  CHECK(store.kv().prefix_index("p/") == last);
  // What was forgotten answers with an index that is not lower than what was told.
  CHECK(store.kv().prefix_index("p/1") >= 3);
}

}  // namespace longshore::registry
