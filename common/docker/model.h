// What the agent knows of Docker, as values. Fields are named after the Engine API's; shapes of API 1.24 to 1.5x
// are folded into one by the codec.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace longshore::docker {

enum class Protocol { tcp, udp, sctp };

// A container-internal port, as in "8080/tcp".
struct Port {
  std::uint16_t number = 0;
  Protocol protocol = Protocol::tcp;
  auto operator<=>(const Port&) const = default;
};

struct PortBinding {
  std::string host_ip;          // "0.0.0.0", "::", "127.0.0.1", ""
  std::uint16_t host_port = 0;  // 0 is possible only in wishes (HostConfig)
  bool operator==(const PortBinding&) const = default;
};

// One entry of NetworkSettings.Networks.
struct NetworkEndpoint {
  std::string name;
  std::string network_id;
  std::string ip_address;           // IPv4, "" when not connected or IPv6 only
  std::string global_ipv6_address;  // "" when none
  std::vector<std::string> aliases;
  std::int64_t gateway_priority = 0;  // API >= 1.48
  // "bridge", "macvlan", …, of GET /networks/<id>; "" = not asked for, or refused. Asked for only where the container's
  // network has a name of its own and Docker says nothing of ports.
  std::string driver = {};
  bool operator==(const NetworkEndpoint&) const = default;
};

enum class Health { none, starting, healthy, unhealthy };

struct ContainerState {
  std::string status;    // created running paused restarting removing exited dead
  bool running = false;  // true while paused too
  bool paused = false;
  bool restarting = false;
  int exit_code = 0;
  std::string started_at;  // RFC 3339 with nanoseconds; with the ID it names one generation
  Health health = Health::none;
  bool operator==(const ContainerState&) const = default;
};

// GET /containers/<id>/json.
struct Container {
  std::string id;               // 64 hexadecimal digits
  std::string name;             // without the leading slash
  std::string image_reference;  // Config.Image, as the user wrote it
  std::string image_id;         // Image: "sha256:…"
  // "sha256:…", by which registries know the image: of RepoDigests. "" = the engine knows none, or refuses to say.
  std::string image_digest = {};
  std::string hostname;  // Config.Hostname
  std::vector<std::string> env;
  std::map<std::string, std::string> labels;
  std::set<Port> exposed;  // Config.ExposedPorts
  // NetworkSettings.Ports; an empty list: exposed, not published (null on the wire). Without the key: Docker says
  // nothing of the port, as in the modes host, none and container: and on macvlan.
  std::map<Port, std::vector<PortBinding>> published;
  std::map<Port, std::vector<PortBinding>> wished;  // HostConfig.PortBindings
  std::string network_mode;                         // HostConfig.NetworkMode
  std::string ip_address;                           // NetworkSettings.IPAddress; "" from API 1.52 on
  std::map<std::string, NetworkEndpoint> networks;  // by name
  std::string stop_signal;                          // Config.StopSignal; "" = SIGTERM
  std::optional<int> stop_timeout;                  // seconds; Config.StopTimeout
  bool has_healthcheck = false;
  ContainerState state;
  std::string inspect_body;  // the answer as Docker sent it; only with ClientSettings::keep_bodies
  bool operator==(const Container&) const = default;
};

// One row of GET /containers/json.
struct ContainerSummary {
  std::string id;
  std::vector<std::string> names;  // without leading slashes
  std::string state;               // running, paused, …
  // Differs when names, state, health, ports, addresses or labels of the row do; says that an inspect is due.
  std::uint64_t fingerprint = 0;
  bool operator==(const ContainerSummary&) const = default;
};

struct Event {
  std::string type;    // container, network, …
  std::string action;  // start, die, kill, "health_status: healthy", …
  std::string id;      // of the container; for network events Attributes.container
  std::map<std::string, std::string> attributes;
  std::int64_t time_nano = 0;
  bool operator==(const Event&) const = default;
};

struct Engine {
  std::string id;    // of the engine, from /info
  std::string name;  // its host name, from /info
  std::string version;
  std::string api_version;  // negotiated, "1.41"; "" = the engine's own choice
  // What a proxy in front of the engine refuses although it would help: "GET /info: 403: Forbidden". Without /info the
  // ID is made up of the socket's address.
  std::vector<std::string> refused;
  std::int64_t time_nano = 0;  // the engine's clock, nanoseconds since the epoch, when /info was asked; 0 = not known
  bool operator==(const Engine&) const = default;
};

}  // namespace longshore::docker
