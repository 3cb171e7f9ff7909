// What metadata says of single ports: scopes by protocol and range, addresses, declared ports, portless services.
#include <doctest/doctest.h>

#include "agent/core/ip_range.h"
#include "agent/core/metadata.h"
#include "tests/unit/agent/make.h"

using namespace longshore;
using namespace longshore::agent;
using test::brief;
using Texts = std::vector<std::string>;
using Labels = std::map<std::string, std::string>;

namespace {

// A host network container: Docker says nothing of its ports.
docker::Container on_host() {
  docker::Container out = test::container();
  out.network_mode = "host";
  out.ip_address.clear();
  out.networks.clear();
  out.networks["host"] = test::network("host", "");
  return out;
}

ContainerServices spec(const docker::Container& container, const AgentOptions& options = {}) {
  return services_of(container, options, test::facts(), nullptr);
}

std::string reason_of(const ContainerServices& found, std::string_view port) {
  for (const Reject& reject : found.rejects)
    if (reject.port && docker::to_string(*reject.port) == port) return reject.reason;
  return "not left out";
}

}  // namespace

TEST_CASE("the narrower scope wins, whatever the order") {
  struct Row {
    Labels labels;
    const char* port;
    const char* want;
    const char* compatible;
  };
  const Row rows[] = {
      {{{"SERVICE_53_UDP_NAME", "u"}, {"SERVICE_53_NAME", "both"}}, "53/udp", "u", "both"},
      {{{"SERVICE_53_UDP_NAME", "u"}, {"SERVICE_53_NAME", "both"}}, "53/tcp", "both", "both"},
      {{{"SERVICE_53_TCP_NAME", "t"}}, "53/udp", "", ""},
      {{{"SERVICE_53_SCTP_NAME", "s"}}, "53/sctp", "s", ""},
      {{{"SERVICE_8000-8010_NAME", "r"}}, "8000/tcp", "r", ""},
      {{{"SERVICE_8000-8010_NAME", "r"}}, "8010/tcp", "r", ""},
      {{{"SERVICE_8000-8010_NAME", "r"}}, "8011/tcp", "", ""},
      {{{"SERVICE_8000-8010_NAME", "r"}, {"SERVICE_NAME", "all"}}, "8005/tcp", "r", "all"},
      {{{"SERVICE_8000-8010_NAME", "r"}, {"SERVICE_8005_NAME", "one"}}, "8005/tcp", "one", "one"},
      {{{"SERVICE_8000-8010_UDP_NAME", "ru"}, {"SERVICE_8000-8010_NAME", "r"}}, "8005/udp", "ru", ""},
      {{{"SERVICE_8000-8010_UDP_NAME", "ru"}, {"SERVICE_8000-8010_NAME", "r"}}, "8005/tcp", "r", ""},
      {{{"SERVICE_8010-8000_NAME", "backwards"}}, "8005/tcp", "", ""},
      {{{"SERVICE_1-70000_NAME", "beyond"}}, "80/tcp", "", ""},
  };
  for (const Row& row : rows) {
    docker::Container container = test::container();
    container.labels = row.labels;
    CAPTURE(row.port);
    CAPTURE(row.labels.begin()->first);
    CHECK(metadata_for(container, test::port(row.port), false).get("name") == row.want);
    CHECK(metadata_for(container, test::port(row.port), true).get("name") == row.compatible);
  }
  // A scoped variable beats an unscoped label; a label beats a variable of the same scope.
  docker::Container container = test::container();
  container.env = {"SERVICE_53_UDP_NAME=env", "SERVICE_53_NAME=plain"};
  container.labels = {{"SERVICE_53_NAME", "label"}};
  CHECK(metadata_for(container, test::port("53/udp"), false).get("name") == "env");
  CHECK(metadata_for(container, test::port("53/tcp"), false).get("name") == "label");
  // Registrator knows no protocols: there it is an attribute.
  CHECK(metadata_for(container, test::port("53/tcp"), true).get("udp_name") == "env");
}

