#include "common/net/stream.h"

#include "common/net/stream_plain.h"
#include "common/net/stream_tls.h"

namespace longshore::net {
namespace asio = boost::asio;

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
