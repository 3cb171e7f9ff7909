#include <doctest/doctest.h>

#include "common/docker/codec.h"

using namespace longshore;
using docker::Port;
using docker::Protocol;

namespace {

// The fields that matter of a container on the default bridge, in the words of Engine 20.10 (API 1.41).
constexpr const char* kBridge = R"({
  "Id": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  "Created": "2024-05-01T10:00:00.000000001Z", "Path": "/app", "Args": [],
  "State": {"Status": "running", "Running": true, "Paused": false, "Restarting": false, "OOMKilled": false,
            "Dead": false, "Pid": 4242, "ExitCode": 0, "Error": "", "StartedAt": "2024-05-01T10:00:01.123456789Z",
            "FinishedAt": "0001-01-01T00:00:00Z", "Health": {"Status": "starting", "FailingStreak": 0, "Log": []}},
  "Image": "sha256:aaaa", "Name": "/web", "RestartCount": 0, "Driver": "overlay2",
  "HostConfig": {"NetworkMode": "default",
                 "PortBindings": {"8080/tcp": [{"HostIp": "", "HostPort": ""}], "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "5353"}]}},
  "Config": {"Hostname": "0123456789ab", "Env": ["PATH=/bin", "SERVICE_NAME=web"], "Image": "reg:5000/shop/web:1.2",
             "Labels": {"org.opencontainers.image.revision": "abc"}, "ExposedPorts": {"8080/tcp": {}, "53/udp": {}, "9/sctp": {}},
             "StopSignal": "SIGQUIT", "StopTimeout": 3, "Healthcheck": {"Test": ["CMD", "/bin/true"]}},
  "NetworkSettings": {"Bridge": "", "IPAddress": "172.17.0.2", "Gateway": "172.17.0.1",
    "Ports": {"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "49153"}, {"HostIp": "::", "HostPort": "49153"}], "9/sctp": null},
    "Networks": {"bridge": {"IPAMConfig": null, "Aliases": null, "NetworkID": "n1", "EndpointID": "e1",
                            "IPAddress": "172.17.0.2", "GlobalIPv6Address": "", "DriverOpts": null}}}
})";

}  // namespace

TEST_CASE("a container on the default bridge is read as it is") {
  const auto container = docker::decode_container(kBridge);
  REQUIRE(container);
  CHECK(container->id.size() == 64);
  CHECK(container->name == "web");
  CHECK(container->image_reference == "reg:5000/shop/web:1.2");
  CHECK(container->image_id == "sha256:aaaa");
  CHECK(container->hostname == "0123456789ab");
  CHECK(container->env == std::vector<std::string>{"PATH=/bin", "SERVICE_NAME=web"});
  CHECK(container->labels.at("org.opencontainers.image.revision") == "abc");
  CHECK(container->exposed == std::set<Port>{{8080, Protocol::tcp}, {53, Protocol::udp}, {9, Protocol::sctp}});
  REQUIRE(container->published.size() == 2);
  const auto& bindings = container->published.at({8080, Protocol::tcp});
  CHECK(bindings == std::vector<docker::PortBinding>{{"0.0.0.0", 49153}, {"::", 49153}});
  CHECK(container->published.at({9, Protocol::sctp}).empty());
  CHECK(container->wished.at({8080, Protocol::tcp}) == std::vector<docker::PortBinding>{{"", 0}});
  CHECK(container->wished.at({53, Protocol::udp}) == std::vector<docker::PortBinding>{{"127.0.0.1", 5353}});
  CHECK(container->network_mode == "default");
  CHECK(container->ip_address == "172.17.0.2");
  CHECK(container->networks.at("bridge").network_id == "n1");
  CHECK(container->stop_signal == "SIGQUIT");
  CHECK(container->stop_timeout == 3);
  CHECK(container->has_healthcheck);
  CHECK(container->state.status == "running");
  CHECK(container->state.running);
  CHECK(container->state.started_at == "2024-05-01T10:00:01.123456789Z");
  CHECK(container->state.health == docker::Health::starting);
}

TEST_CASE("API 1.52 has no top-level address and may rank networks") {
  const auto container =
      docker::decode_container(R"({"Id": "a", "Name": "/x", "State": {"Status": "running", "Running": true},
    "Config": {}, "HostConfig": {"NetworkMode": "front"}, "NetworkSettings": {"Ports": {}, "Networks": {
      "back": {"IPAddress": "10.0.0.2", "GwPriority": -1}, "front": {"IPAddress": "10.0.1.2", "GwPriority": 5,
      "GlobalIPv6Address": "fd00::2", "Aliases": ["x", "y"]}}}})");
  REQUIRE(container);
  CHECK(container->ip_address == "");
  CHECK(container->networks.at("front").gateway_priority == 5);
  CHECK(container->networks.at("back").gateway_priority == -1);
  CHECK(container->networks.at("front").global_ipv6_address == "fd00::2");
  CHECK(container->networks.at("front").aliases == std::vector<std::string>{"x", "y"});
}