TEST_CASE("addresses and ports by label") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:8080 81/tcp=0.0.0.0:8081");
  container.networks["back"] = test::network("back", "10.9.0.2");
  const auto with = [&](Labels labels) {
    container.labels = std::move(labels);
    return brief(spec(container));
  };
  const std::string other = "host:web:81 app-81 10.0.0.5:8081";
  CHECK(with({{"SERVICE_80_ADDRESS", "192.0.2.1"}}) == Texts{"host:web:80 app-80 192.0.2.1:8080", other});
  CHECK(with({{"SERVICE_80_IP", "192.0.2.1/24"}}) == Texts{"host:web:80 app-80 192.0.2.1:8080", other});
  CHECK(with({{"SERVICE_80_IP", "[2001:db8::7]"}}) == Texts{"host:web:80 app-80 2001:db8::7:8080", other});
  CHECK(with({{"SERVICE_80_PORT", "9999"}}) == Texts{"host:web:80 app-80 10.0.0.5:9999", other});
  CHECK(with({{"SERVICE_80_INTERNAL", "true"}}) == Texts{"host:web:80 app-80 172.17.0.2:80", other});
  CHECK(with({{"SERVICE_80_NETWORK", "back"}}) == Texts{"host:web:80 app-80 10.9.0.2:80", other});
  CHECK(with({{"SERVICE_80_NETWORK", "10.9.0.0/16"}}) == Texts{"host:web:80 app-80 10.9.0.2:80", other});
  CHECK(with({{"SERVICE_80_NETWORK", "b*k"}}) == Texts{"host:web:80 app-80 10.9.0.2:80", other});
  CHECK(with({{"SERVICE_80_NETWORK", "back"}, {"SERVICE_80_INTERNAL", "false"}}) ==
        Texts{"host:web:80 app-80 10.0.0.5:8080", other});
  CHECK(with({{"SERVICE_80_NETWORK", "back"}, {"SERVICE_80_PORT", "81"}, {"SERVICE_80_ADDRESS", "a.example"}}) ==
        Texts{"host:web:80 app-80 a.example:81", other});
  CHECK(with({{"SERVICE_INTERNAL", "1"}}) ==
        Texts{"host:web:80 app-80 172.17.0.2:80", "host:web:81 app-81 172.17.0.2:81"});
  // Without a port in the key it is the attribute that routing reads.
  CHECK(with({{"SERVICE_PORT", "9999"}}) == Texts{"host:web:80 app-80 10.0.0.5:8080", other});
  CHECK(spec(container).services[0].meta.at("port") == "9999");
  // A network that it is not attached to is no reason to take another one.
  CHECK(with({{"SERVICE_80_NETWORK", "none-such"}}) == Texts{other});
  CHECK(reason_of(spec(container), "80/tcp") == "SERVICE_NETWORK none-such: it is attached to back, bridge");
  // What acts on the registration is no attribute.
  container.labels = {{"SERVICE_80_PORT", "1"}, {"SERVICE_ADDRESS", "192.0.2.1"}, {"SERVICE_INTERNAL", "no"}};
  const ContainerServices quiet = spec(container);
  for (const char* key : {"port", "address", "internal"}) CHECK_FALSE(quiet.services[0].meta.contains(key));
  // Malformed values are said and change nothing.
  CHECK(with({{"SERVICE_80_PORT", "70000"}, {"SERVICE_80_ADDRESS", "a b"}}) ==
        Texts{"host:web:80 app-80 10.0.0.5:8080", other});
  CHECK(spec(container).notes == std::vector<Note>{{test::port("80"), "address: no address: \"a b\""},
                                                   {test::port("80"), "port: no port: 70000"}});
  AgentOptions compatible;
  compatible.compatible = true;
  container.labels = {{"SERVICE_80_ADDRESS", "192.0.2.1"}, {"SERVICE_80_PORT", "1"}, {"SERVICE_80_INTERNAL", "1"}};
  CHECK(brief(spec(container, compatible))[0] == "host:web:80 app-80 10.0.0.5:8080");
  for (const char* key : {"address", "port", "internal"})
    CHECK(spec(container, compatible).services[0].meta.contains(key));
}

TEST_CASE("an unpublished port can be asked for one by one") {
  docker::Container container = test::container();
  container.exposed = test::ports("80/tcp 81/tcp");
  container.published = test::published("80/tcp 81/tcp");
  CHECK(brief(spec(container)).empty());
  container.labels = {{"SERVICE_80_INTERNAL", "yes"}};
  // It is the only one that can be had: no suffix.
  CHECK(brief(spec(container)) == Texts{"host:web:80 app 172.17.0.2:80"});
  AgentOptions internal;
  internal.internal = true;
  container.labels = {{"SERVICE_IGNORE", "true"}, {"SERVICE_81_IGNORE", "false"}, {"SERVICE_81_NAME", "admin"}};
  CHECK(brief(spec(container, internal)) == Texts{"host:web:81 admin 172.17.0.2:81"});
}

