#include "renderer/io/pid_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <optional>

#include "common/base/text.h"
#include "renderer/io/descriptor.h"
#include "renderer/io/file_store.h"

namespace longshore::render {
namespace {

// /proc files have no size: RealFiles::read copes with that.
Result<std::string> proc_file(pid_t pid, const char* name) {
  return RealFiles().read("/proc/" + std::to_string(pid) + "/" + name);
}

// Field 22 of /proc/<pid>/stat, in clock ticks since the boot; the name before it may hold anything but ends with ')'.
std::optional<std::uint64_t> start_ticks(const std::string& stat) {
  const std::size_t end = stat.rfind(')');
  if (end == std::string::npos || end + 2 > stat.size()) return std::nullopt;
  const std::vector<std::string> fields = base::split(std::string_view(stat).substr(end + 2), ' ');
  return fields.size() > 19 ? base::parse_uint(fields[19]) : std::nullopt;
}

// Seconds since the epoch at which the process started; clock and boot time make it exact to about a second.
Result<double> started_at(pid_t pid) {
  LS_TRY(stat, proc_file(pid, "stat"));
  const auto ticks = start_ticks(stat);
  if (!ticks) return fail(Errc::io, "cannot read the start time of process " + std::to_string(pid));
  timespec wall{}, boot{};
  ::clock_gettime(CLOCK_REALTIME, &wall);
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  const double up = static_cast<double>(boot.tv_sec) + static_cast<double>(boot.tv_nsec) * 1e-9;
  const double since_boot = static_cast<double>(*ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return static_cast<double>(wall.tv_sec) + static_cast<double>(wall.tv_nsec) * 1e-9 - up + since_boot;
}

Status check_program(pid_t pid, const std::string& expected) {
  if (expected.empty()) return {};
  std::error_code error;
  const std::string link = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", error).string();
  std::string found = std::filesystem::path(link).filename().string();
  // After an upgrade of the package the running program has no file any more.
  if (found.ends_with(" (deleted)")) found.resize(found.size() - 10);
  if (!error && found == expected) return {};
  LS_TRY(comm, proc_file(pid, "comm"));
  if (base::trim(comm) == expected) return {};
  return fail(Errc::rejected, "process " + std::to_string(pid) + " is " +
                                  (found.empty() ? std::string(base::trim(comm)) : found) + ", not " + expected);
}

}  // namespace

Status signal_pid_file(const PidFileTarget& target, int signal_number) {
  LS_TRY(text, RealFiles().read(target.path));
  const auto pid = base::parse_uint(base::trim(text));
  if (!pid || *pid < 2 || *pid > 4194304) return fail(Errc::invalid_input, target.path + " holds no pid");
  const auto number = static_cast<pid_t>(*pid);
  // From here on the descriptor means one process, whatever becomes of the number.
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, number, 0)));
  if (!process.valid()) {
    const std::string what = "process " + std::to_string(number) + " of " + target.path;
    if (errno == ESRCH) return fail(Errc::not_found, what + " is not running");
    return fail(base::system_error(what, errno));
  }
  LS_TRY_STATUS(check_program(number, target.executable));
  LS_TRY(started, started_at(number));
  struct stat file {};
  if (::stat(target.path.c_str(), &file) != 0) return fail(base::system_error(target.path, errno));
  // Two seconds for the clocks' grain.
  if (started > static_cast<double>(file.st_mtim.tv_sec) + 2)
    return fail(Errc::rejected, "process " + std::to_string(number) + " is younger than " + target.path +
                                    ": the number was used again");
  // It fails if the process of the descriptor has ended; then what was read above may be of another one.
  if (::syscall(SYS_pidfd_send_signal, process.get(), signal_number, nullptr, 0) != 0)
    return fail(base::system_error("signal process " + std::to_string(number), errno));
  return {};
}

}  // namespace longshore::render
