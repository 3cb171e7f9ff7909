#include "common/main/systemd.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#include "common/base/text.h"

namespace longshore::app {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

}  // namespace

Systemd Systemd::from_environment() {
  const std::string pid = variable("WATCHDOG_PID");
  base::Duration watchdog{};
  if (pid.empty() || pid == std::to_string(::getpid()))
    watchdog = std::chrono::microseconds(base::parse_uint(variable("WATCHDOG_USEC")).value_or(0) % 1000000000000ULL);
  return Systemd(variable("NOTIFY_SOCKET"), watchdog);
}

void Systemd::update(bool ready, const std::string& status) {
  std::string text;
  if ((ready && !ready_) || reloading_) text += "READY=1\n";
  ready_ = ready_ || ready;
  reloading_ = false;
  if (status != status_) text += "STATUS=" + status + "\n";
  status_ = status;
  if (watchdog_.count() > 0) text += "WATCHDOG=1\n";
  send(text);
}

base::Duration Systemd::pause() const {
  base::Duration pause = ready_ && !reloading_ ? std::chrono::milliseconds(1000) : std::chrono::milliseconds(100);
  if (watchdog_.count() > 0) pause = std::min(pause, watchdog_ / 3);
  return std::max<base::Duration>(pause, std::chrono::milliseconds(10));
}

void Systemd::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = static_cast<long long>(now.tv_sec) * 1000000 + now.tv_nsec / 1000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds) + "\n");
  reloading_ = true;
}

void Systemd::stopping() {
  send("STOPPING=1\n");
}

// Best effort: a manager that does not listen must not stop us.
void Systemd::send(std::string_view text) const {
  if (socket_.empty() || text.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  socklen_t size = offsetof(sockaddr_un, sun_path) + static_cast<socklen_t>(socket_.size());
  if (socket_[0] == '@')
    address.sun_path[0] = '\0';
  else
    ++size;
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  ::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
  ::close(fd);
}

}  // namespace longshore::app
