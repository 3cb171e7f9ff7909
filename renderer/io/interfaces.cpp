#include "renderer/io/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "common/base/text.h"
#include "renderer/io/descriptor.h"

namespace longshore::render {
namespace {

using tmpl::sockaddr::Bits;
using tmpl::sockaddr::IfAddr;
using tmpl::sockaddr::IfAddrs;
using tmpl::sockaddr::Interface;
using tmpl::sockaddr::Ip;

unsigned go_flags(unsigned flags) {
  constexpr std::pair<unsigned, unsigned> kSame[] = {
      {IFF_UP, tmpl::sockaddr::kUp},
      {IFF_BROADCAST, tmpl::sockaddr::kBroadcast},
      {IFF_LOOPBACK, tmpl::sockaddr::kLoopback},
      {IFF_POINTOPOINT, tmpl::sockaddr::kPointToPoint},
      {IFF_MULTICAST, tmpl::sockaddr::kMulticast},
      {IFF_RUNNING, tmpl::sockaddr::kRunning},
  };
  unsigned out = 0;
  for (const auto& [ours, go] : kSame)
    if ((flags & ours) != 0) out |= go;
  return out;
}

// "" for none and, as in Go, for one of zeros.
std::string hardware_text(const sockaddr_ll& link) {
  std::string out;
  bool any = false;
  for (unsigned i = 0; i < link.sll_halen && i < sizeof link.sll_addr; ++i) {
    char octet[4];
    std::snprintf(octet, sizeof octet, "%s%02x", i == 0 ? "" : ":", link.sll_addr[i]);
    out += octet;
    any = any || link.sll_addr[i] != 0;
  }
  return any ? out : std::string();
}

int mtu_of(const Descriptor& socket, const char* name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
  return ::ioctl(socket.get(), SIOCGIFMTU, &request) == 0 ? request.ifr_mtu : 0;
}

Bits number(const unsigned char* octets, std::size_t count) {
  Bits out = 0;
  for (std::size_t i = 0; i < count; ++i) out = out << 8 | octets[i];
  return out;
}

Bits bits_of(const ::sockaddr* address) {
  if (address == nullptr) return 0;
  if (address->sa_family == AF_INET6)
    return number(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr, 16);
  return number(reinterpret_cast<const unsigned char*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr), 4);
}

// Without the label of an alias: eth0:1 is on eth0.
std::string name_of(const ifaddrs& entry) {
  const std::string_view name = entry.ifa_name;
  return std::string(name.substr(0, name.find(':')));
}

struct Found {
  std::shared_ptr<const Interface> interface;
  IfAddrs addresses;
};

IfAddrs gather(const ifaddrs* list) {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  std::vector<Found> all;
  std::map<std::string, std::size_t> places;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_PACKET) continue;
    const auto& link = *reinterpret_cast<const sockaddr_ll*>(at->ifa_addr);
    places[name_of(*at)] = all.size();
    all.push_back(
        {std::make_shared<const Interface>(Interface{link.sll_ifindex, mtu_of(socket, at->ifa_name), name_of(*at),
                                                     hardware_text(link), go_flags(at->ifa_flags)}),
         {}});
  }
  for (const int family : {AF_INET, AF_INET6})
    for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
      if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != family) continue;
      const auto place = places.find(name_of(*at));
      if (place == places.end()) continue;
      Found& found = all[place->second];
      found.addresses.push_back(
          {Ip{family == AF_INET6, bits_of(at->ifa_addr), bits_of(at->ifa_netmask), 0}, found.interface});
    }
  IfAddrs out;
  for (Found& found : all) std::ranges::move(found.addresses, std::back_inserter(out));
  return out;
}

}  // namespace

std::string default_interface(std::string_view table) {
  constexpr unsigned kGateway = 0x2;  // RTF_GATEWAY
  for (const std::string& line : base::split(table, '\n')) {
    // name destination gateway flags references use metric mask ...
    std::vector<std::string> columns = base::split(line, '\t');
    if (columns.size() < 8 || columns[1] != "00000000" || columns[7] != "00000000") continue;
    unsigned flags = 0;
    std::from_chars(columns[3].data(), columns[3].data() + columns[3].size(), flags, 16);
    if ((flags & kGateway) != 0) return std::move(columns[0]);
  }
  return {};
}

Interfaces read_interfaces() {
  Interfaces out;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) {
    out.problem = base::system_error("getifaddrs", errno).text;
    return out;
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, ::freeifaddrs);
  out.addresses = gather(list);
  std::ifstream file("/proc/net/route");
  out.default_interface = default_interface(std::string(std::istreambuf_iterator<char>(file), {}));
  return out;
}

}  // namespace longshore::render
