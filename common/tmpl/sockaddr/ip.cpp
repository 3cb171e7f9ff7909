#include "common/tmpl/sockaddr/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "common/tmpl/numbers.h"

namespace longshore::tmpl::sockaddr {
namespace {

using Octets = std::array<unsigned char, 16>;

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Bits number_of(const unsigned char* octets, std::size_t count) {
  Bits out = 0;
  for (std::size_t i = 0; i < count; ++i) out = out << 8 | octets[i];
  return out;
}

constexpr Bits kMapped = static_cast<Bits>(0xffff) << 32;  // ::ffff:0:0

struct Literal {
  bool v6 = false;   // written as IPv6
  Bits address = 0;  // of its form
};

std::optional<Literal> literal(std::string_view text) {
  if (text.size() > INET6_ADDRSTRLEN) return std::nullopt;
  const std::string copy(text);
  if (copy.size() != std::char_traits<char>::length(copy.c_str())) return std::nullopt;
  Octets octets{};
  // What comes first decides, as in Go.
  const std::size_t mark = text.find_first_of(".:");
  if (mark == std::string_view::npos) return std::nullopt;
  if (text[mark] == '.') {
    if (::inet_pton(AF_INET, copy.c_str(), octets.data()) != 1) return std::nullopt;
    return Literal{false, number_of(octets.data(), 4)};
  }
  if (::inet_pton(AF_INET6, copy.c_str(), octets.data()) != 1) return std::nullopt;
  return Literal{true, number_of(octets.data(), 16)};
}

bool is_mapped(Bits address) {
  return (address >> 32) == (kMapped >> 32);
}

Ip host(const Literal& address, bool as_written = false) {
  const bool v6 = address.v6 && (as_written || !is_mapped(address.address));
  return {v6, v6 ? address.address : address.address & 0xffffffff, mask_of(width(v6), v6), 0};
}

std::optional<Ip> parse_network(std::string_view text, std::size_t slash, bool as_written) {
  const auto address = literal(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  if (!address || !all_digits(digits)) return std::nullopt;
  const auto ones = parse_uint(digits, 10);
  if (!ones || *ones > static_cast<unsigned>(width(address->v6))) return std::nullopt;
  const int count = static_cast<int>(*ones);
  Ip out = host(*address, as_written);
  // A mask of 128 bits over an IPv4 address counts from the 96th bit on; before, the original takes its first 32 bits.
  if (address->v6 && !out.v6)
    out.mask = mask_of(count >= 96 ? count - 96 : std::min(count, 32), false);
  else
    out.mask = mask_of(count, out.v6);
  return out;
}

// "host:port"; an absent number is 0.
std::optional<Ip> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view name = text.substr(0, colon), port = text.substr(colon + 1);
  if (name.starts_with('[') && name.ends_with(']')) {
    name = name.substr(1, name.size() - 2);
    name = name.substr(0, name.find('%'));  // a zone
  } else if (name.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto address = literal(name);
  const bool minus = port.starts_with('-');
  if (minus || port.starts_with('+')) port.remove_prefix(1);
  if (!address || (!port.empty() && !all_digits(port))) return std::nullopt;
  const auto number = port.empty() ? 0 : parse_uint(port, 10);
  if (!number || *number > UINT16_MAX || (minus && *number != 0)) return std::nullopt;
  Ip out = host(*address);
  out.port = static_cast<std::uint16_t>(*number);
  return out;
}

void append_hex(std::string& out, unsigned number) {
  bool started = false;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const unsigned digit = number >> shift & 0xf;
    started = started || digit != 0 || shift == 0;
    if (started) out += "0123456789abcdef"[digit];
  }
}

unsigned group(Bits address, int index) {
  return static_cast<unsigned>(address >> (112 - 16 * index)) & 0xffff;
}

// The first of the longest runs of zeros, of at least two groups.
std::pair<int, int> zeros(Bits address) {
  int from = -1, to = -1;
  for (int i = 0; i < 8; ++i) {
    int end = i;
    while (end < 8 && group(address, end) == 0) ++end;
    if (end - i >= 2 && end - i > to - from) {
      from = i;
      to = end;
    }
    i = std::max(i, end);
  }
  return {from, to};
}

}  // namespace

std::optional<Ip> parse_ip(std::string_view text, bool as_written) {
  // Some programs write masks in hexadecimal digits: the original cuts those off.
  if (text.size() >= 9 && text[text.size() - 9] == '/' &&
      text.substr(text.size() - 8).find_first_not_of("0f") == std::string_view::npos)
    text.remove_suffix(9);
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos)
    return parse_network(text, slash, as_written);
  if (const auto address = literal(text)) return host(*address, as_written);
  if (text.size() > 2 && text.starts_with('[') && text.ends_with(']')) {
    const auto address = literal(text.substr(1, text.size() - 2));
    if (address && address->v6 && !is_mapped(address->address)) return host(*address);
    return std::nullopt;
  }
  return parse_endpoint(text);
}

