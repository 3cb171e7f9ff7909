// math of sockaddr.
#pragma once
#include <string_view>

#include "common/base/result.h"
#include "common/tmpl/sockaddr/interfaces.h"

namespace longshore::tmpl::sockaddr {

// address +N or -N: counts on from the address, round the end of its type. network +N or -N: counts from the start or
// the end of the network and stays in it. mask N: the network of N bits that the address is in.
Result<IfAddrs> calculate(std::string_view operation, std::string_view value, IfAddrs all);

}  // namespace longshore::tmpl::sockaddr
