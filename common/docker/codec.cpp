#include "common/docker/codec.h"

#include <algorithm>
#include <utility>

#include "common/base/hash.h"
#include "common/base/text.h"
#include "common/docker/decode.h"

namespace longshore::docker {
namespace {

using json::Fields;
using json::Value;

using detail::or_empty;
using detail::parse_object;
using detail::parse_tolerant;

std::string without_slash(std::string text) {
  if (text.starts_with('/')) text.erase(0, 1);
  return text;
}

Health parse_health(std::string_view text) {
  if (text == "starting") return Health::starting;
  if (text == "healthy") return Health::healthy;
  if (text == "unhealthy") return Health::unhealthy;
  return Health::none;
}

// {"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "49153"}], "9090/tcp": null}; null becomes an empty list. Ports of a
// kind that we do not know, and bindings without a number, are left out: the container's other ports are still good.
Result<std::map<Port, std::vector<PortBinding>>> decode_bindings(const Fields& parent, std::string_view key) {
  std::map<Port, std::vector<PortBinding>> out;
  LS_TRY(map, parent.object(key));
  if (map == nullptr) return out;
  const Fields ports(*map, parent.path(key));
  for (const auto& [name, unused] : map->items()) {
    const auto port = parse_port(name);
    if (!port) continue;
    LS_TRY(list, ports.array(name));
    std::vector<PortBinding>& bindings = out[*port];
    if (list == nullptr) continue;
    for (const Value& item : *list) {
      if (!item.is_object()) return fail(Errc::protocol, ports.path(name) + ": expected objects");
      const Fields fields(item, ports.path(name));
      PortBinding binding;
      LS_TRY(host_ip, fields.text("HostIp"));
      LS_TRY(host_port, fields.text("HostPort"));
      const auto number = base::parse_uint(host_port.empty() ? "0" : host_port);
      if (!number || *number > 65535) continue;
      binding.host_ip = std::move(host_ip);
      binding.host_port = static_cast<std::uint16_t>(*number);
      bindings.push_back(std::move(binding));
    }
  }
  return out;
}

Result<std::set<Port>> decode_exposed(const Fields& config) {
  std::set<Port> out;
  LS_TRY(map, config.object("ExposedPorts"));
  if (map == nullptr) return out;
  for (const auto& [name, unused] : map->items()) {
    if (const auto port = parse_port(name)) out.insert(*port);
  }
  return out;
}

Result<std::map<std::string, NetworkEndpoint>> decode_networks(const Fields& settings) {
  std::map<std::string, NetworkEndpoint> out;
  LS_TRY(map, settings.object("Networks"));
  if (map == nullptr) return out;
  const Fields networks(*map, settings.path("Networks"));
  for (const auto& [name, unused] : map->items()) {
    LS_TRY(object, networks.object(name));
    const Fields fields(or_empty(object), networks.path(name));
    NetworkEndpoint endpoint;
    endpoint.name = name;
    LS_TRY(network_id, fields.text("NetworkID"));
    LS_TRY(ip_address, fields.text("IPAddress"));
    LS_TRY(ipv6, fields.text("GlobalIPv6Address"));
    LS_TRY(aliases, fields.texts("Aliases"));
    LS_TRY(priority, fields.integer("GwPriority"));
    endpoint.network_id = std::move(network_id);
    endpoint.ip_address = std::move(ip_address);
    endpoint.global_ipv6_address = std::move(ipv6);
    endpoint.aliases = std::move(aliases);
    endpoint.gateway_priority = priority;
    out.emplace(name, std::move(endpoint));
  }
  return out;
}

Result<ContainerState> decode_state(const Fields& root) {
  LS_TRY(object, root.object("State"));
  const Fields fields(or_empty(object), "State");
  ContainerState state;
  LS_TRY(status, fields.text("Status"));
  LS_TRY(running, fields.boolean("Running"));
  LS_TRY(paused, fields.boolean("Paused"));
  LS_TRY(restarting, fields.boolean("Restarting"));
  LS_TRY(exit_code, fields.integer("ExitCode"));
  LS_TRY(started_at, fields.text("StartedAt"));
  // Podman before 4 calls it Healthcheck.
  LS_TRY(health, fields.object("Health"));
  LS_TRY(old_health, fields.object("Healthcheck"));
  const Fields health_fields(or_empty(health != nullptr ? health : old_health), "State.Health");
  LS_TRY(health_status, health_fields.text("Status"));
  state.status = std::move(status);
  if (state.status.empty()) state.status = running ? "running" : "exited";
  state.running = running;
  state.paused = paused;
  state.restarting = restarting;
  state.exit_code = static_cast<int>(exit_code);
  state.started_at = std::move(started_at);
  state.health = parse_health(health_status);
  return state;
}

// A health check is there unless its test is empty or {"NONE"}, which switches the image's off.
Result<bool> decode_has_healthcheck(const Fields& config) {
  LS_TRY(object, config.object("Healthcheck"));
  const Fields fields(or_empty(object), config.path("Healthcheck"));
  LS_TRY(test, fields.texts("Test"));
  return !test.empty() && test.front() != "NONE" && !test.front().empty();
}

// Of everything in a row that an inspect would show changed. The text of Status counts the minutes, so only its
// word on health is taken; the order of Ports is that of a Go map.
std::uint64_t row_fingerprint(const Value& row) {
  std::vector<std::string> parts;
  for (const char* key : {"Names", "State", "Labels", "NetworkSettings"})
    if (row.contains(key)) parts.push_back(json::dump(row[key]));
  if (row.contains("Ports") && row["Ports"].is_array())
    for (const Value& port : row["Ports"]) parts.push_back(json::dump(port));
  if (row.contains("Status") && row["Status"].is_string()) {
    const auto& status = row["Status"].get_ref<const std::string&>();
    for (const char* word : {"(healthy)", "(unhealthy)", "(health: starting)"})
      if (status.ends_with(word)) parts.emplace_back(word);
  }
  std::sort(parts.begin(), parts.end());
  return base::fnv1a(base::join(parts, "\n"));
}

Status decode_config(const Fields& root, Container& out) {
  LS_TRY(object, root.object("Config"));
  const Fields config(or_empty(object), "Config");
  LS_TRY(image, config.text("Image"));
  LS_TRY(hostname, config.text("Hostname"));
  LS_TRY(env, config.texts("Env"));
  LS_TRY(labels, config.text_map("Labels"));
  LS_TRY(exposed, decode_exposed(config));
  LS_TRY(stop_signal, config.text("StopSignal"));
  LS_TRY(has_healthcheck, decode_has_healthcheck(config));
  LS_TRY(stop_timeout, config.integer("StopTimeout"));
  out.image_reference = std::move(image);
  out.hostname = std::move(hostname);
  out.env = std::move(env);
  out.labels = std::move(labels);
  out.exposed = std::move(exposed);
  out.stop_signal = std::move(stop_signal);
  out.has_healthcheck = has_healthcheck;
  const Value& raw = or_empty(object);
  if (raw.contains("StopTimeout") && !raw["StopTimeout"].is_null()) out.stop_timeout = static_cast<int>(stop_timeout);
  return {};
}

}  // namespace

Result<Container> decode_container(std::string_view text) {
  LS_TRY(document, parse_object(text, "container"));
  const Fields root(document, "");
  Container out;
  LS_TRY(id, root.text("Id"));
  if (id.empty()) return fail(Errc::protocol, "container: no Id");
  LS_TRY(name, root.text("Name"));
  LS_TRY(image_id, root.text("Image"));
  LS_TRY(state, decode_state(root));
  LS_TRY(host_object, root.object("HostConfig"));
  const Fields host(or_empty(host_object), "HostConfig");
  LS_TRY(network_mode, host.text("NetworkMode"));
  LS_TRY(wished, decode_bindings(host, "PortBindings"));
  LS_TRY(settings_object, root.object("NetworkSettings"));
  const Fields settings(or_empty(settings_object), "NetworkSettings");
  LS_TRY(ip_address, settings.text("IPAddress"));
  LS_TRY(published, decode_bindings(settings, "Ports"));
  LS_TRY(networks, decode_networks(settings));
  LS_TRY_STATUS(decode_config(root, out));
  out.id = std::move(id);
  out.name = without_slash(std::move(name));
  out.image_id = std::move(image_id);
  out.state = std::move(state);
  out.network_mode = std::move(network_mode);
  out.wished = std::move(wished);
  out.ip_address = std::move(ip_address);
  out.published = std::move(published);
  out.networks = std::move(networks);
  return out;
}

Result<std::vector<ContainerSummary>> decode_container_list(std::string_view text) {
  LS_TRY(document, parse_tolerant(text, "container list"));
  if (!document.is_array())
    return fail(Errc::protocol, std::string("container list: expected an array, found ") + document.type_name());
  std::vector<ContainerSummary> out;
  out.reserve(document.size());
  for (std::size_t i = 0; i < document.size(); ++i) {
    const std::string path = "[" + std::to_string(i) + "]";
    if (!document[i].is_object()) return fail(Errc::protocol, "container list" + path + ": expected an object");
    const Fields fields(document[i], path);
    ContainerSummary row;
    LS_TRY(id, fields.text("Id"));
    if (id.empty()) return fail(Errc::protocol, "container list" + path + ": no Id");
    LS_TRY(names, fields.texts("Names"));
    LS_TRY(state, fields.text("State"));
    row.id = std::move(id);
    for (std::string& name : names) row.names.push_back(without_slash(std::move(name)));
    row.state = std::move(state);
    row.fingerprint = row_fingerprint(document[i]);
    out.push_back(std::move(row));
  }
  return out;
}

Result<Port> parse_port(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string protocol = slash == std::string_view::npos ? "tcp" : base::to_lower_ascii(text.substr(slash + 1));
  const auto number = base::parse_uint(text.substr(0, slash));
  Port port;
  if (protocol == "udp")
    port.protocol = Protocol::udp;
  else if (protocol == "sctp")
    port.protocol = Protocol::sctp;
  else if (protocol != "tcp")
    return fail(Errc::invalid_input, "unknown protocol in port " + base::log_value(text));
  if (!number || *number == 0 || *number > 65535) return fail(Errc::invalid_input, "no port: " + base::log_value(text));
  port.number = static_cast<std::uint16_t>(*number);
  return port;
}

std::string_view to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return "tcp";
    case Protocol::udp:
      return "udp";
    case Protocol::sctp:
      return "sctp";
  }
  return "tcp";
}

std::string to_string(Port port) {
  return std::to_string(port.number) + "/" + std::string(to_string(port.protocol));
}

std::string_view to_string(Health health) {
  switch (health) {
    case Health::none:
      return "none";
    case Health::starting:
      return "starting";
    case Health::healthy:
      return "healthy";
    case Health::unhealthy:
      return "unhealthy";
  }
  return "none";
}

}  // namespace longshore::docker
