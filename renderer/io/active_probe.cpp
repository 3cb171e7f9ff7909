#include "renderer/io/active_probe.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include "common/async/deadline.h"
#include "common/net/stream_tls.h"
#include "renderer/io/as_tuple.h"

namespace longshore::render {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Kind = ProbeReply::Kind;
constexpr std::size_t kFirstBytes = 512;

// What one attempt holds; the deadline closes whatever there is.
struct Connection {
  explicit Connection(const async::Executor& executor) : resolver(executor), socket(executor) {}
  void close() {
    resolver.cancel();
    boost::system::error_code ignored;
    socket.close(ignored);
    if (stream) stream->close();
  }
  tcp::resolver resolver;
  tcp::socket socket;
  std::unique_ptr<net::Stream> stream;  // with TLS
};

async::Awaitable<Kind> connect(Connection& connection, std::string host, std::uint16_t port) {
  std::vector<tcp::endpoint> places;
  boost::system::error_code not_numeric;
  const auto address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) {
    places.emplace_back(address, port);
  } else {
    const std::string service = std::to_string(port);
    auto [error, found] = co_await connection.resolver.async_resolve(host, service, kTuple);
    if (error) co_return Kind::unreachable;
    for (const auto& place : found) places.push_back(place.endpoint());
  }
  Kind kind = Kind::unreachable;
  for (const tcp::endpoint& place : places) {
    boost::system::error_code ignored;
    connection.socket.close(ignored);
    auto [error] = co_await connection.socket.async_connect(place, kTuple);
    if (!error) co_return Kind::passed;
    if (error == asio::error::operation_aborted) co_return Kind::silent;
    kind = error == asio::error::connection_refused ? Kind::refused : Kind::unreachable;
  }
  co_return kind;
}

async::Awaitable<bool> send(Connection& connection, std::string request) {
  if (connection.stream) {
    const Status sent = co_await connection.stream->write_all(request);
    co_return sent.has_value();
  }
  const auto bytes = asio::buffer(request);
  auto [error, count] = co_await asio::async_write(connection.socket, bytes, kTuple);
  co_return !error;
}

// 0: the end, whatever kind of end.
async::Awaitable<std::size_t> receive(Connection& connection, std::span<char> into) {
  if (connection.stream) {
    const Result<std::size_t> count = co_await connection.stream->read_some(into);
    co_return count.value_or(0);
  }
  const auto buffer = asio::buffer(into.data(), into.size());
  auto [error, count] = co_await connection.socket.async_read_some(buffer, kTuple);
  co_return count;
}

async::Awaitable<ProbeReply> converse(Connection& connection, ProbeOrder order) {
  ProbeReply reply;
  reply.connected = true;
  reply.kind = Kind::closed;
  // A server that greets or refuses before it reads may close first: what it said still counts.
  std::string request = probe_request(order);
  co_await send(connection, std::move(request));
  std::string seen;
  char bytes[kFirstBytes];
  while (seen.size() < kFirstBytes) {
    const std::span<char> room(bytes);
    const std::size_t count = co_await receive(connection, room);
    if (count == 0) co_return reply;
    seen.append(bytes, count);
    if (auto judged = judge_answer(seen, order.mode, *order.spec)) co_return *judged;
  }
  reply.kind = Kind::wrong;
  co_return reply;
}

}  // namespace

std::string probe_request(const ProbeOrder& order) {
  const std::string place = net::join_host_port(order.address, order.port);
  const std::string& host = order.spec->host.empty() ? place : order.spec->host;
  return order.spec->method + " " + order.spec->path + " HTTP/1.1\r\nHost: " + host +
         "\r\nUser-Agent: longshore-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

std::optional<ProbeReply> judge_answer(std::string_view bytes, ProbeSpec::Mode mode, const ProbeSpec& spec) {
  ProbeReply reply;
  reply.connected = true;
  if (mode != ProbeSpec::Mode::http) {
    if (bytes.empty()) return std::nullopt;
    reply.kind = Kind::passed;
    return reply;
  }
  reply.kind = Kind::wrong;
  constexpr std::string_view kHttp = "HTTP/1.";
  if (!bytes.starts_with(kHttp.substr(0, bytes.size()))) return reply;
  // "HTTP/1.1 200"
  if (bytes.size() < 12) return std::nullopt;
  const std::string_view digits = bytes.substr(9, 3);
  if (bytes[8] != ' ' || digits.find_first_not_of("0123456789") != std::string_view::npos) return reply;
  reply.status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  if (reply.status >= spec.status_from && reply.status <= spec.status_to) reply.kind = Kind::passed;
  return reply;
}

async::Awaitable<ProbeReply> ActiveProber::ask(ProbeOrder order) {
  const async::Executor executor = co_await asio::this_coro::executor;
  const base::TimePoint started = async::now();
  Connection connection(executor);
  async::Deadline deadline(executor, order.timeout, [&connection] { connection.close(); });
  ProbeReply reply;
  reply.kind = co_await connect(connection, order.address, order.port);
  reply.connected = reply.kind == Kind::passed;
  const bool talks = reply.connected && order.mode != ProbeSpec::Mode::tcp;
  bool ready = true;
  if (talks && order.spec->tls) {
    net::TlsSettings settings;
    settings.verify = false;
    settings.server_name = order.spec->host;
    if (!tls_) tls_ = net::make_tls_context(settings).value_or(nullptr);
    net::Endpoint endpoint;
    endpoint.host = order.address;
    endpoint.port = order.port;
    endpoint.tls = true;
    auto stream = co_await net::handshake(std::move(connection.socket), endpoint, tls_, settings, order.timeout, false);
    ready = stream.has_value();
    if (ready)
      connection.stream = std::move(*stream);
    else
      reply.kind = stream.error().code == Errc::timeout ? Kind::silent : Kind::wrong;
  }
  if (talks && ready) reply = co_await converse(connection, order);
  if (deadline.expired() && reply.kind != Kind::passed) reply.kind = Kind::silent;
  reply.took = async::now() - started;
  co_return reply;
}

}  // namespace longshore::render
