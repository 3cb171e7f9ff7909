// Starts a command in a process group of its own, with nothing of ours but its environment and, at most, its output.
#pragma once
#include <sys/types.h>

#include <map>
#include <string>

#include "common/base/result.h"
#include "renderer/io/descriptor.h"

namespace longshore::render {

struct Spawned {
  pid_t pid = -1;  // also the process group
  Descriptor pidfd;
  Descriptor output;  // reading end of its stdout and stderr; invalid when inherited
};

// The rule of consul-template: with white space `sh -c`, one word directly (found on PATH). stdin is /dev/null.
Result<Spawned> spawn(const std::string& command, const std::map<std::string, std::string, std::less<>>& environment,
                      bool inherit_output);

}  // namespace longshore::render
