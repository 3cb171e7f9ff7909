// Random UUIDs for nodes and sessions: names, not secrets.
#pragma once
#include <string>

#include "common/policy/random.h"

namespace longshore::registry {

std::string make_uuid(policy::Random& random);

}  // namespace longshore::registry
