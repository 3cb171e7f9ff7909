// What `sockaddr` knows of this machine: its addresses, each with its interface, and where the default route leads.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "common/tmpl/sockaddr/ip.h"

namespace longshore::tmpl::sockaddr {

// Go's net.Flags.
enum InterfaceFlag : unsigned {
  kUp = 1,
  kBroadcast = 2,
  kLoopback = 4,
  kPointToPoint = 8,
  kMulticast = 16,
  kRunning = 32,
};

struct Interface {
  int index = 0;
  int mtu = 0;
  std::string name;
  std::string hardware;  // "02:42:ac:11:00:02", or empty
  unsigned flags = 0;
  bool operator==(const Interface&) const = default;
};

struct IfAddr {
  Ip ip;
  std::shared_ptr<const Interface> interface;  // never null
  bool operator==(const IfAddr& other) const { return ip == other.ip && *interface == *other.interface; }
};

using IfAddrs = std::vector<IfAddr>;

struct Interfaces {
  IfAddrs addresses;              // interface by interface, IPv4 first
  std::string default_interface;  // "" = there is no default route over a gateway
  std::string problem;            // not empty: the kernel would not say, and why
  bool operator==(const Interfaces&) const = default;
};

std::string flags_text(unsigned flags);             // "up|broadcast|multicast"; none is "0"
std::string to_string(const Interface& interface);  // {2 1500 eth0 02:42:ac:11:00:02 up|broadcast}
std::string to_string(const IfAddr& address);

}  // namespace longshore::tmpl::sockaddr
