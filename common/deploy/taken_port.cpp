#include "common/deploy/taken_port.h"

#include <algorithm>

#include "common/base/text.h"

namespace longshore::deploy {
namespace {

// An engine itself goes through ten ports before it says so: five starts are fifty ports in a row.
constexpr int kMostStarts = 5;
constexpr std::size_t kLongestPort = 5;
constexpr unsigned kHighestPort = 65535;

int port_of(std::string_view digits) {
  const auto number = digits.size() > kLongestPort ? std::nullopt : base::parse_uint(digits);
  return number && *number > 0 && *number <= kHighestPort ? static_cast<int>(*number) : 0;
}

std::string_view digits_at(std::string_view text) {
  return text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
}

// "0.0.0.0:8080:172.17.0.2:80/tcp", "[::]:8080:..": the first port is the host's.
int first_port(std::string_view text) {
  const std::size_t from = text.starts_with('[') ? text.find("]:") : text.find(':');
  if (from == std::string_view::npos) return 0;
  return port_of(digits_at(text.substr(text.find(':', from) + 1)));
}

// The last ":8080" of the text.
int last_port(std::string_view text) {
  for (std::size_t colon = text.rfind(':'); colon != std::string_view::npos;
       colon = colon == 0 ? std::string_view::npos : text.rfind(':', colon - 1))
    if (const int port = port_of(digits_at(text.substr(colon + 1))); port != 0) return port;
  return 0;
}

bool covers(std::string_view host_port, int port) {
  const std::size_t dash = host_port.find('-');
  const int first = port_of(host_port.substr(0, dash));
  const int last = dash == std::string_view::npos ? first : port_of(host_port.substr(dash + 1));
  return first != 0 && first <= port && port <= last;
}

}  // namespace

// Docker 20.10: "Bind for 0.0.0.0:8080 failed: port is already allocated", "listen tcp4 0.0.0.0:8080: bind: address
// already in use"; Docker 28: "failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use".
int taken_port(std::string_view words) {
  constexpr std::string_view kHostPort = "host port for ";
  for (const std::string_view phrase : {"port is already allocated", "address already in use"}) {
    const std::size_t at = words.find(phrase);
    if (at == std::string_view::npos) continue;
    const std::string_view before = words.substr(0, at);
    const std::size_t named = before.rfind(kHostPort);
    return named == std::string_view::npos ? last_port(before) : first_port(before.substr(named + kHostPort.size()));
  }
  return 0;
}

bool is_typed_port(const json::Value& host_config, int port) {
  if (!host_config.is_object()) return false;
  const auto all = host_config.find("PortBindings");
  if (all == host_config.end() || !all->is_object()) return false;
  for (const auto& [inside, bindings] : all->items()) {
    if (!bindings.is_array()) continue;
    for (const json::Value& one : bindings) {
      if (!one.is_object()) continue;
      const auto host_port = one.find("HostPort");
      if (host_port != one.end() && host_port->is_string() && covers(host_port->get<std::string>(), port)) return true;
    }
  }
  return false;
}

StartTries::Verdict StartTries::failed(const std::string& name, const std::string& words,
                                       const json::Value& host_config) {
  ++failures_;
  const int port = taken_port(words);
  if (port == 0 || host_config.is_null()) return {false, words};
  const std::string number = std::to_string(port);
  if (is_typed_port(host_config, port))
    return {false, "port " + number + " of the host, which " + name + " asks for, is taken: " + words};
  if (failures_ >= kMostStarts)
    return {false, "the engine chose ports that are taken, " + std::to_string(failures_) + " times: " + words};
  return {true, name + ": the engine chose port " + number + ", which is taken; started again"};
}

}  // namespace longshore::deploy