TEST_CASE("what an imitation leaves out is empty") {
  const auto container = docker::decode_container(R"({"Id": "a"})");
  REQUIRE(container);
  CHECK(container->name == "");
  CHECK(container->state.status == "exited");
  CHECK_FALSE(container->state.running);
  CHECK_FALSE(container->stop_timeout);
  CHECK_FALSE(container->has_healthcheck);
  const auto nulls = docker::decode_container(
      R"({"Id": "a", "Name": "x", "Config": null, "HostConfig": null, "NetworkSettings": null, "State": {"Running": true}})");
  REQUIRE(nulls);
  CHECK(nulls->name == "x");
  CHECK(nulls->state.status == "running");
}

TEST_CASE("API 1.24 knows less of a container") {
  // Engine 1.12: no health, one address for all.
  const auto container = docker::decode_container(
      R"({"Id": "b", "Created": "2016-08-01T10:00:00Z", "Path": "/app", "Args": [], "State": {"Status": "running",
      "Running": true, "Paused": false, "Restarting": false, "OOMKilled": false, "Dead": false, "Pid": 7, "ExitCode": 0,
      "Error": "", "StartedAt": "2016-08-01T10:00:01Z", "FinishedAt": "0001-01-01T00:00:00Z"}, "Image": "sha256:12",
      "Name": "/old", "HostConfig": {"NetworkMode": "default", "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort":
      "8080"}]}}, "Config": {"Hostname": "b", "ExposedPorts": {"80/tcp": {}}, "Env": null, "Image": "app", "Labels": {}},
      "NetworkSettings": {"Bridge": "", "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]},
      "IPAddress": "172.17.0.2", "GlobalIPv6Address": "", "Networks": {"bridge": {"NetworkID": "n", "IPAddress":
      "172.17.0.2", "GlobalIPv6Address": ""}}}})");
  REQUIRE(container);
  CHECK(container->name == "old");
  CHECK(container->ip_address == "172.17.0.2");
  CHECK(container->state.health == docker::Health::none);
  CHECK(container->published.at({80, docker::Protocol::tcp}).front().host_port == 8080);
  CHECK(container->env.empty());
  const auto rows = docker::decode_container_list(
      R"([{"Id": "b", "Names": ["/old"], "Image": "app", "ImageID": "sha256:12", "Command": "/app", "Created": 1470045600,
      "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"}], "Labels": {}, "State":
      "running", "Status": "Up 2 minutes", "HostConfig": {"NetworkMode": "default"}, "NetworkSettings": {"Networks":
      {"bridge": {"IPAddress": "172.17.0.2"}}}}])");
  REQUIRE(rows);
  CHECK(rows->front().state == "running");
  CHECK(rows->front().names == std::vector<std::string>{"old"});
}

