// Attributes of an address by name, as `attr` and `join` of sockaddr give them.
#pragma once
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/tmpl/sockaddr/interfaces.h"

namespace longshore::tmpl::sockaddr {

// flags name host address port netmask network mask_bits binary hex first_usable last_usable octets size broadcast
// uint32 uint128 string type, in any case.
Result<std::string> attribute(const IfAddr& address, std::string_view name);
std::string_view type_text(const Ip& ip);  // IPv4 or IPv6

}  // namespace longshore::tmpl::sockaddr
