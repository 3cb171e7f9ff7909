// sort of sockaddr.
#pragma once
#include <string_view>

#include "common/base/result.h"
#include "common/tmpl/sockaddr/interfaces.h"

namespace longshore::tmpl::sockaddr {

// "default,-size": address default name port private size type, each with + or - before it, in any case. What compares
// as equal keeps its order (the original promises that for up to 12 addresses).
Result<IfAddrs> sorted(std::string_view clauses, IfAddrs all, std::string_view default_interface);

}  // namespace longshore::tmpl::sockaddr
