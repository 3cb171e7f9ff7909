#include "common/drain/drainer.h"

#include <doctest/doctest.h>

namespace longshore::drain {
namespace {

consul::ServiceEntry entry(const std::string& node, const std::string& id, const std::string& check_id) {
  consul::ServiceEntry out;
  out.node.node = node;
  out.service.id = id;
  out.checks.emplace_back();
  out.checks.back().check_id = check_id;
  out.checks.back().status = "critical";
  return out;
}

}  // namespace

TEST_CASE("what a record means") {
  consul::Service service;
  service.id = "host:web_1:80";
  service.meta["longshore-container"] = "0123456789ab";
  for (const char* what : {"*", "host:web_1:80", "container:0123456789ab", "container:web_1",
                           "container:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"})
    CHECK_MESSAGE(is_target(what, service), what);
  for (const char* what :
       {"", "host:web_1:81", "web_1", "container:", "container:0123", "container:0123456789ac", "container:web"})
    CHECK_MESSAGE(!is_target(what, service), what);
  service.meta.clear();
  CHECK_FALSE(is_target("container:0123456789ab", service));
}

TEST_CASE("what stands for an instance that is away cannot be drained, not even as a container named like the host") {
  consul::Service service;
  service.id = "longshore-gap:host:web_1:80";
  service.meta["longshore-gap"] = "docker-proxy /run/x.sock";
  for (const char* what : {"*", "longshore-gap:host:web_1:80", "container:host", "container:web_1"})
    CHECK_MESSAGE(!is_target(what, service), what);
}

TEST_CASE("out is gone or in maintenance; a failing check may pass again") {
  const Instance instance{"n1", "web", "a", ""};
  CHECK(is_out({}, instance));
  CHECK(is_out({entry("n2", "a", "c")}, instance));
  CHECK(is_out({entry("n1", "a", "_service_maintenance:a")}, instance));
  CHECK(is_out({entry("n1", "a", "_node_maintenance")}, instance));
  CHECK_FALSE(is_out({entry("n1", "a", "service:a")}, instance));
}

TEST_CASE("old requests are waited for as long as the instances say, unless a person has said it") {
  using std::chrono::seconds;
  const Instance silent{"n1", "web", "a", ""};
  const auto says = [](int time) { return Instance{"n1", "web", "b", "", seconds(time)}; };
  Limits limits;
  CHECK(finish_time({}, limits) == seconds(10));
  CHECK(finish_time({silent}, limits) == seconds(10));
  CHECK(finish_time({says(1)}, limits) == seconds(1));
  CHECK(finish_time({says(0)}, limits) == seconds(0));
  CHECK(finish_time({says(1), says(20)}, limits) == seconds(20));
  CHECK(finish_time({says(1), silent}, limits) == seconds(10));
  limits.finish_chosen = true;
  CHECK(finish_time({says(20)}, limits) == seconds(10));
}

TEST_CASE("what is waited for, in words") {
  CHECK(to_string(Progress{}) == "");
  CHECK(to_string(Progress{{"a"}, {}, {"lb-1", "lb-2"}, {}, {"lb-3"}}) ==
        "still in traffic: a; waiting for lb-1, lb-2; missing: lb-3");
  CHECK(to_string(Progress{{}, {"lb-1"}, {}, {"lb-1"}, {}}) == "old requests at lb-1");
}

}  // namespace longshore::drain
