// An IPv4 or IPv6 address with its network, as go-sockaddr's IPv4Addr and IPv6Addr.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace longshore::tmpl::sockaddr {

__extension__ using Bits = unsigned __int128;

struct Ip {
  bool v6 = false;
  Bits address = 0;  // of IPv4 in the lowest 32 bits, like the mask
  Bits mask = 0;     // ones from the left
  std::uint16_t port = 0;
  bool operator==(const Ip&) const = default;
};

// "10.0.0.1", "10.0.0.1/8", "10.0.0.1:80", "fd00::1", "fd00::1/64", "[fd00::1]:80". Names of hosts and of services,
// which the original resolves, are refused. An IPv4 address in IPv6 form is an IPv4 address, unless `as_written`.
std::optional<Ip> parse_ip(std::string_view text, bool as_written = false);

int width(bool v6);               // 32 or 128
Bits mask_of(int ones, bool v6);  // 0 <= ones <= width
int mask_bits(const Ip& ip);
Bits network_of(const Ip& ip);
Bits last_of(const Ip& ip);  // IPv4: the broadcast address
Bits first_usable(const Ip& ip);
Bits last_usable(const Ip& ip);
bool contains(const Ip& network, const Ip& ip);  // the whole network of `ip`

std::string address_text(Bits address, bool v6);  // Go's net.IP.String()
std::string to_string(const Ip& ip);              // 10.0.0.1/8, 10.0.0.1:80; a host's mask is left out
std::string binary_text(const Ip& ip);
std::string hex_text(const Ip& ip);
std::string decimal_text(Bits number);
std::string octets_text(const Ip& ip, std::string_view separator);

}  // namespace longshore::tmpl::sockaddr
