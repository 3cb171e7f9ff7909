// drains/<node>/<target> in KV: requests to take something out of all load balancers. Documented for writers in
// common/README.md. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/messages.h"
#include "common/consul/model.h"

namespace longshore::agent {

// Ends with '/'.
std::string drain_prefix(std::string_view env, std::string_view node);

// Nothing for the prefix itself and for keys elsewhere. A value that is no object of a known version still asks for a
// drain: whoever wrote the key wanted something out.
std::optional<DrainRecord> decode_drain(std::string_view prefix, const consul::KvPair& pair);

}  // namespace longshore::agent
