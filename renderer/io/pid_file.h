// Signals to a process that a pid file names, only after it is certain that the file means this process.
#pragma once
#include <sys/types.h>

#include <string>

#include "common/base/result.h"

namespace longshore::render {

struct PidFileTarget {
  std::string path;
  std::string executable;  // base name of /proc/<pid>/exe or its comm; "" = any
};

// Errors: not_found (no file), invalid_input (not a pid), io.
Result<pid_t> read_pid_file(const std::string& path);
// The same of a process by its number, without a file that tells when it was started.
Status signal_pid(pid_t number, const std::string& executable, int signal_number);
// Errors: not_found (no file, or nobody with that pid: not running), invalid_input (not a pid), rejected (it is
// another program, or one that was started after the file was written: the pid was used again), io.
Status signal_pid_file(const PidFileTarget& target, int signal_number);

}  // namespace longshore::render
