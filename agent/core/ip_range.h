// IP addresses and ranges of them, in text. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace longshore::agent {

// "10.0.0.0/8", "fd00::/8"; a single address is a range of one.
struct IpRange {
  std::array<std::uint8_t, 16> bytes{};
  bool ipv6 = false;
  int prefix = 0;  // bits: 0 to 32, or to 128
  bool operator==(const IpRange&) const = default;
};

std::optional<IpRange> parse_ip_range(std::string_view text);
// False for anything that is no address, and for the other family. Brackets are allowed.
bool contains(const IpRange& range, std::string_view address);

// An IPv6 address by its look: has a colon.
bool is_ipv6(std::string_view address);

// "*" stands for any text, also for none.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace longshore::agent