TEST_CASE("ports that metadata declares") {
  docker::Container container = on_host();
  CHECK(brief(spec(container)).empty());
  container.labels = {{"SERVICE_8080_NAME", "shop"}, {"SERVICE_53_UDP_NAME", "dns"}, {"SERVICE_9_TAGS", "x"}};
  CHECK(brief(spec(container)) == Texts{"host:web:53:udp dns 10.0.0.5:53", "host:web:8080 shop 10.0.0.5:8080"});
  container.exposed = test::ports("80/tcp");
  CHECK(brief(spec(container)).size() == 3);
  // The number is known as another protocol's: that one is meant.
  container.exposed = test::ports("53/udp");
  container.labels = {{"SERVICE_53_NAME", "dns"}};
  CHECK(brief(spec(container)) == Texts{"host:web:53:udp dns 10.0.0.5:53"});
  container.exposed = test::ports("80/tcp");
  container.labels = {{"SERVICE_PORTS", "8080, 53/udp"}, {"SERVICE_NAME", "shop"}};
  CHECK(brief(spec(container)) ==
        Texts{"host:web:53:udp shop-53 10.0.0.5:53", "host:web:8080 shop-8080 10.0.0.5:8080"});
  container.labels = {{"SERVICE_PORTS", "8000-8002"}, {"SERVICE_NAME", "shop"}};
  CHECK(brief(spec(container)).size() == 3);
  container.labels = {{"SERVICE_PORTS", "80,http,0"}};
  CHECK(brief(spec(container)) == Texts{"host:web:80 app 10.0.0.5:80"});
  CHECK(spec(container).rejects == std::vector<Reject>{{std::nullopt, "SERVICE_PORTS: no port: http", false},
                                                       {std::nullopt, "SERVICE_PORTS: no port: 0", false}});
  AgentOptions compatible;
  compatible.compatible = true;
  container.labels = {{"SERVICE_PORTS", "8080"}, {"SERVICE_8081_NAME", "x"}};
  CHECK(brief(spec(container, compatible)) == Texts{"host:web:80 app 10.0.0.5:80"});
}

TEST_CASE("on a bridge SERVICE_PORTS chooses among what is published") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:8080 81/tcp=0.0.0.0:8081");
  container.labels = {{"SERVICE_PORTS", "80,82"}};
  CHECK(brief(spec(container)) == Texts{"host:web:80 app 10.0.0.5:8080"});
  CHECK(reason_of(spec(container), "82/tcp") == "not published");
  AgentOptions internal;
  internal.internal = true;
  CHECK(brief(spec(container, internal)) ==
        Texts{"host:web:80 app-80 172.17.0.2:80", "host:web:82 app-82 172.17.0.2:82"});
  // A name alone adds no port where Docker knows which there are.
  container.labels = {{"SERVICE_83_NAME", "x"}};
  CHECK(brief(spec(container, internal)).size() == 2);
}

TEST_CASE("services without a port") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:8080");
  container.labels = {{"SERVICE_PORTS", "none"}, {"SERVICE_CHECK_TTL", "30s"}};
  CHECK(brief(spec(container)) == Texts{"host:web:0 app 10.0.0.5:0"});
  CHECK(spec(container).services[0].checks.size() == 1);
  AgentOptions internal;
  internal.internal = true;
  CHECK(brief(spec(container, internal)) == Texts{"host:web:0 app 172.17.0.2:0"});
  container.labels = {{"SERVICE_PORTS", "none"}, {"SERVICE_CHECK_TCP", "1"}};
  CHECK(spec(container).services[0].checks.empty());
  CHECK(spec(container).notes == std::vector<Note>{{docker::Port{}, "check_tcp: the service has no port"}});
}

TEST_CASE("-explicit-ports wants each port by name") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81 82/tcp=0.0.0.0:82");
  container.labels = {{"SERVICE_NAME", "shop"}, {"SERVICE_81_NAME", "admin"}, {"SERVICE_82-83_NAME", "range"}};
  AgentOptions options;
  options.explicit_ports = true;
  CHECK(brief(spec(container, options)) == Texts{"host:web:81 admin 10.0.0.5:81", "host:web:82 range 10.0.0.5:82"});
  CHECK(reason_of(spec(container, options), "80/tcp").starts_with("no SERVICE_80_NAME"));
  container.labels = {{"SERVICE_PORTS", "80"}};
  CHECK(brief(spec(container, options)) == Texts{"host:web:80 app 10.0.0.5:80"});
}

