// The networks that go-sockaddr files under the number of an RFC.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "common/tmpl/sockaddr/ip.h"

namespace longshore::tmpl::sockaddr {

// No RFC: the networks whose addresses no router forwards.
inline constexpr std::uint64_t kNotForwarded = 4294967295;
// Private and special addresses.
inline constexpr std::uint64_t kSpecialPurpose = 6890;

// Nothing for a number that the original does not know.
std::optional<std::vector<Ip>> networks_of_rfc(std::uint64_t number);
bool any_contains(const std::vector<Ip>& networks, const Ip& ip);

}  // namespace longshore::tmpl::sockaddr
