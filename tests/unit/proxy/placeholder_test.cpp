#include "common/proxy/placeholder.h"

#include <doctest/doctest.h>

#include "common/consul/gap_meta.h"

using namespace longshore;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("what stands for an instance has its routes, and is nobody's") {
  consul::Service service;
  service.id = "host-1:one:5000";
  service.name = "books";
  service.tags = {"web"};
  service.port = 49153;
  service.address = "10.0.0.1";
  service.meta = {{"host", "books.example"},
                  {"port", "5000"},
                  {"longshore-env", "staging"},
                  {"longshore-owner", "a/b/c"},
                  {"longshore-container", "0123456789ab"},
                  {"longshore-drain", "5s"}};
  const consul::Registration out = proxy::placeholder(service, "docker-proxy /run/x.sock", minutes(5));
  // Templates find the container's port at the end of the ID; no agent takes it for one of its own.
  CHECK(out.id == "longshore-gap:host-1:one:5000");
  CHECK(out.name == "books");
  CHECK(out.tags == std::vector<std::string>{"web"});
  CHECK(out.port == 49153);
  CHECK(out.address == "10.0.0.1");
  CHECK(out.meta == consul::StringMap{{"host", "books.example"},
                                      {"port", "5000"},
                                      {"longshore-env", "staging"},
                                      {consul::kGapMeta, "docker-proxy /run/x.sock"}});
  REQUIRE(out.checks.size() == 1);
  CHECK(out.checks[0].status == "critical");
  CHECK(out.checks[0].ttl == minutes(5));
  CHECK(out.checks[0].deregister_critical_after == minutes(5));
  // Consul takes no less.
  CHECK(proxy::placeholder(service, "x", seconds(2)).checks[0].deregister_critical_after == minutes(1));
}
