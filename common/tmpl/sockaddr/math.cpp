#include "common/tmpl/sockaddr/math.h"

#include <algorithm>

#include "common/tmpl/sockaddr/tools.h"

namespace longshore::tmpl::sockaddr {
namespace {

constexpr std::int64_t kMost33 = (std::int64_t{1} << 32) - 1;

std::string failed(std::string_view value, std::string_view operation, std::string_view function, bool range) {
  return "unable to convert " + quote(value) + " to int for operation " + quote(operation) + ": " +
         number_error(function, value, range);
}

// A sign is needed. IPv4 takes what fits into 33 bits.
Result<std::int64_t> distance(std::string_view operation, std::string_view value, bool v6) {
  const std::size_t first = value.find_first_not_of("\t\n\f\r ");
  if (first == std::string_view::npos || (value[first] != '+' && value[first] != '-'))
    return bad("sign (+/-) is required for operation " + quote(operation));
  const auto number = parse_int(value, 10);
  if (!number) return bad(failed(value, operation, "ParseInt", number.error() == NumberError::range));
  if (!v6 && (*number > kMost33 || *number < -kMost33 - 1)) return bad(failed(value, operation, "ParseInt", true));
  return *number;
}

Bits full(bool v6) {
  return mask_of(width(v6), v6);
}

Bits widened(std::int64_t number) {  // two's complement of 128 bits
  return number < 0 ? ~Bits{0} - static_cast<Bits>(-(number + 1)) : static_cast<Bits>(number);
}

Bits in_network(const Ip& ip, std::int64_t number) {
  const Bits host = full(ip.v6) ^ ip.mask;
  // -1 is the last address. The original's "+0" of IPv6 leads out of 128 bits; ours is the network itself, as of IPv4.
  if (number < 0) return network_of(ip) + ((host + 1 + widened(number)) & host);
  return network_of(ip) + (static_cast<Bits>(number) & host);
}

Result<Ip> masked(std::string_view operation, std::string_view value, Ip ip) {
  const auto ones = parse_uint(value, 10);
  if (!ones || *ones > UINT32_MAX)
    return bad(failed(value, operation, "ParseUint", ones || ones.error() == NumberError::range));
  if (*ones > static_cast<std::uint64_t>(width(ip.v6)))
    return bad("parameter for operation " + quote(operation) + " on " +
               (ip.v6 ? "ipv6 addresses must be between 0 and 64" : "ipv4 addresses must be between 0 and 32"));
  const Bits mask = mask_of(static_cast<int>(*ones), ip.v6);
  return Ip{ip.v6, ip.address & mask, std::min(mask, ip.mask), 0};
}

Result<Ip> calculate_one(std::string_view operation, std::string_view value, const Ip& ip) {
  const std::string what = lower(operation);
  if (what == "mask") return masked(operation, value, ip);
  if (what != "address" && what != "network") return bad("unsupported math operation: " + quote(operation));
  LS_TRY(number, distance(operation, value, ip.v6));
  const Bits address = what == "network" ? in_network(ip, number) : ip.address + widened(number);
  return Ip{ip.v6, address & full(ip.v6), ip.mask, 0};
}

}  // namespace

Result<IfAddrs> calculate(std::string_view operation, std::string_view value, IfAddrs all) {
  for (IfAddr& address : all) {
    auto ip = calculate_one(operation, value, address.ip);
    if (!ip) return bad("unable to perform an IPMath operation on " + to_string(address) + ": " + ip.error().text);
    address.ip = *ip;
  }
  return all;
}

}  // namespace longshore::tmpl::sockaddr
