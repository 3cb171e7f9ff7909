// Withdrawal notes, the nonce, the pages.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "agent/host_facts.h"
#include "agent/status_pages.h"
#include "agent/withdrawals.h"
#include "common/json/json.h"
#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;

TEST_CASE("keys of withdrawal notes") {
  CHECK(withdrawal_key("", "node-1", "host:web:80") == "longshore/withdrawn/node-1/host:web:80");
  CHECK(withdrawal_key("staging", "n", "a/b") == "longshore/staging/withdrawn/n/a/b");
  const std::string prefix = withdrawal_prefix("", "n");
  CHECK(withdrawn_id(prefix, "longshore/withdrawn/n/host:web:80") == "host:web:80");
  CHECK(withdrawn_id(prefix, "longshore/withdrawn/n/a/b") == "a/b");
  CHECK_FALSE(withdrawn_id(prefix, prefix));
  CHECK_FALSE(withdrawn_id(prefix, "longshore/withdrawn/other/x"));
}

TEST_CASE("a withdrawal note is a versioned object") {
  consul::Service service;
  service.id = "i";
  service.name = "web";
  service.address = "10.0.0.1";
  service.port = 80;
  service.meta["longshore-container"] = "abc";
  CHECK(withdrawal_value(service, "n", "why", "2024-01-01T00:00:00Z") ==
        R"({"address":"10.0.0.1","at":"2024-01-01T00:00:00Z","container":"abc","id":"i","node":"n","port":80,)"
        R"("reason":"why","service":"web","version":1})");
}

TEST_CASE("the nonce is kept, and made anew on another machine") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("longshore-nonce-" + std::to_string(::getpid()));
  const Nonce first = load_nonce(folder.string());
  CHECK(first.value.size() == 16);
  CHECK(first.warning == "");
  CHECK(load_nonce(folder.string()).value == first.value);
  std::ofstream(folder / "agent") << first.value << " another-machine\n";
  CHECK(load_nonce(folder.string()).value != first.value);
  std::ofstream(folder / "agent") << "\n";
  CHECK(load_nonce(folder.string()).value.size() == 16);
  std::filesystem::remove_all(folder);
  const Nonce unkept = load_nonce("/proc/nowhere");
  CHECK(unkept.warning.find("/proc/nowhere") != std::string::npos);
  CHECK(unkept.value == load_nonce("/proc/nowhere").value);
  CHECK(load_nonce("").warning == "");
}

TEST_CASE("/v1/status says why, and no environment value") {
  test::Talk talk;
  docker::Container web = test::web("one", 'a', 8080);
  web.exposed = test::ports("81/tcp");
  web.published[test::port("81")] = {};
  web.env = {"SECRET=hidden-value", "SERVICE_DB_PASSWORD=hidden-value"};
  talk.sync({web});
  const std::string text = status_json(talk.machine().status());
  CHECK(text.find("hidden-value") == std::string::npos);
  const auto page = json::parse(text, "status");
  REQUIRE(page);
  CHECK((*page)["ready"] == true);
  CHECK((*page)["registered"] == 1);
  const auto& ports = (*page)["containers"][0]["ports"];
  REQUIRE(ports.size() == 2);
  CHECK(ports[0]["port"] == "80/tcp");
  CHECK(ports[0]["state"] == "registered");
  CHECK(ports[0]["id"] == "host:one:80");
  CHECK(ports[1]["port"] == "81/tcp");
  CHECK(ports[1]["state"] == "skipped");
  CHECK(ports[1]["reason"] == "not published");
}

TEST_CASE("metrics have help and bounded labels") {
  test::Talk talk;
  talk.sync({test::web("one", 'a', 8080)});
  for (const status::Metric& metric : metrics_of(talk.machine().status())) {
    CHECK(metric.name.starts_with("longshore_agent_"));
    CHECK_FALSE(metric.help.empty());
    CHECK((metric.kind == status::MetricKind::counter) == metric.name.ends_with("_total"));
    CHECK(metric.samples.size() <= 5);
  }
}

TEST_CASE("the container that the agent itself runs in") {
  const std::string id(64, 'a');
  const std::string docker =
      "536 535 0:52 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/x\n"
      "551 536 254:1 /var/lib/docker/containers/" +
      id +
      "/resolv.conf /etc/resolv.conf rw - ext4 /dev/vda1 rw\n"
      "552 536 254:1 /var/lib/docker/containers/" +
      id + "/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n";
  CHECK(own_container_id(docker) == id);
  CHECK(own_container_id("7 6 0:24 /containers/overlay-containers/" + id +
                         "/userdata/hostname /etc/hostname rw - tmpfs tmpfs rw\n") == id);
  // On a host the files of containers are mounted elsewhere.
  CHECK(own_container_id("80 30 0:50 / /var/lib/docker/containers/" + id + "/mounts/shm rw - tmpfs shm rw\n") == "");
  CHECK(own_container_id(
            "22 1 254:1 / / rw - ext4 /dev/vda1 rw\n9 1 0:5 /etc/hostname /etc/hostname rw - ext4 x rw\n") == "");
  CHECK(own_container_id("") == "");
}

TEST_CASE("the host name is looked up only where its address can matter") {
  AgentOptions options;
  CHECK_FALSE(needs_hostname_address(options, "10.0.0.5"));
  CHECK(needs_hostname_address(options, ""));
  options.address_from = {"interface:eth1", "hostname"};
  CHECK(needs_hostname_address(options, "10.0.0.5"));
  options.address_from = {"consul", "route"};
  CHECK_FALSE(needs_hostname_address(options, ""));
  AgentOptions peers;
  peers.compatible = true;
  CHECK(needs_hostname_address(peers, "10.0.0.5"));
  peers.ip = "192.0.2.1";
  CHECK_FALSE(needs_hostname_address(peers, ""));
}
