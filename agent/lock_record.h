// What the holder of an owner's key says of itself, and whether it can still be alive.
#pragma once
#include <string>
#include <string_view>

namespace longshore::agent {

// Key agents/<node>/<owner_key()> below longshore/ or longshore/<env>/; the prefix ends with '/'.
std::string lock_prefix(std::string_view env, std::string_view node);

struct Process {
  std::string host;          // for people
  std::string machine;       // hash of the machine's id, "" = none
  std::string boot;          // the kernel's boot id
  std::string namespace_id;  // of pids
  long pid = 0;
  std::string started;     // clock ticks since boot; with the pid it names one process
  std::string state_lock;  // StateLock::name(), "" = it has none
  bool operator==(const Process&) const = default;
};

// This process, from /proc.
Process this_process();
// {"version":1,"owner":…,"host":…,"pid":…,…}
std::string lock_value(const Process& process, std::string_view owner);
// "host pid 7": for logs and status; the text itself when it is not ours.
std::string holder_text(std::string_view value);
// Is it this very process that wrote it?
bool is_written_by(std::string_view value, const Process& self);
// Certain only for processes that this one could see (of the same boot and pid namespace and not in /proc any more),
// for those of the same machine before it booted anew, and for those whose lock of the state directory is ours now.
bool provably_dead(std::string_view value, const Process& self);

}  // namespace longshore::agent
