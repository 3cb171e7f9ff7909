// IPv6, dual stack, networks by preference, and where the host's address is from.
#include <doctest/doctest.h>

#include "agent/core/addresses.h"
#include "agent/core/diff.h"
#include "tests/unit/agent/make.h"

using namespace longshore;
using namespace longshore::agent;

namespace {

// "address:port +lan_ipv6=…:port" of port 80.
std::string text_of(const docker::Container& container, const AgentOptions& options, const NodeFacts& facts) {
  const ContainerServices found = services_of(container, options, facts, nullptr);
  if (found.services.empty()) return "refused: " + found.rejects.front().reason;
  const consul::Registration& service = found.services.front();
  std::string out = service.address + ":" + std::to_string(service.port);
  for (const auto& [name, tagged] : service.tagged_addresses)
    out += " " + name + "=" + tagged.address + ":" + std::to_string(tagged.port);
  return out;
}

docker::Container dual_stack() {
  docker::Container out = test::container();
  out.exposed = test::ports("80/tcp");
  out.network_mode = "front";
  out.ip_address.clear();
  out.networks.clear();
  out.networks["front"] = test::network("front", "172.20.0.3");
  out.networks["front"].global_ipv6_address = "fd00::3";
  out.networks["back"] = test::network("back", "172.21.0.3");
  out.networks["lone6"] = test::network("lone6", "");
  out.networks["lone6"].global_ipv6_address = "fd01::3";
  out.published = test::published("80/tcp");
  return out;
}

}  // namespace

TEST_CASE("both families of a container's network") {
  AgentOptions options;
  options.internal = true;
  const NodeFacts facts = test::facts();
  CHECK(text_of(dual_stack(), options, facts) == "172.20.0.3:80 lan_ipv6=fd00::3:80 wan_ipv6=fd00::3:80");
  options.prefer_ipv6 = true;
  CHECK(text_of(dual_stack(), options, facts) == "fd00::3:80 lan_ipv4=172.20.0.3:80 wan_ipv4=172.20.0.3:80");
  options.networks = {"absent", "lone*"};
  CHECK(text_of(dual_stack(), options, facts) == "fd01::3:80");
  options.prefer_ipv6 = false;
  CHECK(text_of(dual_stack(), options, facts) == "fd01::3:80");
  options.networks = {"172.21.0.0/16", "lone6"};
  CHECK(text_of(dual_stack(), options, facts) == "172.21.0.3:80");
  options.networks = {"front-id"};  // IDs only from 12 digits on
  CHECK(text_of(dual_stack(), options, facts).starts_with("172.20.0.3:80"));
  options.networks = {"fd00::/16"};
  CHECK(text_of(dual_stack(), options, facts).starts_with("172.20.0.3:80"));
  options.compatible = true;
  options.networks.clear();
  CHECK(text_of(dual_stack(), options, facts) == "172.20.0.3:80");
}

TEST_CASE("both families of a published port") {
  docker::Container container = test::container();
  NodeFacts facts = test::facts();
  facts.other_address = "2001:db8::5";
  const auto with = [&](const char* published, bool prefer = false) {
    container.published = test::published(published);
    AgentOptions options;
    options.prefer_ipv6 = prefer;
    return text_of(container, options, facts);
  };
  CHECK(with("80/tcp=0.0.0.0:8080 80/tcp=:::8080") ==
        "10.0.0.5:8080 lan_ipv6=2001:db8::5:8080 wan_ipv6=2001:db8::5:8080");
  // Docker may give each family a port of its own.
  CHECK(with("80/tcp=0.0.0.0:8080 80/tcp=:::9090") ==
        "10.0.0.5:8080 lan_ipv6=2001:db8::5:9090 wan_ipv6=2001:db8::5:9090");
  CHECK(with("80/tcp=0.0.0.0:8080 80/tcp=:::9090", true) ==
        "2001:db8::5:9090 lan_ipv4=10.0.0.5:8080 wan_ipv4=10.0.0.5:8080");
  CHECK(with("80/tcp=0.0.0.0:8080") == "10.0.0.5:8080");
  CHECK(with("80/tcp=:::8080") == "2001:db8::5:8080");
  CHECK(with("80/tcp=192.0.2.4:80 80/tcp=2001:db8::9:81") ==
        "192.0.2.4:80 lan_ipv6=2001:db8::9:81 wan_ipv6=2001:db8::9:81");
  CHECK(with("80/tcp=192.0.2.4:80 80/tcp=::1:81") == "192.0.2.4:80");
  facts.other_address.clear();
  CHECK(with("80/tcp=0.0.0.0:8080 80/tcp=:::8080") == "10.0.0.5:8080");
  CHECK(with("80/tcp=:::8080") == "10.0.0.5:8080");
  // Targets of checks are bracketed.
  facts.other_address = "2001:db8::5";
  container.published = test::published("80/tcp=:::8080");
  container.labels = {{"SERVICE_CHECK_HTTP", "/h"}};
  const ContainerServices found = services_of(container, {}, facts, nullptr);
  CHECK(found.services.at(0).checks.at(0).http == "http://[2001:db8::5]:8080/h");
}

