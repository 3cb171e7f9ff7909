#include "common/deploy/compose.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "common/base/text.h"
#include "common/deploy/compose_text.h"

namespace longshore::deploy {
namespace {

constexpr std::string_view kTarget = "io.rancher.loadbalancer.target.";

const json::Value& member(const json::Value& object, const std::string& key) {
  static const json::Value kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

bool is_balancer(const std::string& image) {
  return image.starts_with("rancher/load-balancer-service") || image.starts_with("rancher/lb-service-");
}

// A map, or a list of NAME=VALUE.
Result<std::map<std::string, std::string>> pairs_of(const json::Value& value, const std::string& where,
                                                    const Variable& variable) {
  std::map<std::string, std::string> out;
  if (value.is_null()) return out;
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) {
      LS_TRY(text, scalar_text(item, where + "." + key, variable));
      out[key] = text;
    }
    return out;
  }
  LS_TRY(items, scalar_list(value, where, variable));
  for (const std::string& item : items) {
    const std::size_t equals = item.find('=');
    if (equals == 0) return fail(Errc::invalid_input, where + ": " + item + " is not NAME=VALUE");
    // A name alone takes the caller's value, or is nothing.
    if (equals == std::string::npos)
      out[item] = variable(item).value_or("");
    else
      out[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return out;
}

// "80", "8080:80", "127.0.0.1:8080:80/udp": the container's port and protocol.
Result<std::string> container_port(const std::string& text, const std::string& where) {
  std::string port = text.substr(text.rfind(':') == std::string::npos ? 0 : text.rfind(':') + 1);
  std::string protocol = "tcp";
  if (const std::size_t slash = port.find('/'); slash != std::string::npos) {
    protocol = port.substr(slash + 1);
    port.resize(slash);
  }
  const bool number = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (!number || std::stoi(port) < 1 || std::stoi(port) > 65535 || (protocol != "tcp" && protocol != "udp"))
    return fail(Errc::invalid_input, where + ": " + base::log_value(text) + " is no port");
  return port + "/" + protocol;
}

Status add_ports(const json::Value& service, const std::string& where, const Variable& variable, json::Value& model) {
  json::Value& host = model["HostConfig"];
  json::Value exposed = json::Value::object();
  json::Value bindings = json::Value::object();
  for (const char* key : {"ports", "expose"}) {
    LS_TRY(items, scalar_list(member(service, key), where + "." + key, variable));
    for (const std::string& item : items) {
      LS_TRY(port, container_port(item, where + "." + key));
      exposed[port] = json::Value::object();
      if (std::string_view(key) != "ports") continue;
      json::Value free = json::Value::object();
      free["HostPort"] = "";
      bindings[port] = json::Value::array({free});
    }
  }
  if (!exposed.empty()) model["Config"]["ExposedPorts"] = exposed;
  if (bindings.empty())
    host["PublishAllPorts"] = true;
  else
    host["PortBindings"] = bindings;
  return {};
}

// Rancher's health check as the agent's labels: of the port, an HTTP one where it has a request line.
Status add_health(const json::Value& check, const std::string& where, std::map<std::string, std::string>& labels) {
  if (check.is_null()) return {};
  const json::Value& port = member(check, "port");
  if (!port.is_number_integer()) return fail(Errc::invalid_input, where + ".port: a number is missing");
  const std::string head = "SERVICE_" + std::to_string(port.get<std::int64_t>()) + "_CHECK_";
  std::string path;
  if (const json::Value& line = member(check, "request_line"); line.is_string()) {
    const std::vector<std::string> words = base::split(line.get<std::string>(), ' ');
    if (words.size() > 1 && words[1].starts_with('/')) path = words[1];
  }
  if (labels.contains(head + "HTTP") || labels.contains(head + "TCP")) return {};
  labels[head + (path.empty() ? "TCP" : "HTTP")] = path.empty() ? "true" : path;
  const std::pair<const char*, const char*> times[] = {{"interval", "INTERVAL"}, {"response_timeout", "TIMEOUT"}};
  for (const auto& [key, label] : times)
    if (const json::Value& time = member(check, key); time.is_number_integer())
      labels[head + label] = std::to_string(std::max<std::int64_t>(1, time.get<std::int64_t>())) + "ms";
  return {};
}

Status check_keys(const json::Value& service, const std::string& where) {
  // The last three say nothing about the container that deploys need.
  static constexpr std::array<std::string_view, 21> kKnown = {
      "image",   "environment", "labels",      "ports",      "expose", "command",        "entrypoint",
      "volumes", "restart",     "tty",         "stdin_open", "links",  "depends_on",     "network_mode",
      "net",     "user",        "working_dir", "hostname",   "deploy", "container_name", "external_links"};
  for (const auto& [key, value] : service.items())
    if (std::ranges::find(kKnown, key) == kKnown.end())
      return fail(Errc::invalid_input, where + "." + key + ": not understood" +
                                           (key == "build" ? "; build the image first and name it" : ""));
  return {};
}

Status add_config(const json::Value& service, const std::string& where, const Variable& variable, json::Value& model) {
  json::Value& config = model["Config"];
  json::Value& host = model["HostConfig"];
  const std::pair<const char*, const char*> texts[] = {
      {"user", "User"}, {"working_dir", "WorkingDir"}, {"hostname", "Hostname"}};
  for (const auto& [key, name] : texts)
    if (!member(service, key).is_null()) {
      LS_TRY(text, scalar_text(member(service, key), where + "." + key, variable));
      config[name] = text;
    }
  const std::pair<const char*, const char*> flags[] = {{"tty", "Tty"}, {"stdin_open", "OpenStdin"}};
  for (const auto& [key, name] : flags)
    if (const json::Value& flag = member(service, key); flag.is_boolean()) config[name] = flag;
  const std::pair<const char*, const char*> commands[] = {{"command", "Cmd"}, {"entrypoint", "Entrypoint"}};
  for (const auto& [key, name] : commands) {
    const json::Value& value = member(service, key);
    if (value.is_null()) continue;
    std::vector<std::string> words;
    if (value.is_array()) {
      LS_TRY(items, scalar_list(value, where + "." + key, variable));
      words = std::move(items);
    } else {
      LS_TRY(text, scalar_text(value, where + "." + key, variable));
      LS_TRY(split, shell_words(text, where + "." + key));
      words = std::move(split);
    }
    config[name] = words;
  }
  LS_TRY(volumes, scalar_list(member(service, "volumes"), where + ".volumes", variable));
  if (!volumes.empty()) host["Binds"] = volumes;
  for (const char* key : {"network_mode", "net"})
    if (!member(service, key).is_null()) {
      LS_TRY(text, scalar_text(member(service, key), where + "." + key, variable));
      host["NetworkMode"] = text;
    }
  std::string restart = "unless-stopped";
  if (!member(service, "restart").is_null()) {
    LS_TRY(text, scalar_text(member(service, "restart"), where + ".restart", variable));
    restart = text;
  }
  host["RestartPolicy"]["Name"] = restart;
  return {};
}

struct Raw {
  ComposeService service;
  std::map<std::string, std::string> labels;
};

Result<Raw> read_one(const std::string& name, const json::Value& service, const json::Value& rancher,
                     const std::string& stack, const Variable& variable) {
  const std::string where = "services." + name;
  if (!service.is_object()) return fail(Errc::invalid_input, where + ": no map");
  Raw out;
  out.service.name = name;
  LS_TRY(image, scalar_text(member(service, "image"), where + ".image", variable));
  out.service.image = image;
  if (image.empty()) return fail(Errc::invalid_input, where + ".image: missing");
  out.service.balancer = is_balancer(image);
  LS_TRY(labels, pairs_of(member(service, "labels"), where + ".labels", variable));
  out.labels = std::move(labels);
  if (out.service.balancer) return out;
  if (Status known = check_keys(service, where); !known) return fail(std::move(known.error()));
  json::Value& model = out.service.model;
  model["Config"] = json::Value::object();
  model["HostConfig"] = json::Value::object();
  if (Status added = add_config(service, where, variable, model); !added) return fail(std::move(added.error()));
  if (Status added = add_ports(service, where, variable, model); !added) return fail(std::move(added.error()));
  LS_TRY(environment, pairs_of(member(service, "environment"), where + ".environment", variable));
  model["Config"]["Env"] = json::Value::array();
  for (const auto& [key, value] : environment) model["Config"]["Env"].push_back(key + "=" + value);
  if (Status added =
          add_health(member(rancher, "health_check"), "rancher-compose: " + name + ".health_check", out.labels);
      !added)
    return fail(std::move(added.error()));
  out.labels.emplace("io.rancher.stack_service.name", stack + "/" + name);
  const auto pull = out.labels.find("io.rancher.container.pull_image");
  const json::Value& also = member(rancher, "pull_image");
  out.service.pull_always = (pull != out.labels.end() && pull->second == "always") || also == "always";
  for (const json::Value* scale : {&member(member(service, "deploy"), "replicas"), &member(rancher, "scale")})
    if (scale->is_number_integer())
      out.service.scale = static_cast<int>(std::clamp<std::int64_t>(scale->get<std::int64_t>(), 0, 1000));
  for (const char* key : {"links", "depends_on"}) {
    const json::Value& value = member(service, key);
    if (value.is_object()) {
      for (const auto& [other, condition] : value.items()) out.service.after.push_back(other);
      continue;
    }
    LS_TRY(items, scalar_list(value, where + "." + key, variable));
    for (const std::string& item : items) out.service.after.push_back(item.substr(0, item.find(':')));
  }
  return out;
}

// Rancher's load balancer says where others are reached: they say it themselves, since it is not started.
void spread_targets(std::vector<Raw>& all) {
  for (const Raw& balancer : all) {
    if (!balancer.service.balancer) continue;
    for (const auto& [key, value] : balancer.labels) {
      if (!key.starts_with(kTarget)) continue;
      const std::string target = key.substr(kTarget.size());
      const std::string name = target.substr(target.find('/') == std::string::npos ? 0 : target.find('/') + 1);
      for (Raw& one : all)
        if (one.service.name == name && !one.service.balancer) one.labels.emplace(key, value);
    }
  }
}

}  // namespace

Result<std::vector<ComposeService>> read_compose(const json::Value& compose, const json::Value& rancher,
                                                 const std::string& stack, const Variable& variable) {
  if (!compose.is_object()) return fail(Errc::invalid_input, "no Compose file: no map of services");
  const bool nested = compose.contains("services");
  const json::Value& services = nested ? compose["services"] : compose;
  const json::Value& more = rancher.is_object() && rancher.contains("services") ? rancher["services"] : rancher;
  if (!services.is_object()) return fail(Errc::invalid_input, "services: no map");
  std::vector<Raw> all;
  for (const auto& [name, service] : services.items()) {
    if (!nested && name == "version") continue;
    LS_TRY(one, read_one(name, service, member(more, name), stack, variable));
    all.push_back(std::move(one));
  }
  spread_targets(all);
  std::vector<ComposeService> out;
  std::set<std::string> placed;
  while (out.size() < all.size()) {
    const std::size_t before = out.size();
    for (Raw& one : all) {
      const std::string& name = one.service.name;
      if (placed.contains(name)) continue;
      const bool ready = std::ranges::all_of(one.service.after, [&](const std::string& other) {
        return placed.contains(other) || other == name ||
               std::ranges::none_of(all, [&](const Raw& any) { return any.service.name == other; });
      });
      if (!ready) continue;
      placed.insert(name);
      if (!one.service.balancer) one.service.model["Config"]["Labels"] = one.labels;
      out.push_back(std::move(one.service));
      one.service.name = *placed.find(out.back().name);
    }
    if (out.size() == before) return fail(Errc::invalid_input, "services link to each other in a circle");
  }
  return out;
}

}  // namespace longshore::deploy
