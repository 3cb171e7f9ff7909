#include "common/net/stream.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "common/net/socket.h"
#include "common/net/stream_tls.h"

namespace longshore::net {
namespace asio = boost::asio;

namespace {

template <class Socket>
class PlainStream final : public Stream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

  async::Awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const std::size_t count = co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), token);
    if (error == asio::error::eof) co_return std::size_t{0};
    if (error) co_return fail(socket_error("read", error));
    co_return count;
  }

  async::Awaitable<Status> write_all(std::string_view bytes) override {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await asio::async_write(socket_, asio::buffer(bytes), token);
    if (error) co_return fail(socket_error("write", error));
    co_return Status();
  }

  bool quiet() override { return socket_.is_open() && socket_quiet(socket_.native_handle(), false); }

  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
};

}  // namespace

async::Awaitable<Result<std::unique_ptr<Stream>>> connect_stream(Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                                                                 TlsSettings settings, PhaseTimeouts limits,
                                                                 bool offer_http2) {
  if (endpoint.kind == Endpoint::Kind::unix_socket) {
    auto socket = co_await connect_unix(endpoint, limits.connect);
    if (!socket) co_return fail(std::move(socket).error());
    co_return std::make_unique<PlainStream<asio::local::stream_protocol::socket>>(std::move(*socket));
  }
  auto socket = co_await connect_tcp(endpoint, limits.connect);
  if (!socket) co_return fail(std::move(socket).error());
  if (!endpoint.tls) co_return std::make_unique<PlainStream<asio::ip::tcp::socket>>(std::move(*socket));
  co_return co_await handshake(std::move(*socket), endpoint, std::move(tls), settings, limits.tls, offer_http2);
}

}  // namespace longshore::net
