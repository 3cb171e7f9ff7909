#include "common/tmpl/sockaddr/flags.h"

#include <algorithm>

#include "common/tmpl/go_strings.h"
#include "common/tmpl/sockaddr/rfc.h"
#include "common/tmpl/sockaddr/tools.h"

namespace longshore::tmpl::sockaddr {
namespace {

// The highest 16 bits of an IPv6 address, all of an IPv4 address.
unsigned high(const Ip& ip) {
  return static_cast<unsigned>(ip.v6 ? ip.address >> 112 : ip.address);
}

// Go's methods of net.IP.
bool is_multicast(const Ip& ip) {
  return ip.v6 ? high(ip) >> 8 == 0xff : high(ip) >> 28 == 0xe;
}
bool is_loopback(const Ip& ip) {
  return ip.v6 ? ip.address == 1 : high(ip) >> 24 == 127;
}
bool is_unspecified(const Ip& ip) {
  return ip.address == 0;
}
bool is_interface_local_multicast(const Ip& ip) {
  return ip.v6 && (high(ip) & 0xff0f) == 0xff01;
}
bool is_link_local_multicast(const Ip& ip) {
  return ip.v6 ? (high(ip) & 0xff0f) == 0xff02 : high(ip) >> 8 == 0xe00000;
}
bool is_link_local_unicast(const Ip& ip) {
  return ip.v6 ? (high(ip) & 0xffc0) == 0xfe80 : high(ip) >> 16 == 0xa9fe;
}
bool is_global_unicast(const Ip& ip) {
  const bool broadcast = !ip.v6 && ip.address == 0xffffffff;
  return !broadcast && !is_unspecified(ip) && !is_loopback(ip) && !is_multicast(ip) && !is_link_local_unicast(ip);
}

struct NamedFlag {
  std::string_view name;
  unsigned interface;  // 0 = not looked at
  bool (*address)(const Ip& ip);
};

constexpr NamedFlag kFlags[] = {
    {"broadcast", kBroadcast, nullptr},
    {"global unicast", 0, is_global_unicast},
    {"interface-local multicast", 0, is_interface_local_multicast},
    {"link-local multicast", 0, is_link_local_multicast},
    {"link-local unicast", 0, is_link_local_unicast},
    {"loopback", kLoopback, is_loopback},
    {"multicast", kMulticast, is_multicast},
    {"point-to-point", kPointToPoint, nullptr},
    {"unspecified", 0, is_unspecified},
    {"up", kUp, nullptr},
};

}  // namespace

Result<FlagFilter> FlagFilter::parse(std::string_view text) {
  FlagFilter out;
  const std::string low = lower(text);
  for (const std::string_view name : strings::split(low, "|")) {
    if (name == "forwardable") {
      out.not_forwarded_ = networks_of_rfc(kNotForwarded).value();
      continue;
    }
    if (name == "down") {
      out.looks_at_interface_ = true;
      out.interface_ &= ~static_cast<unsigned>(kUp);
      continue;
    }
    const NamedFlag* flag = std::ranges::find(kFlags, name, &NamedFlag::name);
    if (flag == std::end(kFlags)) return bad("Unknown interface flag: " + quote(name, true));
    if (flag->interface != 0) out.looks_at_interface_ = true;
    out.interface_ |= flag->interface;
    if (flag->address != nullptr) out.address_.push_back(flag->address);
  }
  return out;
}

bool FlagFilter::accepts(const IfAddr& address) const {
  if (looks_at_interface_ && (address.interface->flags & interface_) == interface_) return true;
  if (std::ranges::any_of(address_, [&](const auto& holds) { return holds(address.ip); })) return true;
  return !not_forwarded_.empty() && !any_contains(not_forwarded_, address.ip);
}

}  // namespace longshore::tmpl::sockaddr
