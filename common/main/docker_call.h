// The few writing calls that operator verbs make to Docker. Each is one request on a connection of its own.
#pragma once
#include <string>

#include "common/docker/client.h"

namespace longshore::app {

// POST <target>; 304 (it is so already) is a success. not_found, rejected and server_error carry Docker's own words.
async::Awaitable<Status> docker_post(docker::ClientSettings engine, std::string target, base::Duration limit);

// What Docker says in the body of a refusal, else the start of that body.
std::string message_of(const std::string& body);

}  // namespace longshore::app
