#include "common/tmpl/sockaddr/attribute.h"

#include "common/tmpl/helper_tools.h"
#include "common/tmpl/sockaddr/tools.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::sockaddr {
namespace {

std::string host_text(const Ip& ip, Bits address) {
  return address_text(address, ip.v6);
}

std::string size_text(const Ip& ip) {
  const int bits = width(ip.v6) - mask_bits(ip);
  if (bits == 128) return "340282366920938463463374607431768211456";
  return decimal_text(Bits{1} << bits);
}

struct Named {
  std::string_view name;
  std::string (*text)(const Ip& ip);
};

constexpr Named kAttributes[] = {
    {"address", [](const Ip& ip) { return address_text(ip.address, ip.v6); }},
    {"binary", binary_text},
    {"first_usable", [](const Ip& ip) { return host_text(ip, first_usable(ip)); }},
    {"hex", hex_text},
    {"host",
     [](const Ip& ip) {
       return to_string(Ip{ip.v6, ip.address, mask_of(width(ip.v6), ip.v6), ip.port});
     }},
    {"last_usable", [](const Ip& ip) { return host_text(ip, last_usable(ip)); }},
    {"mask_bits", [](const Ip& ip) { return std::to_string(mask_bits(ip)); }},
    {"netmask", [](const Ip& ip) { return host_text(ip, ip.mask); }},
    {"network", [](const Ip& ip) { return host_text(ip, network_of(ip)); }},
    {"octets", [](const Ip& ip) { return octets_text(ip, " "); }},
    {"port", [](const Ip& ip) { return std::to_string(ip.port); }},
    {"size", size_text},
    {"string", [](const Ip& ip) { return to_string(ip); }},
    {"type", [](const Ip& ip) { return std::string(type_text(ip)); }},
};

}  // namespace

std::string_view type_text(const Ip& ip) {
  return ip.v6 ? "IPv6" : "IPv4";
}

Result<std::string> attribute(const IfAddr& address, std::string_view name) {
  const std::string wanted = lower(name);
  const Ip& ip = address.ip;
  if (wanted == "name" && !address.interface->name.empty()) return address.interface->name;
  if (wanted == "flags") return flags_text(address.interface->flags);
  for (const Named& one : kAttributes)
    if (one.name == wanted) return one.text(ip);
  if (wanted == "broadcast" && !ip.v6) return host_text(ip, last_of(ip));
  if (wanted == (ip.v6 ? "uint128" : "uint32")) return decimal_text(ip.address);
  return bad("unsupported attribute name " + quote(wanted));
}

}  // namespace longshore::tmpl::sockaddr
