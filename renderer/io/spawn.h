// Starts a program with nothing of ours but its environment and, if wanted, our stdin, stdout and stderr.
#pragma once
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "renderer/core/command.h"
#include "renderer/io/descriptor.h"

namespace longshore::render {

// `from` takes the place of `to`, which is there.
struct Mount {
  std::string from;
  std::string to;
};

struct SpawnRequest {
  const Command& command;  // a line for the shell: sh -c; otherwise run directly, found on PATH
  const std::map<std::string, std::string, std::less<>>& environment;
  // true: stdin, stdout and stderr are ours. false: stdin is /dev/null and what it writes can be read.
  bool inherit = false;
  bool errors_apart = false;  // not with inherit: stderr has a pipe of its own
  bool own_group = true;      // a process group of its own, whose number is its pid
};

struct Spawned {
  pid_t pid = -1;
  Descriptor pidfd;
  Descriptor errors;  // of its stderr, when apart
  Descriptor output;  // reading end of its stdout and stderr; invalid when inherited
};

Result<Spawned> spawn(const SpawnRequest& request);

}  // namespace longshore::render
