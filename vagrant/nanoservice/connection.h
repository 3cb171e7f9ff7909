// One client connection of the demo service: bytes in, answers out. Knows its socket, but neither epoll nor timers.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "vagrant/nanoservice/answer.h"
#include "vagrant/nanoservice/config.h"
#include "vagrant/nanoservice/request_reader.h"

namespace longshore::nano {

using Clock = std::chrono::steady_clock;

// A peer that says nothing, or never ends its request, is closed after this.
inline constexpr std::chrono::seconds kIdle{75};
// While draining: how long a connection that has not sent anything yet may take to send its first request.
inline constexpr std::chrono::seconds kFirstRequest{1};

class Connection {
 public:
  // Owns `fd`, which is non-blocking.
  Connection(int fd, Clock::time_point now);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What epoll reported: reads, answers what is complete, writes.
  void on_events(std::uint32_t events, const Config& config, const std::string& host, Clock::time_point now);
  // The deadline is over: the delayed answer is sent, or the idle peer is given up.
  void on_deadline(const Config& config, const std::string& host, Clock::time_point now);
  // From here on every answer says "Connection: close". Reads what has arrived already, so that it gets its answer.
  void drain(const Config& config, const std::string& host, Clock::time_point now);

  bool finished() const;
  std::uint32_t wanted_events() const;
  Clock::time_point deadline() const { return deadline_; }

 private:
  void work(const Config& config, const std::string& host, Clock::time_point now);
  void read_some();
  // True when it stopped because too many answers are unread.
  bool process(const Config& config, const std::string& host, Clock::time_point now);
  void write_some();
  void put(const Answer& answer, bool head_only, bool close);
  bool between_requests() const { return in_.empty() && reader_.state() == RequestReader::State::head; }

  struct Delayed {
    Answer answer;
    bool head_only = false;
    bool close = false;
  };

  int fd_;
  RequestReader reader_;
  std::string in_;
  std::string out_;
  std::optional<Delayed> delayed_;
  Clock::time_point deadline_;
  bool last_ = false;    // nothing more is read; closed once `out_` is sent
  bool broken_ = false;  // the peer is gone, or took too long
  bool draining_ = false;
  bool served_ = false;         // has had a request
  bool continue_sent_ = false;  // "100 Continue" for the current request
};

}  // namespace longshore::nano
