// Asks a server which generation of its configuration answers.
#pragma once
#include <string>

#include "common/async/executor.h"
#include "common/base/result.h"

namespace longshore::render {

// Until a fresh connection to `address` (host:port) is answered with a body that holds `token`. timeout: not within
// `limit`, with what was answered instead.
async::Awaitable<Status> await_generation(std::string address, std::string token, base::Duration limit);
// Until so many connections in a row were: as long as older workers accept, one of them might take the next.
async::Awaitable<Status> await_only_generation(std::string address, std::string token, int in_a_row,
                                               base::Duration limit);

}  // namespace longshore::render
