#include "renderer/io/proc.h"

#include <sys/syscall.h>

#include "common/base/text.h"
#include "renderer/io/file_store.h"

namespace longshore::render {

// /proc files have no size: RealFiles::read copes with that.
Result<std::string> proc_file(pid_t pid, const char* name) {
  return RealFiles().read("/proc/" + std::to_string(pid) + "/" + name);
}

std::string process_title(pid_t pid) {
  std::string text = proc_file(pid, "cmdline").value_or("");
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.pop_back();
  for (char& c : text)
    if (c == '\0') c = ' ';
  return text;
}

// Field 22; the name before it may hold anything but ends with ')'.
std::optional<std::uint64_t> start_ticks(const std::string& stat) {
  const std::size_t end = stat.rfind(')');
  if (end == std::string::npos || end + 2 > stat.size()) return std::nullopt;
  const std::vector<std::string> fields = base::split(std::string_view(stat).substr(end + 2), ' ');
  return fields.size() > 19 ? base::parse_uint(fields[19]) : std::nullopt;
}

std::optional<std::uint64_t> process_start(pid_t pid) {
  const auto stat = proc_file(pid, "stat");
  return stat ? start_ticks(*stat) : std::nullopt;
}

std::vector<pid_t> child_processes(pid_t pid) {
  std::vector<pid_t> out;
  const std::string name = "task/" + std::to_string(pid) + "/children";
  const auto text = proc_file(pid, name.c_str());
  if (!text) return out;
  for (const std::string& word : base::split(*text, ' '))
    if (const auto number = base::parse_uint(base::trim(word))) out.push_back(static_cast<pid_t>(*number));
  return out;
}

Descriptor open_process(pid_t pid) {
  return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

bool signal_process(const Descriptor& process, int signal_number) {
  return ::syscall(SYS_pidfd_send_signal, process.get(), signal_number, nullptr, 0) == 0;
}

}  // namespace longshore::render
