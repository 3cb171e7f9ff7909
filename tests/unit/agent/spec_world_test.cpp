// Laws of the rule book on random containers: whatever labels say, the result is something that Consul takes, and
// registering it leaves nothing to do.
#include <doctest/doctest.h>

#include <set>

#include "agent/core/diff.h"
#include "agent/core/kv_entry.h"
#include "agent/core/meta.h"
#include "common/policy/random.h"
#include "tests/unit/agent/make.h"

using namespace longshore;
using namespace longshore::agent;

namespace {

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  docker::Container container() {
    docker::Container out = test::container(pick({"web", "db", "x"}), 'a');
    out.image_reference = pick({"app", "reg:5000/a/b:1", "x@sha256:00", "sha256:ffff", "", "a/b/"});
    out.network_mode = pick({"default", "bridge", "host", "none", "front", "container:db", "slirp4netns", ""});
    for (int i = number(4); i > 0; --i) out.exposed.insert(port());
    for (int i = number(4); i > 0; --i) {
      auto& bindings = out.published[port()];
      for (int k = number(3); k > 0; --k)
        bindings.push_back({pick({"0.0.0.0", "::", "127.0.0.1", "", "10.1.1.1", "fd00::1"}),
                            static_cast<std::uint16_t>(1 + number(60000))});
    }
    if (number(2) == 0) out.networks["front"] = test::network("front", pick({"172.20.0.3", ""}), number(3));
    if (number(3) == 0) out.networks["front"].global_ipv6_address = "fd01::3";
    if (number(3) == 0) out.ip_address.clear();
    for (int i = number(12); i > 0; --i) out.labels["SERVICE_" + scope() + key()] = value();
    for (int i = number(6); i > 0; --i) out.env.push_back("SERVICE_" + scope() + key() + "=" + value());
    return out;
  }

  AgentOptions options() {
    AgentOptions out;
    out.compatible = number(3) == 0;
    out.internal = number(2) == 0;
    out.explicit_names = number(5) == 0;
    out.explicit_ports = number(5) == 0;
    out.prefer_ipv6 = number(4) == 0;
    out.allow_exec_checks = number(2) == 0;
    out.ip = pick({"", "", "9.9.9.9"});
    out.networks = number(3) == 0 ? std::vector<std::string>{"fr*", "10.0.0.0/8"} : std::vector<std::string>{};
    out.meta = number(4) == 0 ? MetaChoice::all : MetaChoice::safe;
    out.kv_owner = number(5) == 0 ? "0badcafe" : "";
    return out;
  }

 private:
  int number(int below) { return static_cast<int>(random_.next() % static_cast<std::uint64_t>(below)); }
  std::string pick(std::vector<std::string> from) {
    return from[static_cast<std::size_t>(number(static_cast<int>(from.size())))];
  }
  docker::Port port() { return test::port(pick({"80", "443", "53/udp", "53", "80/sctp", "8005", "65535"})); }
  std::string scope() {
    return pick({"", "80_", "53_", "53_UDP_", "8000-8010_", "8000-8010_TCP_", "-1_", "99999_", "1-0_"});
  }
  std::string key() {
    return pick({"NAME",
                 "ID",
                 "TAGS",
                 "IGNORE",
                 "PORTS",
                 "PORT",
                 "ADDRESS",
                 "IP",
                 "NETWORK",
                 "INTERNAL",
                 "CHECK_HTTP",
                 "CHECK_TCP",
                 "CHECK_TTL",
                 "CHECK_SCRIPT",
                 "CHECK_1_HTTP",
                 "CHECK_2_GRPC",
                 "CHECK_INTERVAL",
                 "CHECK_1_HEADERS",
                 "CHECK_77_ALIAS",
                 "ENABLE_TAG_OVERRIDE",
                 "HOST",
                 "x y",
                 "DB_PASSWORD",
                 "",
                 "_",
                 "consul-x",
                 "A" + std::string(140, 'K'),
                 "ATTRIBUTE_" + std::to_string(number(90))});
  }
  std::string value() {
    return pick({"", "1", "true", "false", "a,b\\,c", "80", "none", "80,53/udp,8000-8010,x", "front", "10.0.0.0/8",
                 "30s", "fd00::7", "[fd00::7]", "curl 'x", std::string(600, 'v'), "\xC3\xA4\xFF", "0", "a/b", " "});
  }

  policy::Random random_;
};

}  // namespace

TEST_CASE("what is registered is what Consul takes, and registering it leaves nothing to do") {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    Maker maker(seed);
    const docker::Container container = maker.container();
    const docker::Container owner = maker.container();
    const AgentOptions options = maker.options();
    NodeFacts facts = test::facts();
    facts.other_address = seed % 2 == 0 ? "2001:db8::5" : "";
    facts.consul_version = seed % 3 == 0 ? "1.8.7" : "1.17.0";
    const docker::Container* shared = seed % 4 == 0 ? &owner : nullptr;
    const ContainerServices found = services_of(container, options, facts, shared);
    REQUIRE(found == services_of(container, options, facts, shared));
    REQUIRE(found.ports.size() == found.services.size());
    REQUIRE(found.reasons.size() == found.services.size());
    REQUIRE(found.services.size() + found.rejects.size() > 0);  // nothing is left out without a reason
    for (const Reject& reject : found.rejects) REQUIRE_FALSE(reject.reason.empty());
    std::set<std::string> ids;
    for (const consul::Registration& service : found.services) {
      REQUIRE(ids.insert(service.id).second);
      REQUIRE_FALSE(service.id.empty());
      if (!options.compatible) REQUIRE_FALSE(service.address.empty());
      REQUIRE(service.meta.size() <= kMetaPairs);
      for (const auto& [key, value] : service.meta) {
        REQUIRE(key.size() <= kMetaKeyBytes);
        REQUIRE(value.size() <= kMetaValueBytes);
        REQUIRE(key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos);
        REQUIRE_FALSE(key.starts_with("consul-"));
      }
      std::set<std::string> checks;
      for (const consul::CheckDefinition& check : service.checks) {
        const int kinds = !check.http.empty() + !check.tcp.empty() + !check.udp.empty() + !check.grpc.empty() +
                          !check.h2ping.empty() + !check.args.empty() + (check.ttl.count() != 0) +
                          !check.alias_service.empty() + !check.os_service.empty();
        REQUIRE(kinds == 1);
        REQUIRE((service.checks.size() == 1 || checks.insert(check.check_id).second));
        REQUIRE((service.checks.size() == 1 || !check.check_id.empty()));
        REQUIRE((check.interval.count() != 0) == (check.ttl.count() == 0 && check.alias_service.empty()));
      }
      REQUIRE(difference(service, as_registered(service)) == "");
      if (!options.kv_owner.empty()) REQUIRE(kv_shape(service) == service);
    }
  }
}
