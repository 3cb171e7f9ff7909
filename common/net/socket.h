// Shared by the stream files: connecting a socket with a limit, error mapping, liveness of an idle socket.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <string>

#include "common/async/deadline.h"
#include "common/async/executor.h"
#include "common/net/endpoint.h"

namespace longshore::net {

// aborted -> cancelled, the rest -> unreachable; "what: reason".
Error socket_error(std::string_view what, const boost::system::error_code& error);

// Nothing to read: neither closed nor data. With pending_ok, unread data is no objection (TLS session tickets).
bool socket_quiet(int descriptor, bool pending_ok);

async::Awaitable<Result<boost::asio::ip::tcp::socket>> connect_tcp(Endpoint endpoint, base::Duration limit);
async::Awaitable<Result<boost::asio::local::stream_protocol::socket>> connect_unix(Endpoint endpoint,
                                                                                   base::Duration limit);

}  // namespace longshore::net
