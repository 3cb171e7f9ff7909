// Answers of engines that are newer than Debian's 20.10: written by hand after Docker's published history of the API,
// versions 1.42 to 1.56, not recorded. What each version changed is said at its fixture; fields that nobody reads are
// there as an engine sends them.
#include <doctest/doctest.h>

#include <string>

#include "common/docker/codec.h"

using namespace longshore;
using docker::Port;
using docker::Protocol;

namespace {

constexpr const char* kState =
    R"("State": {"Status": "running", "Running": true, "Paused": false, "Restarting": false, "OOMKilled": false,
      "Dead": false, "Pid": 5121, "ExitCode": 0, "Error": "", "StartedAt": "2025-11-14T09:12:45.012345678Z",
      "FinishedAt": "0001-01-01T00:00:00Z", "Health": {"Status": "healthy", "FailingStreak": 0, "Log": [{"Start":
      "2025-11-14T09:12:46.1Z", "End": "2025-11-14T09:12:46.2Z", "ExitCode": 0, "Output": ""}]}})";

// 1.44: Healthcheck.StartInterval, DNSNames, an endpoint's own MacAddress. 1.48: GwPriority, ImageManifestDescriptor.
// 1.52: NetworkSettings has nothing beside these four; Config has no MacAddress, and no OnBuild when it is empty.
const std::string kNewest =
    std::string(R"({"Id": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "Created":
  "2025-11-14T09:12:44.551120394Z", "Path": "/app", "Args": [], )") +
    kState +
    R"(, "Image": "sha256:5a0c", "ResolvConfPath": "/r", "HostnamePath": "/h", "HostsPath": "/o", "LogPath": "/l",
  "Name": "/web", "RestartCount": 0, "Driver": "overlayfs", "Platform": "linux", "MountLabel": "", "ProcessLabel": "",
  "AppArmorProfile": "docker-default", "ExecIDs": null, "HostConfig": {"Binds": null, "NetworkMode": "front",
  "PortBindings": {"8080/tcp": [{"HostIp": "", "HostPort": "0"}]}, "RestartPolicy": {"Name": "no",
  "MaximumRetryCount": 0}, "Annotations": {"a": "b"}, "ReadonlyPaths": ["/proc/bus"]}, "Mounts": [], "Config":
  {"Hostname": "0123456789ab", "Domainname": "", "User": "", "AttachStdin": false, "AttachStdout": false,
  "AttachStderr": false, "ExposedPorts": {"8080/tcp": {}, "53/udp": {}}, "Tty": false, "OpenStdin": false, "StdinOnce":
  false, "Env": ["PATH=/bin", "SERVICE_NAME=web"], "Cmd": ["/app"], "Healthcheck": {"Test": ["CMD", "/probe"],
  "Interval": 5000000000, "StartPeriod": 3000000000, "StartInterval": 1000000000}, "Image": "shop/web:1.2", "Volumes":
  null, "WorkingDir": "/", "Entrypoint": null, "Labels": {"SERVICE_TAGS": "a"}, "StopSignal": "SIGQUIT", "StopTimeout":
  7}, "NetworkSettings": {"SandboxID": "5d", "SandboxKey": "/var/run/docker/netns/5d", "Ports": {"53/udp": null,
  "8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "32768"}, {"HostIp": "::", "HostPort": "32768"}]}, "Networks":
  {"back": {"IPAMConfig": null, "Links": null, "Aliases": null, "DriverOpts": null, "GwPriority": 0, "NetworkID": "b1",
  "EndpointID": "be", "Gateway": "172.21.0.1", "IPAddress": "172.21.0.2", "MacAddress": "7a:8b:00:00:00:01",
  "IPPrefixLen": 16, "IPv6Gateway": "", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "DNSNames": ["web",
  "0123456789ab"]}, "front": {"IPAMConfig": {}, "Links": null, "Aliases": ["shop"], "DriverOpts": null, "GwPriority":
  10, "NetworkID": "f1", "EndpointID": "fe", "Gateway": "172.20.0.1", "IPAddress": "172.20.0.2", "MacAddress":
  "7a:8b:00:00:00:02", "IPPrefixLen": 16, "IPv6Gateway": "fd00::1", "GlobalIPv6Address": "fd00::2",
  "GlobalIPv6PrefixLen": 64, "DNSNames": ["web", "shop", "0123456789ab"]}}}, "ImageManifestDescriptor": {"mediaType":
  "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:77", "size": 1021, "platform": {"architecture":
  "amd64", "os": "linux"}}})";

}  // namespace

