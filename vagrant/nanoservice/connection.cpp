#include "vagrant/nanoservice/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace longshore::nano {
namespace {

constexpr std::size_t kMaxUnread = 256 * 1024;  // answers that a pipelining peer does not read
constexpr std::size_t kReadSize = 64 * 1024;

}  // namespace

Connection::Connection(int fd, Clock::time_point now) : fd_(fd), deadline_(now + kIdle) {}

Connection::~Connection() {
  // Unread input at close() makes the kernel send a reset, which can overtake the answer: take it first.
  std::array<char, 4096> rest;
  ::shutdown(fd_, SHUT_WR);
  for (int i = 0; i < 16 && ::recv(fd_, rest.data(), rest.size(), MSG_DONTWAIT) > 0; ++i) {
  }
  ::close(fd_);
}

void Connection::on_events(std::uint32_t events, const Config& config, const std::string& host, Clock::time_point now) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) broken_ = true;
  if ((events & EPOLLIN) != 0) read_some();
  if (!delayed_) deadline_ = now + kIdle;
  work(config, host, now);
}

void Connection::on_deadline(const Config& config, const std::string& host, Clock::time_point now) {
  if (!delayed_) {
    broken_ = true;
    return;
  }
  const Delayed due = *std::exchange(delayed_, std::nullopt);
  put(due.answer, due.head_only, due.close || draining_);
  deadline_ = now + kIdle;
  work(config, host, now);
}

void Connection::drain(const Config& config, const std::string& host, Clock::time_point now) {
  draining_ = true;
  if (!delayed_ && !last_) read_some();
  work(config, host, now);
  if (!served_ && between_requests()) deadline_ = now + kFirstRequest;
}

void Connection::work(const Config& config, const std::string& host, Clock::time_point now) {
  bool more = true;
  while (more && !broken_) {
    more = process(config, host, now);
    write_some();
    if (!out_.empty()) return;
  }
}

bool Connection::finished() const {
  const bool idle = out_.empty() && !delayed_;
  return broken_ || (idle && (last_ || (draining_ && served_ && between_requests())));
}

std::uint32_t Connection::wanted_events() const {
  // A peer is not read while an answer is due to it: its next requests wait in the kernel.
  std::uint32_t wanted = 0;
  if (!delayed_ && !last_ && out_.size() < kMaxUnread) wanted |= EPOLLIN;
  if (!out_.empty()) wanted |= EPOLLOUT;
  return wanted;
}

void Connection::read_some() {
  std::array<char, kReadSize> buffer;
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (got > 0) {
    in_.append(buffer.data(), static_cast<std::size_t>(got));
  } else if (got == 0) {
    // A peer that has ended its sending side still gets the answers to what it sent.
    last_ = true;
  } else if (errno != EAGAIN && errno != EINTR) {
    broken_ = true;
  }
}

bool Connection::process(const Config& config, const std::string& host, Clock::time_point now) {
  // One request at a time: a delayed answer holds back the pipelined ones behind it.
  while (!delayed_ && !in_.empty()) {
    if (out_.size() >= kMaxUnread) return true;
    const auto state = reader_.advance(in_);
    const Request& request = reader_.request();
    if (state == RequestReader::State::bad) {
      put(answer_to_bad(reader_.bad_status()), false, true);
      return false;
    }
    if (state != RequestReader::State::complete) {
      if (state == RequestReader::State::body && request.expect_continue && !continue_sent_) {
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        continue_sent_ = true;
      }
      return false;
    }
    served_ = true;
    Answer answer = answer_to(request, config, host);
    const bool head_only = request.method == "HEAD";
    const bool close = draining_ || !request.keep_alive;
    reader_.reset();
    continue_sent_ = false;
    if (answer.delay.count() > 0) {
      deadline_ = now + answer.delay;
      delayed_ = Delayed{std::move(answer), head_only, close};
    } else {
      put(answer, head_only, close);
    }
  }
  return false;
}

void Connection::put(const Answer& answer, bool head_only, bool close) {
  out_ += serialize(answer, head_only, close);
  if (!close) return;
  last_ = true;
  in_.clear();
}

void Connection::write_some() {
  while (!out_.empty() && !broken_) {
    const ssize_t sent = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      out_.erase(0, static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      broken_ = true;
    }
  }
}

}  // namespace longshore::nano
