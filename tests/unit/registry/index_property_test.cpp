// Random histories: no index that a client can see ever falls, and every visible change raises the index and names a
// topic that the one who asked waits for.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "make.h"

namespace longshore::registry {
namespace {

using namespace std::chrono_literals;
using test::at;

const std::vector<std::string> kReads{"/v1/catalog/services",  "/v1/catalog/nodes",
                                      "/v1/catalog/node/n1",   "/v1/catalog/service/a",
                                      "/v1/catalog/service/b", "/v1/health/service/a",
                                      "/v1/health/service/b",  "/v1/health/service/c?passing",
                                      "/v1/health/checks/a",   "/v1/health/state/any",
                                      "/v1/health/node/n1",    "/v1/kv/a",
                                      "/v1/kv/?recurse",       "/v1/kv/a/?recurse",
                                      "/v1/kv/a/?keys",        "/v1/session/list",
                                      "/v1/internal/ui/nodes", "/v1/kv/b",
                                      "/v1/kv/a/b?recurse",    "/v1/health/service/a?passing"};

std::string pick(policy::Random& random, std::initializer_list<const char*> list) {
  return list.begin()[random.next() % list.size()];
}

void act(Store& store, policy::Random& random, base::TimePoint now, std::vector<std::string>& sessions) {
  const std::string id = pick(random, {"1", "2", "3"});
  const std::string name = pick(random, {"a", "b", "c"});
  const std::string key = pick(random, {"a", "b", "a/b", "a/b/c", "a/d"});
  const std::string value = pick(random, {"", "x", "y"});
  switch (random.next() % 14) {
    case 0:
    case 1:
      CHECK(store.register_service(test::service_with_ttl(id, name, 10s), random.next() % 2 == 0, now));
      break;
    case 2:
      CHECK(store.register_service(test::service(id, name), false, now));
      break;
    case 3:
      store.deregister_service(id);
      break;
    case 4:
      (void)store.update_ttl("service:" + id, CheckStatus(random.next() % 3), value, now);
      break;
    case 5:
      (void)store.service_maintenance(id, random.next() % 2 == 0, "");
      break;
    case 6:
      store.node_maintenance(random.next() % 2 == 0, "");
      break;
    case 7:
    case 8:
      store.kv_set(KvStore::Entry{key, value, 0});
      break;
    case 9:
      store.kv_erase(key);
      break;
    case 10:
      store.kv_erase_tree(key);
      break;
    case 11: {
      const std::vector<consul::TxnOperation> operations{{"set", key, value, 0, 0, ""},
                                                         {pick(random, {"get", "delete"}), name, "", 0, 0, ""}};
      store.transact(operations, now);
      break;
    }
    case 12: {
      consul::SessionRequest request;
      request.ttl = 10s;
      request.lock_delay = 0s;
      request.behavior = pick(random, {"release", "delete"});
      if (const auto created = store.create_session(request, "", now)) sessions.push_back(*created);
      break;
    }
    default:
      if (sessions.empty()) break;
      if (random.next() % 3 == 0)
        store.destroy_session(sessions[random.next() % sessions.size()], now);
      else
        (void)store.kv_lock(KvStore::Entry{key, value, 0}, sessions[random.next() % sessions.size()], now);
  }
  if (random.next() % 4 == 0) store.expire(now);
}

bool wakes(const Changes& changes, const std::vector<Topic>& waited) {
  for (const Topic& topic : changes.topics)
    for (const Topic& one : waited) {
      if (topic == one) return true;
      if (topic.kind == Topic::Kind::kv && one.kind == Topic::Kind::kv_prefix && topic.key.starts_with(one.key))
        return true;
    }
  return false;
}

struct Seen {
  std::uint64_t index = 0;
  std::string body;
  int status = 0;
};

Seen look(Store& store, const std::string& target, base::TimePoint now) {
  const net::Response response = test::answer(store, "GET", target, "", now);
  return Seen{std::stoull(std::string(response.headers.get("X-Consul-Index").value_or("0"))), response.body,
              response.status};
}

void run_history(std::uint64_t seed, int steps) {
  Store store = test::make_store();
  policy::Random random(seed);
  std::vector<std::string> sessions;
  std::map<std::string, Seen> last;
  base::TimePoint now = at(0s);
  for (const std::string& read : kReads) last[read] = look(store, read, now);
  for (int step = 0; step < steps; ++step) {
    now += std::chrono::milliseconds(random.next() % 3000);
    std::map<std::string, std::vector<Topic>> waits;
    for (const std::string& read : kReads) {
      const char sign = read.find('?') == std::string::npos ? '?' : '&';
      const net::Request request = test::request("GET", read + sign + "index=" + std::to_string(last[read].index));
      const Outcome outcome = route(store, Call{request, now, 0, std::nullopt});
      REQUIRE(std::holds_alternative<Wait>(outcome));
      waits[read] = std::get<Wait>(outcome).topics;
    }
    act(store, random, now, sessions);
    const Changes changes = store.take_changes();
    for (const std::string& read : kReads) {
      const Seen seen = look(store, read, now);
      CAPTURE(seed);
      CAPTURE(step);
      CAPTURE(read);
      CHECK(seen.index >= last[read].index);
      if (seen.body != last[read].body || seen.status != last[read].status) {
        CHECK(seen.index > last[read].index);
        CHECK(wakes(changes, waits[read]));
      }
      last[read] = seen;
    }
  }
}

}  // namespace

TEST_CASE("no index falls, and every visible change wakes those who wait for it") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) run_history(seed, 150);
}

}  // namespace longshore::registry