TEST_CASE("a container as API 1.52 and newer show it") {
  const auto container = docker::decode_container(kNewest);
  REQUIRE(container);
  CHECK(container->name == "web");
  CHECK(container->image_reference == "shop/web:1.2");
  CHECK(container->image_id == "sha256:5a0c");
  CHECK(container->hostname == "0123456789ab");
  CHECK(container->env == std::vector<std::string>{"PATH=/bin", "SERVICE_NAME=web"});
  CHECK(container->labels == std::map<std::string, std::string>{{"SERVICE_TAGS", "a"}});
  CHECK(container->exposed == std::set<Port>{{8080, Protocol::tcp}, {53, Protocol::udp}});
  CHECK(container->published.at({53, Protocol::udp}).empty());
  CHECK(container->published.at({8080, Protocol::tcp}) ==
        std::vector<docker::PortBinding>{{"0.0.0.0", 32768}, {"::", 32768}});
  CHECK(container->wished.at({8080, Protocol::tcp}) == std::vector<docker::PortBinding>{{"", 0}});
  CHECK(container->ip_address == "");
  CHECK(container->network_mode == "front");
  REQUIRE(container->networks.size() == 2);
  CHECK(container->networks.at("front").ip_address == "172.20.0.2");
  CHECK(container->networks.at("front").global_ipv6_address == "fd00::2");
  CHECK(container->networks.at("front").gateway_priority == 10);
  CHECK(container->networks.at("front").aliases == std::vector<std::string>{"shop"});
  CHECK(container->networks.at("back").network_id == "b1");
  CHECK(container->stop_signal == "SIGQUIT");
  CHECK(container->stop_timeout == 7);
  CHECK(container->has_healthcheck);
  CHECK(container->state.health == docker::Health::healthy);
  CHECK(container->state.started_at == "2025-11-14T09:12:45.012345678Z");
}

TEST_CASE("what newer engines leave out is as if it were empty") {
  struct Row {
    const char* what;
    const char* text;
  };
  const Row rows[] = {
      {"no ExposedPorts, Labels and Env", R"({"Id": "a", "Name": "/x", "State": {"Running": true}, "Config": {"Image":
        "app"}, "HostConfig": {"NetworkMode": "bridge"}, "NetworkSettings": {"SandboxID": "", "SandboxKey": "",
        "Ports": {}, "Networks": {}}})"},
      {"null for them", R"({"Id": "a", "Name": "/x", "State": {"Running": true, "Health": null}, "Config": {"Image":
        "app", "ExposedPorts": null, "Labels": null, "Env": null, "Healthcheck": null, "StopTimeout": null},
        "HostConfig": {"NetworkMode": "bridge", "PortBindings": null}, "NetworkSettings": {"Ports": null, "Networks":
        null}})"},
      {"empty lists of bindings", R"({"Id": "a", "Name": "/x", "State": {"Running": true, "Health": {"Status": "none"}},
        "Config": {"Image": "app", "ExposedPorts": {}}, "HostConfig": {"NetworkMode": "bridge", "PortBindings":
        {"80/tcp": []}}, "NetworkSettings": {"Ports": {"80/tcp": []}, "Networks": {"bridge": null}}})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const auto container = docker::decode_container(row.text);
    REQUIRE(container);
    CHECK(container->exposed.empty());
    CHECK(container->labels.empty());
    CHECK(container->env.empty());
    CHECK(container->state.health == docker::Health::none);
    CHECK_FALSE(container->has_healthcheck);
    CHECK_FALSE(container->stop_timeout);
    for (const auto& [port, bindings] : container->published) CHECK(bindings.empty());
    for (const auto& [name, network] : container->networks) CHECK(network.ip_address == "");
  }
}

