// The address matrix: network kinds by option sets, under both names.
#include <doctest/doctest.h>

#include "agent/core/addresses.h"
#include "tests/unit/agent/make.h"

using namespace longshore;
using namespace longshore::agent;

namespace {

enum class Kind { bridge, bridge_on_ip, bridge_on_ipv6, bridge_on_loopback, user, two, macvlan, host, none };

docker::Container make(Kind kind) {
  docker::Container out = test::container();
  out.exposed = test::ports("80/tcp");
  out.published = test::published("80/tcp=0.0.0.0:8080");
  const auto bare = [&](std::string mode) {
    out.network_mode = std::move(mode);
    out.ip_address.clear();
    out.networks.clear();
  };
  switch (kind) {
    case Kind::bridge:
      break;
    case Kind::bridge_on_ip:
      out.published = test::published("80/tcp=192.168.7.7:8080");
      break;
    case Kind::bridge_on_ipv6:
      out.published = test::published("80/tcp=:::8080");
      break;
    case Kind::bridge_on_loopback:
      out.published = test::published("80/tcp=127.0.0.1:8080");
      break;
    case Kind::user:
      bare("front");
      out.networks["front"] = test::network("front", "172.20.0.3");
      break;
    case Kind::two:
      bare("front");
      out.networks["back"] = test::network("back", "172.21.0.3");
      out.networks["front"] = test::network("front", "172.20.0.3");
      break;
    case Kind::macvlan:  // Docker says nothing of its ports
      bare("lan");
      out.networks["lan"] = test::network("lan", "192.168.9.9");
      out.published.clear();
      break;
    case Kind::host:
    case Kind::none:
      bare(kind == Kind::host ? "host" : "none");
      out.networks[out.network_mode] = test::network(out.network_mode, "");
      out.published.clear();
      break;
  }
  return out;
}

std::string endpoint(Kind kind, std::string ip, bool internal, bool compatible) {
  const docker::Container container = make(kind);
  AgentOptions options;
  options.ip = std::move(ip);
  options.internal = internal;
  options.compatible = compatible;
  const Endpoint found =
      choose_endpoint(container, port_candidates(container).front(), options, test::facts(), nullptr);
  return found.refusal.empty() ? found.address + ":" + std::to_string(found.port) : "refused";
}

struct AddressRow {
  Kind kind;
  const char* plain[2];  // own name, compatibility name
  const char* ip[2];     // -ip 9.9.9.9
  const char* internal[2];
  const char* internal_ip[2];
};

// The host's address is 10.0.0.5. The second of each pair is Registrator's outcome.
const AddressRow kAddressRows[] = {
    {Kind::bridge,
     {"10.0.0.5:8080", "10.0.0.5:8080"},
     {"9.9.9.9:8080", "9.9.9.9:8080"},
     {"172.17.0.2:80", "172.17.0.2:80"},
     {"172.17.0.2:80", "172.17.0.2:80"}},
    {Kind::bridge_on_ip,
     {"192.168.7.7:8080", "192.168.7.7:8080"},
     {"9.9.9.9:8080", "9.9.9.9:8080"},
     {"172.17.0.2:80", "172.17.0.2:80"},
     {"172.17.0.2:80", "172.17.0.2:80"}},
    {Kind::bridge_on_ipv6,
     {"10.0.0.5:8080", ":::8080"},
     {"9.9.9.9:8080", "9.9.9.9:8080"},
     {"172.17.0.2:80", "172.17.0.2:80"},
     {"172.17.0.2:80", "172.17.0.2:80"}},
    {Kind::bridge_on_loopback,
     {"refused", "127.0.0.1:8080"},
     {"9.9.9.9:8080", "9.9.9.9:8080"},
     {"172.17.0.2:80", "172.17.0.2:80"},
     {"172.17.0.2:80", "172.17.0.2:80"}},
    {Kind::user,
     {"10.0.0.5:8080", "172.20.0.3:8080"},
     {"9.9.9.9:8080", "9.9.9.9:8080"},
     {"172.20.0.3:80", "172.20.0.3:80"},
     {"172.20.0.3:80", "172.20.0.3:80"}},
    {Kind::two,
     {"10.0.0.5:8080", "172.20.0.3:8080"},
     {"9.9.9.9:8080", "9.9.9.9:8080"},
     {"172.20.0.3:80", "172.20.0.3:80"},
     {"172.20.0.3:80", "172.20.0.3:80"}},
    {Kind::macvlan,
     {"192.168.9.9:80", "192.168.9.9:80"},
     {"9.9.9.9:80", "9.9.9.9:80"},
     {"192.168.9.9:80", "192.168.9.9:80"},
     {"192.168.9.9:80", "192.168.9.9:80"}},
    {Kind::host,
     {"10.0.0.5:80", "10.0.0.5:80"},
     {"9.9.9.9:80", "9.9.9.9:80"},
     {"10.0.0.5:80", ":80"},
     {"10.0.0.5:80", ":80"}},
    {Kind::none, {"refused", ":80"}, {"9.9.9.9:80", "9.9.9.9:80"}, {"refused", ":80"}, {"refused", ":80"}},
};

}  // namespace

TEST_CASE("the address matrix under both names") {
  for (const AddressRow& row : kAddressRows) {
    CAPTURE(static_cast<int>(row.kind));
    for (const bool compatible : {false, true}) {
      CAPTURE(compatible);
      const std::size_t column = compatible ? 1 : 0;
      CHECK(endpoint(row.kind, "", false, compatible) == row.plain[column]);
      CHECK(endpoint(row.kind, "9.9.9.9", false, compatible) == row.ip[column]);
      CHECK(endpoint(row.kind, "", true, compatible) == row.internal[column]);
      CHECK(endpoint(row.kind, "9.9.9.9", true, compatible) == row.internal_ip[column]);
    }
  }
}

