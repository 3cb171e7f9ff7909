#include "common/net/listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "common/async/executor.h"
#include "common/net/server_connection.h"
#include "common/net/stream_plain.h"
#include "common/net/stream_tls.h"

namespace longshore::net {
namespace {

using Protocol = boost::asio::local::stream_protocol;
using Tcp = boost::asio::ip::tcp;

constexpr base::Duration kHandshakeLimit = std::chrono::seconds(10);
// Out of descriptors or memory: the waiting clients stay in the backlog.
constexpr base::Duration kNoRoom = std::chrono::milliseconds(50);

std::string reason(int code) {
  return std::system_category().message(code);
}

// Does somebody listen there?
bool answers(const std::string& path) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (path.size() >= sizeof where.sun_path) return false;
  std::memcpy(where.sun_path, path.c_str(), path.size() + 1);
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return false;
  // EAGAIN: its backlog is full.
  const bool taken = ::connect(probe, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 || errno == EAGAIN;
  ::close(probe);
  return taken;
}

Status make_room(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) return fail(Errc::io, "listen on " + path + ": there is a file that is no socket");
  if (answers(path)) return fail(Errc::io, "listen on " + path + ": another process listens there");
  if (::unlink(path.c_str()) != 0) return fail(Errc::io, "listen on " + path + ": " + reason(errno));
  return {};
}

async::Awaitable<void> accept_loop(std::shared_ptr<Protocol::acceptor> acceptor, async::TaskGroup& tasks,
                                   Listener::OnConnect on_connect) {
  for (;;) {
    boost::system::error_code error;
    Protocol::socket socket = co_await accept_one(*acceptor, error);
    if (!acceptor->is_open()) co_return;
    if (error) {
      co_await async::sleep_for(kNoRoom);
      continue;
    }
    auto stream = std::make_unique<PlainStream<Protocol::socket>>(std::move(socket));
    tasks.spawn("connection", on_connect(std::move(stream)));
  }
}

async::Awaitable<void> greet(Tcp::socket socket, std::shared_ptr<TlsContext> tls, Listener::OnConnect on_connect) {
  auto stream = co_await accept_tls(std::move(socket), std::move(tls), kHandshakeLimit);
  if (!stream) co_return;
  co_await on_connect(std::move(*stream));
}

async::Awaitable<void> accept_tls_loop(std::shared_ptr<Tcp::acceptor> acceptor, std::shared_ptr<TlsContext> tls,
                                       async::TaskGroup& tasks, Listener::OnConnect on_connect) {
  for (;;) {
    boost::system::error_code error;
    Tcp::socket socket = co_await accept_one(*acceptor, error);
    if (!acceptor->is_open()) co_return;
    if (error) {
      co_await async::sleep_for(kNoRoom);
      continue;
    }
    tasks.spawn("connection", greet(std::move(socket), tls, on_connect));
  }
}

}  // namespace

Status Listener::listen(const SocketFile& file, async::TaskGroup& tasks, OnConnect on_connect) {
  const auto refused = [&](const std::string& why) { return fail(Errc::io, "listen on " + file.path + ": " + why); };
  if (file.path.size() >= sizeof(sockaddr_un::sun_path)) return refused("the path is too long for a socket");
  LS_TRY_STATUS(make_room(file.path));
  auto acceptor = std::make_shared<Protocol::acceptor>(executor_);
  boost::system::error_code error;
  acceptor->open(Protocol(), error);
  if (error) return refused(error.message());
  const mode_t before = ::umask(0177);
  acceptor->bind(Protocol::endpoint(file.path), error);
  ::umask(before);
  if (error) return refused(error.message());
  // Until listen() nobody can connect.
  if (file.group && ::chown(file.path.c_str(), static_cast<uid_t>(-1), *file.group) != 0) return refused(reason(errno));
  if (::chmod(file.path.c_str(), file.mode) != 0) return refused(reason(errno));
  acceptor->listen(boost::asio::socket_base::max_listen_connections, error);
  if (error) return refused(error.message());
  close_ = [acceptor, path = file.path] {
    boost::system::error_code ignored;
    acceptor->close(ignored);
    ::unlink(path.c_str());
  };
  tasks.spawn("accept", accept_loop(acceptor, tasks, std::move(on_connect)));
  return {};
}

Status Listener::listen_tls(const Endpoint& where, std::shared_ptr<TlsContext> tls, async::TaskGroup& tasks,
                            OnConnect on_connect) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(where.host, error);
  if (error) return fail(Errc::invalid_input, "listen on " + to_string(where) + ": not an address");
  const Tcp::endpoint place(address, where.port);
  auto acceptor = std::make_shared<Tcp::acceptor>(executor_);
  acceptor->open(place.protocol(), error);
  if (!error) acceptor->set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(place, error);
  if (!error) acceptor->listen(boost::asio::socket_base::max_listen_connections, error);
  if (error) return fail(Errc::io, "listen on " + to_string(where) + ": " + error.message());
  close_ = [acceptor] {
    boost::system::error_code ignored;
    acceptor->close(ignored);
  };
  tasks.spawn("accept", accept_tls_loop(acceptor, std::move(tls), tasks, std::move(on_connect)));
  return {};
}

void Listener::stop() {
  if (close_) std::exchange(close_, nullptr)();
}

}  // namespace longshore::net
