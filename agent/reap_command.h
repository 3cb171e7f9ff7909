// Runs -reap-check: a command of the user's that knows better whether a host is gone, for instance by asking the cloud.
#pragma once
#include <string>
#include <vector>

#include "common/async/executor.h"
#include "common/base/duration.h"
#include "common/base/result.h"

namespace longshore::agent {

// /bin/sh -c `line` with our environment and `variables` ("NAME=value") on top, in a process group of its own; stdin is
// empty, what it prints goes to our stderr. Returns its exit code; 128 + n when signal n ended it. Errc::timeout after
// `limit`: the whole group is killed, as it is when the caller is cancelled.
async::Awaitable<Result<int>> run_reap_command(std::string line, std::vector<std::string> variables,
                                               base::Duration limit);

}  // namespace longshore::agent