TEST_CASE("the agent never registers itself unless it is labelled") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:80");
  container.env = {"SERVICE_NAME=from-its-image"};
  NodeFacts facts = test::facts();
  facts.own_container = container.id;
  CHECK(services_of(container, {}, facts, nullptr).rejects ==
        std::vector<Reject>{{std::nullopt, "the agent's own container, and no SERVICE_ label", true}});
  container.labels["SERVICE_80_NAME"] = "me";
  CHECK(brief(services_of(container, {}, facts, nullptr)) == Texts{"host:web:80 me 10.0.0.5:80"});
}

TEST_CASE("tags may be left to others") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81");
  container.labels = {{"SERVICE_80_ENABLE_TAG_OVERRIDE", "true"}};
  CHECK(spec(container).services[0].enable_tag_override);
  CHECK_FALSE(spec(container).services[1].enable_tag_override);
}

TEST_CASE("ranges of addresses") {
  const auto within = [](const char* range, const char* address) { return contains(*parse_ip_range(range), address); };
  CHECK(within("10.0.0.0/8", "10.255.1.2"));
  CHECK_FALSE(within("10.0.0.0/8", "11.0.0.1"));
  CHECK(within("10.1.2.3", "10.1.2.3"));
  CHECK_FALSE(within("10.1.2.3", "10.1.2.4"));
  CHECK(within("192.168.4.0/22", "192.168.7.255"));
  CHECK_FALSE(within("192.168.4.0/22", "192.168.8.0"));
  CHECK(within("0.0.0.0/0", "1.2.3.4"));
  CHECK_FALSE(within("0.0.0.0/0", "::1"));
  CHECK(within("fd00::/8", "fd12::1"));
  CHECK(within("fd00::/8", "[fd12::1]"));
  CHECK_FALSE(within("fd00::/8", "fe80::1"));
  CHECK_FALSE(within("10.0.0.0/8", "a name"));
  for (const char* bad : {"", "/8", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "front", "10.0.0.0/x", "10.0.0.0/"})
    CHECK_MESSAGE(!parse_ip_range(bad), bad);
  CHECK(matches_pattern("*_front", "shop_front"));
  CHECK(matches_pattern("*", ""));
  CHECK(matches_pattern("a*b*c", "a-b-b-c"));
  CHECK_FALSE(matches_pattern("a*b", "a-b-c"));
  CHECK_FALSE(matches_pattern("", "x"));
}

TEST_CASE("the network's driver, not its name, says whether Docker publishes ports there") {
  struct Row {
    const char* what;
    std::vector<std::pair<const char*, const char*>> networks;  // name and driver
    const char* mode;
    Texts want;
  };
  const Texts own = {"host:web:80 shop 172.20.0.3:80"};
  const Row rows[] = {
      {"macvlan", {{"lan", "macvlan"}}, "lan", own},
      {"ipvlan", {{"lan", "ipvlan"}}, "lan", own},
      {"a driver of somebody's", {{"lan", "weave"}}, "lan", own},
      {"nobody says which", {{"lan", ""}}, "lan", own},
      {"a bridge, whatever its name", {{"macvlan", "bridge"}}, "macvlan", {}},
      {"overlay", {{"swarm", "overlay"}}, "swarm", {}},
      {"macvlan and a bridge", {{"lan", "macvlan"}, {"web", "bridge"}}, "lan", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    docker::Container container = test::container();
    container.network_mode = row.mode;
    container.ip_address.clear();
    container.networks.clear();
    for (const auto& [name, driver] : row.networks) {
      container.networks[name] = test::network(name, name == std::string(row.mode) ? "172.20.0.3" : "172.21.0.3");
      container.networks[name].driver = driver;
    }
    // Nothing is exposed; a label names the port.
    container.labels = {{"SERVICE_80_NAME", "shop"}};
    CHECK(brief(spec(container)) == row.want);
    container.labels = {{"SERVICE_NAME", "shop"}, {"SERVICE_PORTS", "80"}};
    CHECK(brief(spec(container)) == row.want);
    if (row.want.empty()) CHECK(reason_of(spec(container), "80/tcp") == "not published");
    AgentOptions internal;
    internal.internal = true;
    CHECK(brief(spec(container, internal)) == own);
  }
}
