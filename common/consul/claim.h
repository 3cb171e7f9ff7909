// Whose a host name is: the value of longshore/claims/<host>. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace longshore::consul {

// {"version":1,"service":"shop"}, or the bare name. Nothing: the value names no service.
std::optional<std::string> claimant_of(std::string_view value);

}  // namespace longshore::consul
