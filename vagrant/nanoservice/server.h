// The demo service's event loop: one thread, epoll, a map of connections and their deadlines.
#pragma once
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "vagrant/nanoservice/config.h"
#include "vagrant/nanoservice/connection.h"

namespace longshore::nano {

// "nanoservice: TEXT" on stderr.
void say(std::string_view text);

class Server {
 public:
  // `signals` is a signalfd that reports TERM and INT (both blocked in this thread); not owned.
  Server(Config config, std::string host, int signals);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves until a signal has ended it. The exit code: 0 drained, or cut off after the grace (the log says how many),
  // 1 cannot listen, 143 told to die at once, or told twice.
  int run();

 private:
  struct Peer {
    std::unique_ptr<Connection> connection;
    std::uint32_t interest = 0;  // what epoll was told
    Clock::time_point timer;     // its key in timers_
  };

  bool listen();
  // False when a signal came first.
  bool wait_before_listening();
  void watch(int operation, int fd, std::uint32_t events);
  void accept_all(Clock::time_point now);
  void pause_accepting(Clock::time_point now);
  // Brings epoll and timers in line with the connection, or closes it.
  void settle(int fd, Clock::time_point now);
  void run_timers(Clock::time_point now);
  // Milliseconds for epoll_wait.
  int next_timeout(Clock::time_point now) const;
  // True when the process has to end at once.
  bool on_signal(Clock::time_point now);
  void drain(Clock::time_point now);

  Config config_;
  std::string host_;
  int signals_;
  int epoll_;
  int listener_ = -1;
  bool draining_ = false;
  Clock::time_point drain_until_;
  bool accept_paused_ = false;
  Clock::time_point accept_again_;  // valid while accept_paused_
  std::unordered_map<int, Peer> peers_;
  std::set<std::pair<Clock::time_point, int>> timers_;
};

}  // namespace longshore::nano
