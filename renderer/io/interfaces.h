// This machine's addresses and its default route, for the template function `sockaddr`.
#pragma once
#include <string_view>

#include "renderer/core/data.h"

namespace longshore::render {

// As the kernel has them now, in the order of its interfaces; takes about 10 us for each. What cannot be read is said
// in `problem`.
Interfaces read_interfaces();

// The interface of the first default route over a gateway, "" for none. `table`: the text of /proc/net/route, which has
// IPv4 only and is in the order of `ip route`.
std::string default_interface(std::string_view table);

}  // namespace longshore::render
