#include "renderer/io/pid_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <filesystem>

#include "common/base/text.h"
#include "renderer/io/descriptor.h"
#include "renderer/io/file_store.h"
#include "renderer/io/proc.h"

namespace longshore::render {
namespace {

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

Result<pid_t> read_pid_file(const std::string& path) {
  LS_TRY(text, RealFiles().read(path));
  const auto pid = base::parse_uint(base::trim(text));
  if (!pid || *pid < 2 || *pid > 4194304) return fail(Errc::invalid_input, path + " holds no pid");
  return static_cast<pid_t>(*pid);
}

Status signal_pid(pid_t number, const std::string& executable, int signal_number) {
  const Descriptor process = open_process(number);
  const std::string what = "process " + std::to_string(number);
  if (!process.valid()) {
    if (errno == ESRCH) return fail(Errc::not_found, what + " is not running");
    return fail(base::system_error(what, errno));
  }
  LS_TRY_STATUS(check_program(number, executable));
  if (!signal_process(process, signal_number)) return fail(base::system_error("signal " + what, errno));
  return {};
}

Status signal_pid_file(const PidFileTarget& target, int signal_number) {
  LS_TRY(number, read_pid_file(target.path));
  // From here on the descriptor means one process, whatever becomes of the number.
  const Descriptor process = open_process(number);
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
  if (!signal_process(process, signal_number))
    return fail(base::system_error("signal process " + std::to_string(number), errno));
  return {};
}

}  // namespace longshore::render
