#include "common/drain/word.h"

#include <doctest/doctest.h>

namespace longshore::drain {
namespace {

constexpr const char* kPrefix = "longshore/renderers/";
using Ids = std::vector<std::string>;

consul::KvPair record(const std::string& id, const std::string& value, bool lives = true, std::uint64_t written = 100) {
  consul::KvPair pair;
  pair.key = kPrefix + id;
  pair.value = value;
  pair.modify_index = written;
  if (lives) pair.session = "s";
  return pair;
}

RendererWord settled(std::uint64_t index, std::uint64_t hash = 0, const std::string& service = "web") {
  RendererWord out;
  out.services[service] = {{99, 99, 9}, {index, hash, 3}};
  return out;
}

consul::HealthCheck check(const std::string& status, const std::string& id = "c") {
  consul::HealthCheck out;
  out.check_id = id;
  out.status = status;
  return out;
}

consul::ServiceEntry entry(const std::string& node, const std::string& id,
                           std::vector<consul::HealthCheck> checks = {}) {
  consul::ServiceEntry out;
  out.node.node = node;
  out.service.id = id;
  out.checks = std::move(checks);
  return out;
}

}  // namespace

TEST_CASE("a record survives its way through JSON; what is unknown is ignored") {
  RendererWord one;
  one.host = "lb-1";
  one.instance = "0123";
  one.pid = 7;
  one.at = "2026-01-01T00:00:00Z";
  one.generation = 7;
  one.settled_generation = 6;
  one.old_requests = 2;
  one.stale = 1;
  one.starting = true;
  one.held_back = {"/etc/nginx/a.conf"};
  one.quarantined = {"/etc/nginx/b.conf upstream x"};
  one.guarded = {"web keeps 8"};
  one.colors = {{"books", {"green"}}, {"x \"y\"", {"", "blue"}}};
  one.services["web"] = {{12, 0xFFFFFFFFFFFFFFFF, 7}, {11, 5, 6}};
  one.services["out"] = {{1, 2, 3}, {1, 2, 3}, {"n/a", "n/b"}};
  one.services["böoks \"x\""] = {{1, 2, 3}, {1, 2, 3}};
  CHECK(decode(encode(one)).value() == one);
  const std::string text = R"({"version":2,"new":[1],"services":{"web":{"settled":{"index":3,"more":true}}}})";
  CHECK(decode(text)->services.at("web") == ServiceWord{{3, 0, 0}, {3, 0, 0}});
  CHECK(decode("{}").value() == RendererWord{});
  for (const char* bad :
       {"", "[]", "nonsense", R"({"services":[]})", R"({"services":{"a":1}})", R"({"generation":"x"})",
        R"({"services":{"a":{"settled":{"index":-1}}}})", R"({"services":{"a":{"settled":3}}})"})
    CHECK_FALSE(decode(bad).has_value());
}

TEST_CASE("the hash of a set sees instances and their health, not their order") {
  const auto one = entry("n1", "a");
  const auto two = entry("n2", "a");
  CHECK(set_hash({one, two}) == set_hash({two, one}));
  CHECK(set_hash({one}) != set_hash({one, two}));
  CHECK(set_hash({}) != 0);
  CHECK(set_hash({one}) != set_hash({entry("n1", "a", {check("critical")})}));
  CHECK(set_hash({one}) == set_hash({entry("n1", "a", {check("passing")})}));
  // Where one text ends and the next begins counts.
  CHECK(set_hash({entry("n", "1a")}) != set_hash({entry("n1", "a")}));
  CHECK(health_of({}) == "passing");
  CHECK(health_of({check("warning"), check("critical"), check("passing")}) == "critical");
  CHECK(health_of({check("critical"), check("critical", "_service_maintenance:a")}) == "maintenance");
  CHECK(health_of({check("passing"), check("critical", "_node_maintenance")}) == "maintenance");
  CHECK(health_of({check("strange")}) == "");
}

TEST_CASE("who has settled, who is waited for, who is missing") {
  const std::vector<consul::KvPair> records = {record("far", encode(settled(30))),
                                               record("there", encode(settled(20))),
                                               record("behind", encode(settled(10, 1))),
                                               record("dead", encode(settled(10)), false),
                                               record("dead-but-done", encode(settled(20)), false),
                                               record("same-set", encode(settled(5, 77))),
                                               record("same-set-before", encode(settled(5, 77)), true, 19),
                                               record("other", encode(settled(1, 1, "books"))),
                                               record("broken", "x"),
                                               record("", encode(settled(1)))};
  const Standing standing = judge(records, kPrefix, {"web", "dc1", 20, 77});
  CHECK(standing.settled == Ids{"far", "there", "dead-but-done", "same-set"});
  CHECK(standing.unsure == Ids{"same-set-before"});
  CHECK(standing.waiting == Ids{"behind"});
  CHECK(standing.missing == Ids{"dead", "broken"});
  CHECK_FALSE(standing.done());
  // The broken one may use it.
  CHECK(judge(records, kPrefix, {"nobody-uses-it", "dc1", 20, 77}).missing == Ids{"broken"});
  CHECK(judge({}, kPrefix, {"web", "dc1", 20, 77}).done());
}

TEST_CASE("applied is not settled; old requests are told apart; a starting one may use anything") {
  RendererWord word = settled(19);
  word.services["web"].applied = {20, 0, 4};
  CHECK(judge({record("lb", encode(word))}, kPrefix, {"web", "dc1", 20, 0}).waiting == Ids{"lb"});
  word = settled(20);
  word.old_requests = 3;
  const Standing busy = judge({record("lb", encode(word))}, kPrefix, {"web", "dc1", 20, 0});
  CHECK(busy.busy == Ids{"lb"});
  CHECK(busy.done());
  word = {};
  word.starting = true;
  CHECK(judge({record("lb", encode(word))}, kPrefix, {"web", "dc1", 20, 0}).waiting == Ids{"lb"});
  CHECK(judge({record("lb", encode(word), false)}, kPrefix, {"web", "dc1", 20, 0}).missing == Ids{"lb"});
}

TEST_CASE("a template that asks for a datacenter by name uses the service too, if it is this one") {
  const auto word = encode(settled(10, 1, "web@dc1"));
  CHECK(judge({record("lb", word)}, kPrefix, {"web", "dc1", 20, 77}).waiting == Ids{"lb"});
  CHECK(judge({record("lb", word)}, kPrefix, {"web", "dc2", 20, 77}).done());
}

TEST_CASE("who is kept out by a renderer that lives") {
  RendererWord word = settled(5);
  word.services["web"].out = {"n1/web-1", "n2/web-2"};
  const std::string text = encode(word);
  CHECK(is_kept_out({record("lb-1", text)}, kPrefix, "web", "n1", "web-1"));
  CHECK(is_kept_out({record("lb-0", encode(settled(5))), record("lb-1", text)}, kPrefix, "web", "n2", "web-2"));
  CHECK_FALSE(is_kept_out({record("lb-1", text)}, kPrefix, "web", "n1", "web-2"));
  CHECK_FALSE(is_kept_out({record("lb-1", text)}, kPrefix, "api", "n1", "web-1"));
  // What a dead one said last is no news of the instance.
  CHECK_FALSE(is_kept_out({record("lb-1", text, false)}, kPrefix, "web", "n1", "web-1"));
  CHECK_FALSE(is_kept_out({record("lb-1", "nonsense")}, kPrefix, "web", "n1", "web-1"));
}

}  // namespace longshore::drain
