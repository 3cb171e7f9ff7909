#include "agent/core/routes.h"

#include <algorithm>

#include "agent/core/meta.h"
#include "common/base/text.h"

namespace longshore::agent {
namespace {

constexpr std::string_view kTarget = "io.rancher.loadbalancer.target.";
constexpr std::size_t kHostBytes = 253;
constexpr std::size_t kPathBytes = 256;  // what the stock template takes

bool is_label(std::string_view word) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (word.empty() || !plain(word.front()) || !plain(word.back())) return false;
  return std::ranges::all_of(word, [&](char c) { return plain(c) || c == '-'; });
}

bool is_host(std::string_view host) {
  if (host.size() > kHostBytes) return false;
  const bool wildcard = host.starts_with("*.");
  if (wildcard) host.remove_prefix(2);
  const std::vector<std::string> labels = base::split(host, '.');
  return (!wildcard || labels.size() > 1) && std::ranges::all_of(labels, is_label);
}

// A comma would end the item in Meta.
bool is_path(std::string_view path) {
  return path.starts_with('/') && path.size() <= kPathBytes &&
         std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '$' && c != ','; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto number = base::parse_uint(text);
  if (!number || *number == 0 || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

// A label or else a variable; "" when there is none.
std::string value_of(const docker::Container& container, const std::string& name) {
  if (const auto label = container.labels.find(name); label != container.labels.end()) return label->second;
  std::string found;
  for (const std::string& entry : container.env)
    if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=')
      found = entry.substr(name.size() + 1);
  return found;
}

std::string label_of(const docker::Container& container, const char* name) {
  const auto found = container.labels.find(name);
  return found == container.labels.end() ? std::string() : found->second;
}

std::string not_a_route(std::string_view where, std::string_view item) {
  constexpr std::size_t kShown = 80;
  return std::string(where) + ": no host name, or no path: " + base::log_value(item.substr(0, kShown));
}

// VIRTUAL_HOST of nginx-proxy: for VIRTUAL_PORT, else the only port, else 80.
void add_virtual(const RoutedPort& at, std::vector<Route>& routes, std::vector<std::string>& notes) {
  const std::string hosts = value_of(at.container, "VIRTUAL_HOST");
  if (base::trim(hosts).empty()) return;
  const std::string wanted(base::trim(value_of(at.container, "VIRTUAL_PORT")));
  const std::optional<std::uint16_t> port = parse_port(wanted);
  if (!wanted.empty() && !port) notes.push_back("VIRTUAL_PORT: no port: " + base::log_value(wanted));
  constexpr std::uint16_t kUsual = 80;
  if (port ? *port != at.port.number : !at.only && at.port.number != kUsual) return;
  std::string path(base::trim(value_of(at.container, "VIRTUAL_PATH")));
  if (path.empty()) path = at.metadata.get("path");
  for (const std::string& item : base::split(hosts, ',')) {
    const std::string_view word = base::trim(item);
    if (word.empty()) continue;
    std::optional<Route> route = parse_route(word);
    if (route && route->path.empty() && !path.empty()) route->path = path;
    if (!route || (!route->path.empty() && !is_path(route->path))) {
      notes.push_back(not_a_route("VIRTUAL_HOST", word));
      continue;
    }
    route->port = port.value_or(0);
    routes.push_back(std::move(*route));
  }
}

void add_targeted(const RoutedPort& at, const std::vector<RouteTarget>& targets, std::vector<Route>& routes) {
  for (const RouteTarget& target : targets) {
    if (!is_meant(target, at.container, at.service_name)) continue;
    for (const Route& route : target.routes)
      if (route.port == 0 ? at.only : route.port == at.port.number) routes.push_back(route);
  }
}

// What fits into one value, item by item.
std::string joined(const std::vector<std::string>& items, std::string_view what, std::vector<std::string>& notes) {
  std::string out;
  std::size_t left_out = 0;
  for (const std::string& item : items) {
    if (out.size() + item.size() + 1 > kMetaValueBytes) {
      ++left_out;
      continue;
    }
    if (!out.empty()) out += ',';
    out += item;
  }
  if (left_out != 0)
    notes.push_back("meta " + std::string(what) + ": " + std::to_string(left_out) + " items left out, Consul takes " +
                    std::to_string(kMetaValueBytes) + " bytes");
  return out;
}

}  // namespace

std::optional<Route> parse_route(std::string_view text) {
  Route route;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    route.path = text.substr(slash);
    text = text.substr(0, slash);
    if (!is_path(route.path)) return std::nullopt;
  }
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    if (!parse_port(text.substr(colon + 1))) return std::nullopt;
    text = text.substr(0, colon);
  }
  route.host = base::to_lower_ascii(text);
  if (!is_host(route.host)) return std::nullopt;
  return route;
}