TEST_CASE("a tagged address that is not asked for any more is a difference; those of the agent are not") {
  consul::Registration desired;
  desired.address = "10.0.0.5";
  consul::Service actual = as_registered(desired);
  actual.tagged_addresses["lan_ipv4"] = {"10.0.0.5", 80};
  actual.tagged_addresses["wan_ipv4"] = {"10.0.0.5", 80};
  actual.tagged_addresses["consul-virtual"] = {"240.0.0.1", 80};
  CHECK(difference(desired, actual) == "");
  actual.tagged_addresses["lan_ipv6"] = {"fd00::3", 80};
  CHECK(difference(desired, actual) == "tagged addresses changed");
  desired.tagged_addresses["lan_ipv6"] = {"fd00::3", 80};
  CHECK(difference(desired, actual) == "");
  desired.tagged_addresses["lan_ipv6"].port = 81;
  CHECK(difference(desired, actual) == "tagged addresses changed");
}

TEST_CASE("-address-from: the first source that has an address") {
  LocalFacts local{"host", "192.0.2.9", "10.0.0.5", "n", {}, {}};
  local.interfaces = {{"eth0", "10.0.0.5"}, {"eth0", "2001:db8::5"}, {"docker0", "172.17.0.1"}, {"eth1", "10.7.0.5"}};
  struct Row {
    std::vector<std::string> sources;
    bool prefer_ipv6;
    const char* want;
    const char* other;
  };
  const Row rows[] = {
      {{}, false, "10.0.0.9", ""},
      {{"route"}, false, "10.0.0.5", "2001:db8::5"},
      {{"hostname"}, false, "192.0.2.9", ""},
      {{"consul", "route"}, false, "10.0.0.9", ""},
      {{"interface:eth1", "consul"}, false, "10.7.0.5", ""},
      {{"interface:eth*"}, false, "10.0.0.5", "2001:db8::5"},
      {{"interface:eth*"}, true, "2001:db8::5", "10.0.0.5"},
      {{"interface:wlan0", "consul"}, false, "10.0.0.9", ""},
      {{"10.7.0.0/16"}, false, "10.7.0.5", ""},
      {{"2001:db8::/32"}, false, "2001:db8::5", "10.0.0.5"},
      {{"203.0.113.7"}, false, "203.0.113.7", ""},
      {{"interface:wlan0"}, false, "", ""},
  };
  for (const Row& row : rows) {
    AgentOptions options;
    options.address_from = row.sources;
    options.prefer_ipv6 = row.prefer_ipv6;
    const HostAddress found = choose_host_address(options, local, "10.0.0.9");
    CAPTURE(row.sources.empty() ? "usual" : row.sources.front());
    CHECK(found.address == row.want);
    CHECK(found.other == row.other);
    CHECK_FALSE(found.reason.empty());
  }
}

TEST_CASE("every decision has its reason") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:8080");
  NodeFacts facts = test::facts();
  facts.address_reason = "interface of the default route";
  const auto reason = [&](const AgentOptions& options) {
    return services_of(container, options, facts, nullptr).reasons.at(0);
  };
  AgentOptions options;
  CHECK(reason(options) == "published port; host address: interface of the default route");
  options.ip = "192.0.2.1";
  CHECK(reason(options) == "-ip");
  options.internal = true;
  CHECK(reason(options) == "container's address on network bridge: default bridge");
  container.labels["SERVICE_80_PORT"] = "9";
  CHECK(reason(options) == "container's address on network bridge: default bridge; SERVICE_80_PORT");
  container.labels["SERVICE_ADDRESS"] = "192.0.2.2";
  CHECK(reason(options) == "SERVICE_ADDRESS; SERVICE_80_PORT");
}
