// A signal to the first process of a container, through Docker's API: no shell, no docker program.
#pragma once
#include <string>

#include "common/async/executor.h"
#include "common/base/result.h"

namespace longshore::render {

// host: as in DOCKER_HOST; "" = /var/run/docker.sock. not_found: no such container, or it does not run.
async::Awaitable<Status> signal_container(std::string host, std::string container, int signal_number);

}  // namespace longshore::render