TEST_CASE("rows, events, version and info of the newest engines") {
  // 1.46: Annotations; 1.48: GwPriority and ImageManifestDescriptor in rows.
  const auto rows = docker::decode_container_list(
      R"x([{"Id": "a", "Names": ["/web"], "Image": "shop/web:1.2", "ImageID": "sha256:5a0c", "ImageManifestDescriptor":
      {"digest": "sha256:77"}, "Command": "/app", "Created": 1763111564, "Ports": [{"IP": "0.0.0.0", "PrivatePort": 8080,
      "PublicPort": 32768, "Type": "tcp"}, {"IP": "::", "PrivatePort": 8080, "PublicPort": 32768, "Type": "tcp"},
      {"PrivatePort": 53, "Type": "udp"}], "Labels": {}, "State": "running", "Status": "Up 2 seconds (health: starting)",
      "HostConfig": {"NetworkMode": "front", "Annotations": {"a": "b"}}, "NetworkSettings": {"Networks": {"front":
      {"GwPriority": 10, "IPAddress": "172.20.0.2", "MacAddress": "7a:8b:00:00:00:02", "DNSNames": null}}}, "Mounts": []}])x");
  REQUIRE(rows);
  CHECK(rows->front().state == "running");
  CHECK(rows->front().names == std::vector<std::string>{"web"});
  // 1.52: without status, id and from; execDuration beside the exit code.
  const auto event = docker::decode_event(
      R"({"Type":"container","Action":"die","Actor":{"ID":"a","Attributes":{"execDuration":"12","exitCode":"137","image":"shop/web:1.2","name":"web"}},"scope":"local","time":1763111580,"timeNano":1763111580000000009})");
  REQUIRE(event);
  CHECK(event->id == "a");
  CHECK(event->attributes.at("exitCode") == "137");
  const auto version = docker::decode_version(
      R"({"Platform":{"Name":"Docker Engine - Community"},"Version":"29.0.0","ApiVersion":"1.52","MinAPIVersion":"1.44",
      "Os":"linux","Arch":"amd64","Components":[{"Name":"Engine","Version":"29.0.0","Details":{"ApiVersion":"1.52",
      "MinAPIVersion":"1.44"}}],"GitCommit":"d105562","GoVersion":"go1.25.4","KernelVersion":"6.1.0","BuildTime":"2025-11-10"})");
  REQUIRE(version);
  CHECK(*docker::choose_api_version(*version) == "1.52");
  // 1.50: no BridgeNfIptables; 1.50: DiscoveredDevices; 1.53: NRI.
  const auto info = docker::decode_info(
      R"({"ID":"0f2b2e66-8f0b-4e35-9c8c-1b6a3f0f3d55","Containers":3,"Name":"host-1","ServerVersion":"29.0.0",
      "SystemTime":"2025-11-14T10:12:44.5+01:00","Driver":"overlayfs","DockerRootDir":"/var/lib/docker","NRI":{"Info":
      null},"DiscoveredDevices":[],"FirewallBackend":{"Driver":"iptables"},"Swarm":{"NodeID":""},"Warnings":null})");
  REQUIRE(info);
  CHECK(info->id == "0f2b2e66-8f0b-4e35-9c8c-1b6a3f0f3d55");
  CHECK(info->time_nano == 1763111564500000000);
}

TEST_CASE("the digest by which registries know an image") {
  struct Row {
    const char* digests;
    const char* reference;
    const char* want;
  };
  const Row rows[] = {
      {R"(["shop/web@sha256:11"])", "shop/web:1.2", "sha256:11"},
      {R"(["shop/web@sha256:11"])", "shop/web", "sha256:11"},
      {R"(["reg:5000/shop/web@sha256:22", "shop/web@sha256:11"])", "reg:5000/shop/web:1.2", "sha256:22"},
      {R"(["reg:5000/shop/web@sha256:22", "shop/web@sha256:11"])", "reg:5000/shop/web", "sha256:22"},
      {R"(["z@sha256:22", "a@sha256:11"])", "shop/web", "sha256:11"},
      {R"([])", "shop/web", ""},
      {R"(null)", "shop/web", ""},
      {R"(["<none>@<none>"])", "shop/web", ""},
      {R"(["no digest"])", "shop/web", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.digests);
    CAPTURE(row.reference);
    const auto digest = docker::decode_image_digest(
        std::string(R"({"Id":"sha256:5a","RepoDigests":)") + row.digests + "}", row.reference);
    REQUIRE(digest);
    CHECK(*digest == row.want);
  }
  CHECK(*docker::decode_image_digest(R"({"Id":"sha256:5a"})", "x") == "");
  CHECK_FALSE(docker::decode_image_digest(R"({"RepoDigests":"x"})", "x"));
  CHECK_FALSE(docker::decode_image_digest("[]", "x"));
}

TEST_CASE("the driver of a network") {
  CHECK(*docker::decode_network_driver(
            R"({"Name":"front","Id":"f1","Driver":"macvlan","EnableIPv4":true,"Status":{}})") == "macvlan");
  CHECK(*docker::decode_network_driver("{}") == "");
  CHECK_FALSE(docker::decode_network_driver(R"({"Driver":1})"));
  CHECK_FALSE(docker::decode_network_driver("null"));
}
