// TLS over a connected socket; the only file pair that knows OpenSSL.
#pragma once
#include <boost/asio/ip/tcp.hpp>

#include "common/net/stream.h"

namespace longshore::net {

async::Awaitable<Result<std::unique_ptr<Stream>>> handshake(boost::asio::ip::tcp::socket socket, Endpoint endpoint,
                                                            std::shared_ptr<TlsContext> context, TlsSettings settings,
                                                            base::Duration limit, bool offer_http2);

// The server's side.
async::Awaitable<Result<std::unique_ptr<Stream>>> accept_tls(boost::asio::ip::tcp::socket socket,
                                                             std::shared_ptr<TlsContext> context, base::Duration limit);

}  // namespace longshore::net