TEST_CASE("Podman 4.3.1 in Docker's clothes") {
  const auto container = docker::decode_container(
      R"({"Id":"849f316380dd","Created":"2026-11-26T13:10:47.104000985Z","Path":"/app","Args":["/app"],"State":{"Status":"running",
      "Running":true,"Paused":false,"Restarting":false,"OOMKilled":false,"Dead":false,"Pid":142,"ExitCode":0,"Error":"",
      "StartedAt":"2026-11-26T13:10:47.287763704Z","FinishedAt":"0001-01-01T00:00:00Z","Health":{"Status":"","FailingStreak":0,
      "Log":null}},"Image":"sha256:e0ad","Name":"/web","RestartCount":0,"HostConfig":{"NetworkMode":"bridge","PortBindings":{
      "5000/tcp":[{"HostIp":"","HostPort":"18080"}]}},"Config":{"Hostname":"849f316380dd","ExposedPorts":{"5000/tcp":{},
      "6000/udp":{}},"Env":["container=podman"],"Cmd":["/app"],"Image":"docker.io/library/nano:latest","Volumes":null,
      "Entrypoint":[],"OnBuild":null,"Labels":{"SERVICE_NAME":"shop"},"StopSignal":"15","StopTimeout":0},"NetworkSettings":{
      "Ports":{"5000/tcp":[{"HostIp":"","HostPort":"18080"}],"6000/udp":null},"SecondaryIPAddresses":null,"IPAddress":"10.88.0.2",
      "Networks":{"podman":{"IPAMConfig":null,"Links":null,"Aliases":["849f316380dd"],"NetworkID":"podman",
      "IPAddress":"10.88.0.2","GlobalIPv6Address":"","DriverOpts":null}}}})");
  REQUIRE(container);
  CHECK(container->state.health == docker::Health::none);
  CHECK_FALSE(container->has_healthcheck);
  CHECK(container->published.at({5000, docker::Protocol::tcp}) == std::vector<docker::PortBinding>{{"", 18080}});
  CHECK(container->published.at({6000, docker::Protocol::udp}).empty());
  CHECK(container->networks.at("podman").ip_address == "10.88.0.2");
  CHECK(container->stop_signal == "15");
  CHECK(container->labels.at("SERVICE_NAME") == "shop");
}

TEST_CASE("health checks: present, switched off, absent; old and new names") {
  struct Row {
    const char* config;
    const char* state;
    bool has;
    docker::Health health;
  };
  const Row rows[] = {
      {R"({})", R"({})", false, docker::Health::none},
      {R"({"Healthcheck": {"Test": ["NONE"]}})", R"({})", false, docker::Health::none},
      {R"({"Healthcheck": {"Test": []}})", R"({})", false, docker::Health::none},
      {R"({"Healthcheck": {"Interval": 5}})", R"({})", false, docker::Health::none},
      {R"({"Healthcheck": {"Test": ["CMD-SHELL", "x"]}})", R"({"Health": {"Status": "healthy"}})", true,
       docker::Health::healthy},
      {R"({"Healthcheck": {"Test": ["CMD", "x"]}})", R"({"Health": {"Status": "unhealthy"}})", true,
       docker::Health::unhealthy},
      {R"({})", R"({"Healthcheck": {"Status": "starting"}})", false, docker::Health::starting},
      {R"({})", R"({"Health": {"Status": "odd"}})", false, docker::Health::none},
  };
  for (const Row& row : rows) {
    CAPTURE(row.config);
    const auto container = docker::decode_container(std::string(R"({"Id": "a", "Config": )") + row.config +
                                                    R"(, "State": )" + row.state + "}");
    REQUIRE(container);
    CHECK(container->has_healthcheck == row.has);
    CHECK(container->state.health == row.health);
  }
}