std::optional<Route> parse_target_route(std::string_view text) {
  // A path may have '=' in it; the port is after the last one.
  const std::size_t equals = text.rfind('=');
  std::uint16_t port = 0;
  if (equals != std::string_view::npos) {
    const auto number = parse_port(base::trim(text.substr(equals + 1)));
    if (!number) return std::nullopt;
    port = *number;
    text = text.substr(0, equals);
  }
  std::optional<Route> route = parse_route(base::trim(text));
  if (route) route->port = port;
  return route;
}

std::vector<RouteTarget> route_targets(const docker::Container& container, std::vector<std::string>& notes) {
  std::vector<RouteTarget> targets;
  for (auto at = container.labels.lower_bound(std::string(kTarget));
       at != container.labels.end() && at->first.starts_with(kTarget); ++at) {
    RouteTarget target;
    target.service = at->first.substr(kTarget.size());
    if (const std::size_t slash = target.service.find('/'); slash != std::string::npos) {
      target.stack = target.service.substr(0, slash);
      target.service.erase(0, slash + 1);
    }
    const std::string name = at->first.substr(0, kMetaKeyBytes);
    // They are parts of a list in Meta.
    const std::string both = target.stack + target.service;
    if (target.service.empty() || both.find_first_of("=,/ \t\r\n") != std::string::npos) {
      notes.push_back(base::log_value(name) + ": no service name");
      continue;
    }
    for (const std::string& item : base::split(at->second, ',')) {
      const std::string_view word = base::trim(item);
      if (word.empty()) continue;
      if (std::optional<Route> route = parse_target_route(word))
        target.routes.push_back(std::move(*route));
      else
        notes.push_back(not_a_route(name, word));
    }
    if (!target.routes.empty()) targets.push_back(std::move(target));
  }
  return targets;
}

std::string targets_text(const std::vector<RouteTarget>& targets, std::vector<std::string>& notes) {
  std::vector<std::string> items;
  for (const RouteTarget& target : targets) {
    const std::string service = target.stack.empty() ? target.service : target.stack + "/" + target.service;
    for (const Route& route : target.routes)
      items.push_back(service + "=" + route.host + route.path +
                      (route.port == 0 ? std::string() : "=" + std::to_string(route.port)));
  }
  return joined(items, kMetaTargets, notes);
}

bool may_route(const docker::Container& container, const std::vector<RouteTarget>& targets) {
  return !targets.empty() || !value_of(container, "VIRTUAL_HOST").empty();
}

bool is_meant(const RouteTarget& target, const docker::Container& container, std::string_view service_name) {
  std::string stack = label_of(container, "io.rancher.stack.name");
  if (stack.empty()) stack = label_of(container, "com.docker.compose.project");
  std::string service = label_of(container, "com.docker.compose.service");
  if (const std::string both = label_of(container, "io.rancher.stack_service.name"); !both.empty()) {
    const std::size_t slash = both.find('/');
    if (slash != std::string::npos) stack = both.substr(0, slash);
    service = both.substr(slash == std::string::npos ? 0 : slash + 1);
  }
  if (target.service != service && target.service != service_name) return false;
  return target.stack.empty() || stack.empty() || target.stack == stack;
}

void add_routes(const RoutedPort& at, const std::vector<RouteTarget>& targets, consul::StringMap& meta,
                std::vector<std::string>& notes) {
  if (at.port.protocol != docker::Protocol::tcp) return;
  const auto own = meta.find("host");
  const bool has_own = own != meta.end() && !own->second.empty();
  std::vector<Route> routes;
  if (!has_own) add_virtual(at, routes, notes);
  add_targeted(at, targets, routes);
  if (routes.empty()) return;

  // One path for all is said once; else each host has its own, for which "" would mean the value of `path`.
  const bool same_path = std::ranges::all_of(routes, [&](const Route& route) { return route.path == routes[0].path; });
  const bool by_item = has_own || !same_path;
  std::vector<std::string> items;
  if (has_own) items.push_back(own->second);
  for (const Route& route : routes) {
    std::string item = route.host;
    if (by_item) item += route.path.empty() ? "/" : route.path;
    if (std::ranges::find(items, item) == items.end()) items.push_back(std::move(item));
  }
  meta["host"] = joined(items, "host", notes);
  if (!by_item && !routes[0].path.empty()) meta["path"] = routes[0].path;
  if (!by_item && routes[0].path.empty()) meta.erase("path");
  // Templates find the container's port at the end of the ID; in an ID that the user gave there is none.
  const bool named = std::ranges::any_of(routes, [](const Route& route) { return route.port != 0; });
  if (named && !meta.contains("port") && at.metadata.get("id").empty()) meta["port"] = std::to_string(at.port.number);
}

}  // namespace longshore::agent
