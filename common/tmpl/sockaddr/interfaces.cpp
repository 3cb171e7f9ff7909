#include "common/tmpl/sockaddr/interfaces.h"

namespace longshore::tmpl::sockaddr {

std::string flags_text(unsigned flags) {
  constexpr const char* kNames[] = {"up", "broadcast", "loopback", "pointtopoint", "multicast", "running"};
  std::string out;
  for (unsigned bit = 0; bit < std::size(kNames); ++bit)
    if ((flags >> bit & 1) != 0) (out += out.empty() ? "" : "|") += kNames[bit];
  return out.empty() ? "0" : out;
}

std::string to_string(const Interface& interface) {
  return "{" + std::to_string(interface.index) + " " + std::to_string(interface.mtu) + " " + interface.name + " " +
         interface.hardware + " " + flags_text(interface.flags) + "}";
}

std::string to_string(const IfAddr& address) {
  return to_string(address.ip) + " " + to_string(*address.interface);
}

}  // namespace longshore::tmpl::sockaddr
