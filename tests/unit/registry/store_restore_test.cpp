#include <doctest/doctest.h>

#include <map>

#include "make.h"

namespace longshore::registry {
namespace {

using namespace std::chrono_literals;
using test::at;

// What a disk would hold.
class Disk {
 public:
  void write(const Changes& changes) {
    for (const Row& row : changes.rows) {
      if (row.value)
        rows_[{row.kind, row.key}] = *row.value;
      else
        rows_.erase({row.kind, row.key});
    }
  }
  std::vector<Row> rows() const {
    std::vector<Row> out;
    for (const auto& [key, value] : rows_) out.push_back(Row{key.first, key.second, value});
    return out;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::string> rows_;
};

Store started(Disk& disk, const std::string& node, std::vector<std::string>* problems = nullptr) {
  Identity identity;
  identity.node = node;
  identity.address = "127.0.0.1";
  identity.datacenter = "dc1";
  Store store(identity, 1);
  const auto found = store.restore(disk.rows(), at(0s));
  if (problems != nullptr) *problems = found;
  store.start();
  disk.write(store.take_changes());
  return store;
}

}  // namespace

TEST_CASE("all that was written comes back, and every index is higher") {
  Disk disk;
  Store first = started(disk, "n1");
  consul::Registration web = test::service_with_ttl("w1", "web", 30s);
  web.tags = {"a"};
  web.meta = {{"k", "v"}};
  CHECK(first.register_service(web, false, at(0s)));
  CHECK(first.update_ttl("service:w1", CheckStatus::passing, "fine", at(0s)));
  CHECK(first.service_maintenance("w1", true, "why"));
  const std::string session = first.create_session(consul::SessionRequest{}, "90s", at(0s)).value();
  CHECK(first.kv_lock(KvStore::Entry{std::string("k\0ey", 4), std::string("\xff\0", 2), 7}, session, at(0s)).value());
  first.kv_set(KvStore::Entry{"no utf-8 \xff", "v", 0});
  first.kv_set(KvStore::Entry{"gone", "", 0});
  first.kv_erase("gone");
  disk.write(first.take_changes());

  std::vector<std::string> problems;
  Store second = started(disk, "n1", &problems);
  CHECK(problems.empty());
  CHECK(second.identity().node_id == first.identity().node_id);
  CHECK(second.index() > first.index());
  CHECK(second.catalog().services_index() > first.catalog().services_index());
  CHECK(second.catalog().service_index("web", true) > first.catalog().service_index("web", true));
  CHECK(second.kv().prefix_index("gone") > first.kv().prefix_index("gone"));
  CHECK(second.sessions_index() > first.sessions_index());
  CHECK(second.catalog().service({"n1", "w1"})->value == first.catalog().service({"n1", "w1"})->value);
  CHECK(second.catalog().check({"n1", "service:w1"})->value == first.catalog().check({"n1", "service:w1"})->value);
  CHECK(second.catalog().check({"n1", "_service_maintenance:w1"}) != nullptr);
  const consul::KvPair* pair = second.kv().find(std::string("k\0ey", 4));
  REQUIRE(pair != nullptr);
  CHECK(*pair == *first.kv().find(std::string("k\0ey", 4)));
  CHECK(second.kv().find("no utf-8 \xff") != nullptr);
  CHECK(second.kv().find("gone") == nullptr);
  CHECK(second.sessions().at(session).ttl_text == "90s");
  // The TTL begins anew: nobody could renew it.
  second.expire(at(29s));
  CHECK(second.catalog().check({"n1", "service:w1"})->value.status == "passing");
  second.expire(at(30s));
  CHECK(second.catalog().check({"n1", "service:w1"})->value.status == "critical");
}

TEST_CASE("a compare-and-set across a restart holds") {
  Disk disk;
  Store first = started(disk, "n1");
  first.kv_set(KvStore::Entry{"k", "1", 0});
  disk.write(first.take_changes());
  const std::uint64_t modified = first.kv().find("k")->modify_index;
  Store second = started(disk, "n1");
  CHECK(second.kv().find("k")->modify_index == modified);
  CHECK(second.kv_set_if(KvStore::Entry{"k", "2", 0}, modified));
}

TEST_CASE("a node that was renamed keeps its services") {
  Disk disk;
  Store first = started(disk, "old");
  CHECK(first.register_service(test::service("w1", "web"), false, at(0s)));
  disk.write(first.take_changes());
  for (int round = 0; round < 2; ++round) {
    Store renamed = started(disk, "new");
    CHECK(renamed.catalog().service({"new", "w1"}) != nullptr);
    CHECK(renamed.catalog().nodes().size() == 1);
    CHECK(renamed.catalog().services().size() == 1);
  }
}

TEST_CASE("rows that cannot be read are reported and left out") {
  Store store(Identity{"n1", "", "127.0.0.1", "dc1"}, 1);
  const std::vector<Row> rows{{"service", "x", "{"},
                              {"kv", "k", R"({"Key":"k","Value":"%"})"},
                              {"check", "c", "[]"},
                              {"future", "f", "{}"},
                              {"kv", "good", R"({"Key":"good","Value":"aGk=","ModifyIndex":5})"}};
  CHECK(store.restore(rows, at(0s)).size() == 3);
  store.start();
  CHECK(store.kv().find("good")->value == "hi");
  CHECK(store.index() > 5);
}

TEST_CASE("the reserved index is written before it is needed") {
  Disk disk;
  Store store = started(disk, "n1");
  for (int i = 0; i < 2500; ++i) {
    store.kv_set(KvStore::Entry{"k", std::to_string(i), 0});
    disk.write(store.take_changes());
    if (i % 500 != 0) continue;
    Store restarted(Identity{"n1", "", "127.0.0.1", "dc1"}, 1);
    restarted.restore(disk.rows(), at(0s));
    CHECK(restarted.index() > store.index());
  }
}

}  // namespace longshore::registry
