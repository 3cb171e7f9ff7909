#include "agent/core/ip_range.h"

#include <arpa/inet.h>

#include "common/base/text.h"

namespace longshore::agent {
namespace {

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool ipv6 = false;
};

std::optional<Address> parse_address(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  Address out;
  out.ipv6 = is_ipv6(text);
  const std::string copy(text);
  if (inet_pton(out.ipv6 ? AF_INET6 : AF_INET, copy.c_str(), out.bytes.data()) != 1) return std::nullopt;
  return out;
}

}  // namespace

std::optional<IpRange> parse_ip_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int most = address->ipv6 ? 128 : 32;
  IpRange out{address->bytes, address->ipv6, most};
  if (slash == std::string_view::npos) return out;
  const auto prefix = base::parse_uint(text.substr(slash + 1));
  if (!prefix || *prefix > static_cast<std::uint64_t>(most)) return std::nullopt;
  out.prefix = static_cast<int>(*prefix);
  return out;
}

bool contains(const IpRange& range, std::string_view text) {
  const auto address = parse_address(text);
  if (!address || address->ipv6 != range.ipv6) return false;
  const auto whole = static_cast<std::size_t>(range.prefix) / 8;
  for (std::size_t i = 0; i < whole; ++i)
    if (address->bytes[i] != range.bytes[i]) return false;
  const int rest = range.prefix % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF << (8 - rest));
  return (address->bytes[whole] & mask) == (range.bytes[whole] & mask);
}

bool is_ipv6(std::string_view address) {
  return address.find(':') != std::string_view::npos;
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;  // the last one met
  std::size_t resume = 0;                     // where it may take one more character
  while (in < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = in;
    } else if (at < pattern.size() && pattern[at] == text[in]) {
      ++at;
      ++in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++resume;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace longshore::agent
