// What a service manager wants to hear, as datagrams on the socket that it named. Source: sd_notify(3).
#pragma once
#include <string>
#include <string_view>

#include "common/base/duration.h"

namespace longshore::app {

class Systemd {
 public:
  // `socket`: a path, or '@' and an abstract name; "" = nobody listens. watchdog: 0 = none.
  Systemd(std::string socket, base::Duration watchdog) : socket_(std::move(socket)), watchdog_(watchdog) {}
  // NOTIFY_SOCKET; WATCHDOG_USEC, if WATCHDOG_PID is us or absent.
  static Systemd from_environment();

  bool wanted() const { return !socket_.empty(); }
  // To be called again after pause(): READY=1 once when ready, STATUS when it changes, WATCHDOG=1.
  void update(bool ready, const std::string& status);
  base::Duration pause() const;
  // The next update ends it.
  void reloading();
  void stopping();

 private:
  void send(std::string_view text) const;

  std::string socket_;
  base::Duration watchdog_;
  bool ready_ = false;
  bool reloading_ = false;
  std::string status_;
};

}  // namespace longshore::app
