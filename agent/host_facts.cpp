#include "agent/host_facts.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <sstream>
#include <vector>

#include "agent/state_file.h"
#include "common/base/hash.h"
#include "common/base/text.h"

namespace longshore::agent {
namespace {

std::string address_text(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* raw = nullptr;
  if (address->sa_family == AF_INET)
    raw = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  else if (address->sa_family == AF_INET6)
    raw = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  if (raw == nullptr || inet_ntop(address->sa_family, raw, text.data(), text.size()) == nullptr) return {};
  return text.data();
}

std::string read_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return std::string(base::trim(line));
}

// Of this thread's own resolver only. A name server that does not answer would hold up the start for ten seconds, and
// the answer is mostly not needed: Consul's advertise address and the default route come first.
class ImpatientResolver {
 public:
  ImpatientResolver() { ::setenv("RES_OPTIONS", "timeout:1 attempts:1", 0); }
  ~ImpatientResolver() {
    if (!users_own_) ::unsetenv("RES_OPTIONS");
  }
  ImpatientResolver(const ImpatientResolver&) = delete;
  ImpatientResolver& operator=(const ImpatientResolver&) = delete;

 private:
  const bool users_own_ = std::getenv("RES_OPTIONS") != nullptr;
};

std::string resolve(const std::string& name) {
  const ImpatientResolver impatient;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(name.c_str(), nullptr, &wanted, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, freeaddrinfo);
  // Go's ResolveIPAddr prefers IPv4.
  for (const int family : {AF_INET, AF_INET6})
    for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next)
      if (at->ai_family == family) return address_text(at->ai_addr);
  return {};
}

// The interface of the default route with the lowest metric: columns of /proc/net/route.
std::string default_interface() {
  std::ifstream file("/proc/net/route");
  std::string line;
  std::getline(file, line);
  std::string best;
  unsigned long best_metric = 0;
  while (std::getline(file, line)) {
    std::istringstream columns(line);
    std::string name, destination, gateway, flags, references, use, metric, mask;
    columns >> name >> destination >> gateway >> flags >> references >> use >> metric >> mask;
    if (destination != "00000000" || mask != "00000000") continue;
    const unsigned long number = base::parse_uint(metric).value_or(0);
    if (best.empty() || number < best_metric) {
      best = name;
      best_metric = number;
    }
  }
  return best;
}

bool link_local(const std::string& address) {
  return address.starts_with("169.254.") || base::to_lower_ascii(address).starts_with("fe80:");
}

// Everything but loopback and link-local addresses.
std::vector<InterfaceAddress> read_interfaces() {
  std::vector<InterfaceAddress> out;
  ifaddrs* found = nullptr;
  if (getifaddrs(&found) != 0) return out;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(found, freeifaddrs);
  for (const ifaddrs* at = list.get(); at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr) continue;
    const std::string address = address_text(at->ifa_addr);
    if (!address.empty() && !is_loopback(address) && !link_local(address)) out.push_back({at->ifa_name, address});
  }
  return out;
}

// The path element of 64 hexadecimal digits, "" = none.
std::string container_id_in(std::string_view path) {
  constexpr std::size_t kDigits = 64;
  for (const std::string& element : base::split(path, '/'))
    if (element.size() == kDigits && element.find_first_not_of("0123456789abcdef") == std::string::npos) return element;
  return {};
}

std::string machine_fingerprint() {
  std::string id = read_line("/etc/machine-id");
  if (id.empty()) id = read_line("/proc/sys/kernel/random/boot_id");
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx",
                static_cast<unsigned long long>(base::fnv1a("longshore agent " + id)));
  return text.data();
}

std::string random_nonce() {
  std::random_device device;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%08x%08x", device(), device());
  return text.data();
}

}  // namespace

std::string default_route_address() {
  const std::string name = default_interface();
  ifaddrs* found = nullptr;
  if (name.empty() || getifaddrs(&found) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(found, freeifaddrs);
  for (const int family : {AF_INET, AF_INET6})
    for (const ifaddrs* at = list.get(); at != nullptr; at = at->ifa_next) {
      if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != family || name != at->ifa_name) continue;
      const std::string address = address_text(at->ifa_addr);
      if (!address.empty() && !is_loopback(address) && !link_local(address)) return address;
    }
  return {};
}

std::string own_container_id(std::string_view mountinfo) {
  for (const std::string& line : base::split(mountinfo, '\n')) {
    // Columns: ID, parent, device, root within the file system, mount point, …
    const std::vector<std::string> columns = base::split(line, ' ');
    if (columns.size() < 5) continue;
    const std::string& point = columns[4];
    if (point != "/etc/hostname" && point != "/etc/hosts" && point != "/etc/resolv.conf") continue;
    if (std::string id = container_id_in(columns[3]); !id.empty()) return id;
  }
  return {};
}

bool needs_hostname_address(const AgentOptions& options, std::string_view interface_address) {
  if (!options.ip.empty()) return false;
  if (options.compatible) return true;
  const std::vector<std::string>& sources = options.address_from;
  if (sources.empty()) return interface_address.empty();
  return std::find(sources.begin(), sources.end(), "hostname") != sources.end();
}

LocalFacts read_local_facts(const AgentOptions& options) {
  LocalFacts facts;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) == 0) facts.hostname = name.data();
  facts.interface_address = default_route_address();
  if (needs_hostname_address(options, facts.interface_address)) facts.hostname_address = resolve(facts.hostname);
  facts.interfaces = read_interfaces();
  facts.own_container = own_container_id(read_whole_file("/proc/self/mountinfo"));
  return facts;
}

LocalFacts reread_local_facts(const AgentOptions& options, LocalFacts before) {
  before.interface_address = default_route_address();
  before.interfaces = read_interfaces();
  if (before.hostname_address.empty() && needs_hostname_address(options, before.interface_address))
    before.hostname_address = resolve(before.hostname);
  return before;
}

Nonce load_nonce(const std::string& state_dir) {
  const std::string machine = machine_fingerprint();
  if (state_dir.empty()) return {machine, {}};
  const std::filesystem::path path = std::filesystem::path(state_dir) / "agent";
  const std::vector<std::string> words = base::split(read_line(path.c_str()), ' ');
  if (words.size() == 2 && !words[0].empty() && words[1] == machine) return {words[0], {}};
  const std::string fresh = random_nonce();
  std::string problem = write_state_file(path, fresh + " " + machine + "\n");
  if (!problem.empty()) return {machine, std::move(problem)};
  return {fresh, {}};
}

}  // namespace longshore::agent
