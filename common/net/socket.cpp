#include "common/net/socket.h"

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <vector>

#include "common/base/text.h"
#include "common/net/socket_permission.h"

namespace longshore::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Addresses and "localhost" need no resolver, which in Asio is a thread of its own.
std::vector<tcp::endpoint> literal_endpoints(const Endpoint& endpoint) {
  if (base::equal_ignore_case_ascii(endpoint.host, "localhost"))
    return {tcp::endpoint(asio::ip::address_v4::loopback(), endpoint.port),
            tcp::endpoint(asio::ip::address_v6::loopback(), endpoint.port)};
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(endpoint.host, error);
  if (error) return {};
  return {tcp::endpoint(address, endpoint.port)};
}

Error unix_error(const std::string& what, const std::string& path, const boost::system::error_code& error) {
  Error told = socket_error(what, error);
  if (error != asio::error::access_denied) return told;
  const std::string hint = permission_hint(path);
  if (!hint.empty()) told.text += "; " + hint;
  return told;
}

}  // namespace

Error socket_error(std::string_view what, const boost::system::error_code& error) {
  if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor)
    return Error{Errc::cancelled, std::string(what) + ": cancelled"};
  return Error{Errc::unreachable, std::string(what) + ": " + error.message()};
}

bool socket_quiet(int descriptor, bool pending_ok) {
  char byte = 0;
  const ssize_t count = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
  return count > 0 && pending_ok;
}

async::Awaitable<Result<tcp::socket>> connect_tcp(Endpoint endpoint, base::Duration limit) {
  const async::Executor executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  tcp::socket socket(executor);
  async::Deadline deadline(executor, limit, [&] {
    resolver.cancel();
    boost::system::error_code ignored;
    socket.close(ignored);
  });
  const std::string what = "connect to " + to_string(endpoint);
  const auto timed_out = [&] {
    return fail(Errc::timeout, what + ": no connection within " + base::format_duration(limit));
  };
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  std::vector<tcp::endpoint> candidates = literal_endpoints(endpoint);
  if (candidates.empty()) {
    const std::string port = std::to_string(endpoint.port);
    const tcp::resolver::results_type found = co_await resolver.async_resolve(endpoint.host, port, token);
    if (deadline.expired()) co_return timed_out();
    if (error) co_return fail(socket_error("look up " + endpoint.host, error));
    for (const auto& entry : found) candidates.push_back(entry.endpoint());
  }
  for (const tcp::endpoint& candidate : candidates) {
    boost::system::error_code ignored;
    socket.close(ignored);
    co_await socket.async_connect(candidate, token);
    if (deadline.expired()) co_return timed_out();
    if (!error || error == asio::error::operation_aborted) break;
  }
  if (error) co_return fail(socket_error(what, error));
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  co_return std::move(socket);
}

async::Awaitable<Result<asio::local::stream_protocol::socket>> connect_unix(Endpoint endpoint, base::Duration limit) {
  using Unix = asio::local::stream_protocol;
  const async::Executor executor = co_await asio::this_coro::executor;
  const std::string what = "connect to " + to_string(endpoint);
  constexpr std::size_t kLongestPath = 107;  // sun_path
  if (endpoint.path.size() > kLongestPath) co_return fail(Errc::invalid_input, what + ": path too long");
  Unix::socket socket(executor);
  async::Deadline deadline(executor, limit, [&] {
    boost::system::error_code ignored;
    socket.close(ignored);
  });
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const Unix::endpoint address(endpoint.path);
  co_await socket.async_connect(address, token);
  if (deadline.expired())
    co_return fail(Errc::timeout, what + ": no connection within " + base::format_duration(limit));
  if (error) co_return fail(unix_error(what, endpoint.path, error));
  co_return std::move(socket);
}

}  // namespace longshore::net
