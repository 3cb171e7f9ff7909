#include "vagrant/nanoservice/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

namespace longshore::nano {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAcceptPause{100};  // after running out of descriptors

// IPv6 "any" without IPV6_V6ONLY takes both families.
bool bind_any(int fd, int family, std::uint16_t port) {
  const int one = 1;
  const int zero = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (family == AF_INET6) {
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    any.sin6_port = htons(port);
    return ::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
  }
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(port);
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
}

}  // namespace

void say(std::string_view text) {
  const std::string line = "nanoservice: " + std::string(text) + "\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

Server::Server(Config config, std::string host, int signals)
    : config_(std::move(config)), host_(std::move(host)), signals_(signals), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Server::~Server() {
  if (listener_ >= 0) ::close(listener_);
  if (epoll_ >= 0) ::close(epoll_);
}

bool Server::listen() {
  for (const int family : {AF_INET6, AF_INET}) {
    listener_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener_ < 0) continue;
    if (bind_any(listener_, family, config_.port) && ::listen(listener_, SOMAXCONN) == 0) return true;
    const int reason = errno;
    ::close(std::exchange(listener_, -1));
    errno = reason;
  }
  say("cannot listen on port " + std::to_string(config_.port) + ": " + std::strerror(errno));
  return false;
}

bool Server::wait_before_listening() {
  if (config_.listen_delay.count() == 0) return true;
  say("listens in " + std::to_string(config_.listen_delay.count()) + " ms");
  pollfd wanted{signals_, POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(config_.listen_delay.count())) <= 0;
}

int Server::run() {
  if (!wait_before_listening()) {
    say("stop before listening");
    return config_.die_at_once ? 143 : 0;
  }
  if (epoll_ < 0 || !listen()) return 1;
  watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
  watch(EPOLL_CTL_ADD, signals_, EPOLLIN);
  say("start port=" + std::to_string(config_.port) + " host=" + host_ + " version=" + config_.version +
      " color=" + config_.color);
  std::array<epoll_event, 256> events{};
  while (!draining_ || !peers_.empty()) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), next_timeout(Clock::now()));
    const auto now = Clock::now();
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      const int fd = event.data.fd;
      if (fd == signals_) {
        if (on_signal(now)) return 143;
      } else if (fd == listener_) {
        accept_all(now);
      } else if (const auto found = peers_.find(fd); found != peers_.end()) {
        found->second.connection->on_events(event.events, config_, host_, now);
        settle(fd, now);
      }
    }
    run_timers(now);
    if (draining_ && now >= drain_until_) break;
  }
  say("stop unfinished=" + std::to_string(peers_.size()));
  return 0;
}

void Server::watch(int operation, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  ::epoll_ctl(epoll_, operation, fd, &event);
}

void Server::accept_all(Clock::time_point now) {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause_accepting(now);
      return;
    }
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    Peer& peer = peers_[fd];
    peer.connection = std::make_unique<Connection>(fd, now);
    peer.interest = peer.connection->wanted_events();
    peer.timer = peer.connection->deadline();
    timers_.emplace(peer.timer, fd);
    watch(EPOLL_CTL_ADD, fd, peer.interest);
  }
}

// The listener stays readable while descriptors are short: without a pause the loop would spin.
void Server::pause_accepting(Clock::time_point now) {
  accept_paused_ = true;
  accept_again_ = now + kAcceptPause;
  watch(EPOLL_CTL_MOD, listener_, 0);
}

void Server::settle(int fd, Clock::time_point now) {
  Peer& peer = peers_.at(fd);
  timers_.erase({peer.timer, fd});
  if (peer.connection->finished()) {
    peers_.erase(fd);
    if (accept_paused_) accept_again_ = now;
    return;
  }
  peer.timer = peer.connection->deadline();
  timers_.emplace(peer.timer, fd);
  const std::uint32_t wanted = peer.connection->wanted_events();
  if (wanted == peer.interest) return;
  peer.interest = wanted;
  watch(EPOLL_CTL_MOD, fd, wanted);
}

void Server::run_timers(Clock::time_point now) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const int fd = timers_.begin()->second;
    peers_.at(fd).connection->on_deadline(config_, host_, now);
    settle(fd, now);
  }
  if (accept_paused_ && now >= accept_again_ && !draining_) {
    accept_paused_ = false;
    watch(EPOLL_CTL_MOD, listener_, EPOLLIN);
  }
}

int Server::next_timeout(Clock::time_point now) const {
  auto first = now + std::chrono::hours(1);
  if (!timers_.empty()) first = std::min(first, timers_.begin()->first);
  if (draining_) first = std::min(first, drain_until_);
  if (accept_paused_ && !draining_) first = std::min(first, accept_again_);
  // Rounded up: rounded down the loop would spin during the last millisecond.
  return static_cast<int>(std::max<std::int64_t>(0, std::chrono::ceil<milliseconds>(first - now).count()));
}

bool Server::on_signal(Clock::time_point now) {
  signalfd_siginfo info{};
  if (::read(signals_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return false;
  const std::string name = info.ssi_signo == SIGINT ? "INT" : "TERM";
  if (config_.die_at_once || draining_) {
    say("signal " + name + ": dying at once, unfinished=" + std::to_string(peers_.size()));
    return true;
  }
  say("signal " + name + ": draining connections=" + std::to_string(peers_.size()));
  drain(now);
  return false;
}

void Server::drain(Clock::time_point now) {
  draining_ = true;
  drain_until_ = now + config_.grace;
  // Whoever the kernel has let in already is served too: closing the listener would reset them.
  accept_all(now);
  ::close(std::exchange(listener_, -1));
  std::vector<int> all;
  for (const auto& [fd, peer] : peers_) all.push_back(fd);
  for (const int fd : all) {
    peers_.at(fd).connection->drain(config_, host_, now);
    settle(fd, now);
  }
}

}  // namespace longshore::nano