TEST_CASE("a field of the wrong type is an error that names its path") {
  struct Row {
    const char* text;
    const char* where;
  };
  const Row rows[] = {
      {"", "container"},
      {"[]", "container"},
      {"{", "container"},
      {R"({"Name": "/x"})", "no Id"},
      {R"({"Id": 5})", "Id"},
      {R"({"Id": "a", "Config": []})", "Config"},
      {R"({"Id": "a", "Config": {"Env": "A=b"}})", "Config.Env"},
      {R"({"Id": "a", "Config": {"Env": [1]}})", "Config.Env"},
      {R"({"Id": "a", "Config": {"Labels": {"a": 1}}})", "Config.Labels.a"},
      {R"({"Id": "a", "Config": {"StopTimeout": "3"}})", "Config.StopTimeout"},
      {R"({"Id": "a", "State": {"Running": "yes"}})", "State.Running"},
      {R"({"Id": "a", "State": {"Health": {"Status": 1}}})", "State.Health.Status"},
      {R"({"Id": "a", "HostConfig": {"NetworkMode": {}}})", "HostConfig.NetworkMode"},
      {R"({"Id": "a", "NetworkSettings": {"Ports": {"80/tcp": ["x"]}}})", "NetworkSettings.Ports.80/tcp"},
      {R"({"Id": "a", "NetworkSettings": {"Networks": {"n": 3}}})", "NetworkSettings.Networks.n"},
      {R"({"Id": "a", "NetworkSettings": {"Networks": {"n": {"IPAddress": 3}}}})",
       "NetworkSettings.Networks.n.IPAddress"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto container = docker::decode_container(row.text);
    REQUIRE_FALSE(container);
    CHECK(container.error().code == Errc::protocol);
    CAPTURE(container.error().text);
    CHECK(container.error().text.find(row.where) != std::string::npos);
  }
}

TEST_CASE("malformed UTF-8 in labels is replaced, not refused") {
  const auto container = docker::decode_container(
      "{\"Id\": \"a\", \"Config\": {\"Labels\": {\"motto\": \"gr\xFCn\"}, \"Env\": [\"A=\xC3\x28\"]}}");
  REQUIRE(container);
  CHECK(container->labels.at("motto") == "gr\xEF\xBF\xBDn");
  CHECK(container->env == std::vector<std::string>{"A=\xEF\xBF\xBD("});
}

TEST_CASE("a list has IDs, names and states") {
  const auto list = docker::decode_container_list(
      R"([{"Id": "a", "Names": ["/web", "/other/alias"], "State": "running", "Status": "Up 2 minutes"},
          {"Id": "b", "Names": null, "State": "paused"}])");
  REQUIRE(list);
  REQUIRE(list->size() == 2);
  CHECK((*list)[0].names == std::vector<std::string>{"web", "other/alias"});
  CHECK((*list)[0].state == "running");
  CHECK((*list)[1].names.empty());
  CHECK(docker::decode_container_list("[]")->empty());
  for (const char* bad : {"{}", "[1]", R"([{"Names": []}])", R"([{"Id": 1}])", R"([{"Id": "a", "Names": "x"}])", "["})
    CHECK_FALSE(docker::decode_container_list(bad));
}

TEST_CASE("a row's fingerprint tells real changes from the passing of time") {
  const auto fingerprint = [](std::string name, std::string status, std::string ports, std::string more = "") {
    const std::string row = "[{\"Id\": \"a\", \"State\": \"running\", \"Names\": [\"" + name + "\"], \"Status\": \"" +
                            status + "\", \"Ports\": [" + ports + "]" + more + "}]";
    const auto list = docker::decode_container_list(row);
    REQUIRE(list);
    return list->front().fingerprint;
  };
  const std::string one = R"({"PrivatePort": 1})";
  const std::string two = R"({"PrivatePort": 2})";
  const auto before = fingerprint("/x", "Up 2 minutes", one + "," + two);
  CHECK(before == fingerprint("/x", "Up 3 minutes", two + "," + one));
  CHECK(before != fingerprint("/y", "Up 2 minutes", one + "," + two));
  CHECK(before != fingerprint("/x", "Up 2 minutes", one));
  CHECK(before != fingerprint("/x", "Up 2 minutes (healthy)", one + "," + two));
  CHECK(before != fingerprint("/x", "Up 2 minutes", one + "," + two,
                              R"(, "NetworkSettings": {"Networks": {"n": {"IPAddress": "1.2.3.4"}}})"));
}

TEST_CASE("a port that we do not know does not hide the others") {
  const auto container = docker::decode_container(
      R"({"Id": "a", "Config": {"ExposedPorts": {"x/tcp": {}, "70000/tcp": {}, "80/xtp": {}, "81/tcp": {}}},
          "NetworkSettings": {"Ports": {"80/quic": null, "x": null, "82/tcp": [{"HostIp": "", "HostPort": "http"},
            {"HostIp": "", "HostPort": "65536"}, {"HostIp": "", "HostPort": "8082"}]}}})");
  REQUIRE(container);
  CHECK(container->exposed == std::set<docker::Port>{{81, docker::Protocol::tcp}});
  REQUIRE(container->published.size() == 1);
  const auto& bindings = container->published.at({82, docker::Protocol::tcp});
  REQUIRE(bindings.size() == 1);
  CHECK(bindings[0].host_port == 8082);
}
