// What /proc says of a process. Whoever acts on it holds a pidfd from before the look: numbers are used again.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "renderer/io/descriptor.h"

namespace longshore::render {

// The text of /proc/<pid>/<name>.
Result<std::string> proc_file(pid_t pid, const char* name);
// Its arguments, or the title that it gave itself, without padding; "" when it is gone or a kernel thread.
std::string process_title(pid_t pid);
// In clock ticks since the boot, out of the text of /proc/<pid>/stat.
std::optional<std::uint64_t> start_ticks(const std::string& stat);
std::optional<std::uint64_t> process_start(pid_t pid);
// Empty when it is gone, or the kernel does not tell.
std::vector<pid_t> child_processes(pid_t pid);
// Invalid when there is no such process; errno says why.
Descriptor open_process(pid_t pid);
// True when it was sent: the process still ran and may be signalled.
bool signal_process(const Descriptor& process, int signal_number);

}  // namespace longshore::render
