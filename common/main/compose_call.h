// A Compose file for `deploy`: read, and turned into what is done for each of its services.
#pragma once
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/deploy/compose.h"
#include "common/main/invocation.h"

namespace longshore::app {

// The file, and a rancher-compose.yml beside it if there is one. Variables are those of the caller. Errors name file
// and place.
Result<std::vector<deploy::ComposeService>> compose_services(const std::string& path, const Invocation& invocation);

}  // namespace longshore::app
