// The notes in KV that say: this entry goes on purpose. Key withdrawn/<node>/<service-id> below longshore/ or, with an
// environment E, below longshore/E/. Pure, but for wall_clock().
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/withhold.h"
#include "common/consul/model.h"

namespace longshore::agent {

// Ends with '/'.
std::string withdrawal_prefix(std::string_view env, std::string_view node);
std::string withdrawal_key(std::string_view env, std::string_view node, std::string_view service_id);
// The service ID in a key below `prefix`; nothing for the prefix itself and for other keys.
std::optional<std::string> withdrawn_id(std::string_view prefix, std::string_view key);
// What such a value says; fields that it does not have, or cannot be read, are "".
WithdrawalNote decode_withdrawal(std::string id, std::string_view value);
// {"version":1,"id":…,"service":…,"node":…,"address":…,"port":…,"container":…,"reason":…,"at":"RFC 3339"}
std::string withdrawal_value(const consul::Service& service, std::string_view node, std::string_view reason,
                             std::string_view at);

// Now, in UTC with milliseconds: "2024-01-01T00:00:00.000Z".
std::string wall_clock();

}  // namespace longshore::agent