int width(bool v6) {
  return v6 ? 128 : 32;
}

Bits mask_of(int ones, bool v6) {
  const int zeros = width(v6) - ones;
  const Bits full = v6 ? ~Bits{0} : Bits{0xffffffff};
  return zeros >= 128 ? 0 : (full >> zeros) << zeros;
}

int mask_bits(const Ip& ip) {
  int count = 0;
  while (count < width(ip.v6) && mask_of(count, ip.v6) != ip.mask) ++count;
  return count;
}

Bits network_of(const Ip& ip) {
  return ip.address & ip.mask;
}

Bits last_of(const Ip& ip) {
  return network_of(ip) | (mask_of(width(ip.v6), ip.v6) ^ ip.mask);
}

Bits first_usable(const Ip& ip) {
  return network_of(ip) + (!ip.v6 && mask_bits(ip) < 31 ? 1 : 0);
}

Bits last_usable(const Ip& ip) {
  return last_of(ip) - (!ip.v6 && mask_bits(ip) < 31 ? 1 : 0);
}

bool contains(const Ip& network, const Ip& ip) {
  return network.v6 == ip.v6 && network_of(network) <= network_of(ip) && last_of(network) >= last_of(ip);
}

std::string octets_text(const Ip& ip, std::string_view separator) {
  std::string out;
  for (int shift = width(ip.v6) - 8; shift >= 0; shift -= 8) {
    if (!out.empty()) out += separator;
    out += std::to_string(static_cast<unsigned>(ip.address >> shift) & 0xff);
  }
  return out;
}

std::string address_text(Bits address, bool v6) {
  if (!v6 || is_mapped(address)) return octets_text({false, address & 0xffffffff, 0, 0}, ".");
  std::string out;
  const auto [from, to] = zeros(address);
  for (int i = 0; i < 8; ++i) {
    if (i == from) {
      out += "::";
      i = to;
      if (i == 8) break;
    } else if (i > 0) {
      out += ':';
    }
    append_hex(out, group(address, i));
  }
  return out;
}

std::string to_string(const Ip& ip) {
  std::string text = address_text(ip.address, ip.v6);
  if (ip.port != 0) return (ip.v6 ? "[" + text + "]" : text) + ":" + std::to_string(ip.port);
  const int bits = mask_bits(ip);
  return bits == width(ip.v6) ? text : text + "/" + std::to_string(bits);
}

std::string binary_text(const Ip& ip) {
  std::string out;
  for (int shift = width(ip.v6) - 1; shift >= 0; --shift) out += (ip.address >> shift & 1) != 0 ? '1' : '0';
  return out;
}

std::string hex_text(const Ip& ip) {
  std::string out;
  for (int shift = width(ip.v6) - 4; shift >= 0; shift -= 4)
    out += "0123456789abcdef"[static_cast<unsigned>(ip.address >> shift) & 0xf];
  return out;
}

std::string decimal_text(Bits number) {
  std::string out;
  do {
    out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
    number /= 10;
  } while (number != 0);
  return out;
}

}  // namespace longshore::tmpl::sockaddr