TEST_CASE("the container's address is chosen, never drawn") {
  docker::Container container = test::container();
  container.network_mode = "missing";
  container.ip_address.clear();
  container.networks.clear();
  container.networks["b"] = test::network("b", "10.2.0.2");
  container.networks["a"] = test::network("a", "10.1.0.2");
  CHECK(container_address(container) == "10.1.0.2");  // first by name
  container.networks["c"] = test::network("c", "10.3.0.2", 7);
  CHECK(container_address(container) == "10.3.0.2");  // highest gateway priority
  container.networks["d"] = test::network("d", "", 9);
  CHECK(container_address(container) == "10.3.0.2");  // of those that have an address
  container.networks["bridge"] = test::network("bridge", "172.17.0.9");
  CHECK(container_address(container) == "172.17.0.9");
  container.network_mode = "b-id";  // NetworkMode may hold an ID
  CHECK(container_address(container) == "10.2.0.2");
  container.networks["b"].ip_address.clear();
  container.networks["b"].global_ipv6_address = "fd00::2";
  CHECK(container_address(container) == "fd00::2");
}

TEST_CASE("the shared network of another container") {
  docker::Container owner = test::container("pod", 'b');
  owner.published = test::published("80/tcp=0.0.0.0:8080");
  docker::Container user = test::container();
  user.network_mode = "container:" + owner.id;
  user.ip_address.clear();
  user.networks.clear();
  user.exposed = test::ports("80/tcp 81/tcp");
  const auto endpoint_of = [&](std::size_t at, const docker::Container* shared, bool internal, bool compatible) {
    AgentOptions options;
    options.internal = internal;
    options.compatible = compatible;
    options.ip = compatible ? "9.9.9.9" : "";
    const Endpoint found = choose_endpoint(user, port_candidates(user)[at], options, test::facts(), shared);
    return found.refusal.empty() ? found.address + ":" + std::to_string(found.port) : "refused: " + found.refusal;
  };
  CHECK(network_owner(user) == owner.id);
  CHECK(endpoint_of(0, &owner, false, false) == "10.0.0.5:8080");  // the owner publishes it
  CHECK(endpoint_of(1, &owner, false, false) == "172.17.0.2:81");  // it does not
  CHECK(endpoint_of(0, &owner, true, false) == "172.17.0.2:80");
  CHECK(endpoint_of(0, &owner, false, true) == "172.17.0.2:80");  // Registrator: -ip ignored
  CHECK(endpoint_of(0, nullptr, false, false).starts_with("refused: shares the network of"));
  owner.ip_address.clear();  // API 1.52
  CHECK(endpoint_of(0, &owner, true, false) == "172.17.0.2:80");
}

TEST_CASE("-useIpFromLabel takes the address from a label, CIDR or not") {
  docker::Container container = make(Kind::bridge);
  AgentOptions options;
  options.ip_label = "ip";
  options.ip = "9.9.9.9";
  const auto address = [&] {
    return choose_endpoint(container, port_candidates(container).front(), options, test::facts(), nullptr).address;
  };
  CHECK(address() == "9.9.9.9");  // no label: as usual
  container.labels["ip"] = "10.9.8.7/24";
  CHECK(address() == "10.9.8.7");
  container.labels["ip"] = "10.9.8.8";
  CHECK(address() == "10.9.8.8");
  container.labels["ip"] = "";
  CHECK(address() == "9.9.9.9");
}

TEST_CASE("the host's address: Consul's, the interface's, the name's; loopback only when asked") {
  struct Case {
    const char* ip;
    const char* advertise;
    const char* interface;
    const char* name;
    bool loopback;
    bool compatible;
    const char* want;
  };
  const Case cases[] = {
      {"1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4", false, false, "1.1.1.1"},
      {"", "2.2.2.2", "3.3.3.3", "4.4.4.4", false, false, "2.2.2.2"},
      {"", "127.0.0.1", "3.3.3.3", "4.4.4.4", false, false, "3.3.3.3"},
      {"", "127.0.0.1", "3.3.3.3", "4.4.4.4", true, false, "3.3.3.3"},
      {"", "", "3.3.3.3", "127.0.1.1", false, false, "3.3.3.3"},
      {"", "", "", "4.4.4.4", false, false, "4.4.4.4"},
      {"", "127.0.0.1", "", "127.0.1.1", false, false, ""},
      {"", "127.0.0.1", "", "127.0.1.1", true, false, "127.0.1.1"},
      {"", "::1", "", "", true, false, "::1"},
      {"", "0.0.0.0", "", "", false, false, ""},
      {"127.0.0.1", "2.2.2.2", "", "", false, false, "127.0.0.1"},
      {"", "2.2.2.2", "3.3.3.3", "127.0.1.1", false, true, "127.0.1.1"},  // as Registrator
      {"", "2.2.2.2", "3.3.3.3", "", false, true, "0.0.0.0"},
  };
  for (const Case& row : cases) {
    AgentOptions options;
    options.ip = row.ip;
    options.allow_loopback = row.loopback;
    options.compatible = row.compatible;
    const LocalFacts local{"host", row.name, row.interface, "n", {}, {}};
    CAPTURE(row.advertise);
    CHECK(choose_host_address(options, local, row.advertise).address == row.want);
  }
  for (const char* yes : {"127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"})
    CHECK(is_loopback(yes));
  for (const char* no : {"", "10.0.0.1", "128.0.0.1", "::2", "1.127.0.1"}) CHECK_FALSE(is_loopback(no));
}
