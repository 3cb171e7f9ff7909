#include "common/proxy/relay.h"

#include <array>

#include "common/async/gate.h"
#include "common/async/slots.h"
#include "common/proxy/relay_machine.h"

namespace longshore::proxy {
namespace {

constexpr std::size_t kReadSize = 32 * 1024;

// What the tasks of one connection share; each of them keeps it alive.
struct Connection {
  Connection(std::unique_ptr<net::Stream> stream, const RelaySettings& how, Gatekeeper& gate, async::TaskGroup& group)
      : client(std::move(stream)), settings(how), gatekeeper(gate), tasks(group), to_server(group.executor(), 1) {}

  void close() {
    closed = true;
    client->close();
    if (server) server->close();
    if (hold_task != 0) tasks.cancel(hold_task);
    if (room) room->open();
  }

  RelayMachine machine;
  std::unique_ptr<net::Stream> client;
  std::shared_ptr<net::Stream> server;  // null before the first request, and after the engine hung up
  const RelaySettings& settings;
  Gatekeeper& gatekeeper;
  async::TaskGroup& tasks;
  async::Slots to_server;  // one writer at a time, in the order in which the machine gave the bytes
  async::TaskGroup::TaskId hold_task = 0;
  Gatekeeper::Ticket ticket = 0;
  std::unique_ptr<async::Gate> room;  // the client is read again when it opens
  bool closed = false;
};
using Shared = std::shared_ptr<Connection>;

Gatekeeper::Ticket next_ticket(const Connection& connection) {
  // Unique among the connections that are open, and among the calls of one.
  static_assert(sizeof(Gatekeeper::Ticket) >= sizeof(void*));
  return reinterpret_cast<Gatekeeper::Ticket>(&connection);
}

async::Awaitable<void> carry_out(Shared connection, RelayMachine::Orders orders);

async::Awaitable<void> read_server(Shared connection, std::shared_ptr<net::Stream> server) {
  std::vector<char> bytes(kReadSize);
  for (;;) {
    const std::span<char> into(bytes);
    Result<std::size_t> count = co_await server->read_some(into);
    // Another one has taken its place: what this one says belongs to nothing.
    if (connection->closed || connection->server != server) co_return;
    const bool ended = !count || *count == 0;
    RelayMachine::Orders orders;
    if (ended)
      orders = connection->machine.server_end();
    else
      orders = connection->machine.server_bytes(std::string_view(bytes.data(), *count));
    if (ended) connection->server.reset();
    co_await carry_out(connection, std::move(orders));
    if (connection->room && connection->machine.reads_client()) connection->room->open();
    if (ended || connection->closed) co_return;
  }
}

// A connection to the engine that can take a request; the old one may have been closed while the client was idle.
async::Awaitable<Status> have_server(Shared connection) {
  if (connection->server) co_return Status();
  net::PhaseTimeouts limits;
  limits.connect = limits.tls = connection->settings.connect_limit;
  const net::TlsSettings no_tls;
  net::Endpoint engine = connection->settings.engine;
  auto made = co_await net::connect_stream(engine, nullptr, no_tls, limits, false);
  if (!made) co_return fail(std::move(made.error()));
  connection->server = std::move(*made);
  if (connection->closed) {
    connection->server->close();
    co_return fail(Errc::cancelled, "closed");
  }
  connection->tasks.spawn("engine to client", read_server(connection, connection->server));
  co_return Status();
}

async::Awaitable<void> hold(Shared connection, EndingCall call) {
  const std::string refusal = co_await connection->gatekeeper.before(connection->ticket, std::move(call));
  connection->hold_task = 0;
  if (connection->closed) co_return;
  RelayMachine::Orders orders;
  if (refusal.empty())
    orders = connection->machine.held();
  else
    orders = connection->machine.refused(refusal);
  co_await carry_out(connection, std::move(orders));
}

async::Awaitable<void> carry_out(Shared connection, RelayMachine::Orders orders) {
  Status written;
  if (!orders.to_server.empty()) {
    // Nothing may come before this: it is what keeps the order.
    const async::Slots::Slot turn = co_await connection->to_server.acquire();
    written = co_await have_server(connection);
    const std::shared_ptr<net::Stream> server = connection->server;
    if (written) written = co_await server->write_all(orders.to_server);
    if (!written && !connection->closed) {
      RelayMachine::Orders lost = connection->machine.server_end();
      orders.to_client += lost.to_client;
      orders.answered = orders.answered || lost.answered;
      orders.close = true;
    }
  }
  if (!orders.to_client.empty()) {
    written = co_await connection->client->write_all(orders.to_client);
    if (!written) orders.close = true;
  }
  if (orders.answered && connection->ticket != 0) connection->gatekeeper.after(std::exchange(connection->ticket, 0));
  if (orders.hold) {
    connection->ticket = next_ticket(*connection);
    connection->hold_task = connection->tasks.spawn("hold", hold(connection, std::move(*orders.hold)));
  }
  if (orders.finish_server && connection->server) connection->server->finish();
  if (orders.close) connection->close();
}

}  // namespace

async::Awaitable<void> relay(std::unique_ptr<net::Stream> client, const RelaySettings& settings, Gatekeeper& gatekeeper,
                             async::TaskGroup& tasks) {
  auto connection = std::make_shared<Connection>(std::move(client), settings, gatekeeper, tasks);
  std::vector<char> bytes(kReadSize);
  while (!connection->closed) {
    const std::span<char> into(bytes);
    Result<std::size_t> count = co_await connection->client->read_some(into);
    if (connection->closed) break;
    const bool ended = !count || *count == 0;
    RelayMachine::Orders orders;
    if (ended)
      orders = connection->machine.client_end();
    else
      orders = connection->machine.client_bytes(std::string_view(bytes.data(), *count));
    co_await carry_out(connection, std::move(orders));
    if (ended) break;
    if (!connection->machine.reads_client() && !connection->closed) {
      connection->room = std::make_unique<async::Gate>(tasks.executor());
      co_await connection->room->wait();
      connection->room.reset();
    }
  }
  // A tunnel whose client has finished goes on until the engine ends; read_server closes it then.
}

}  // namespace longshore::proxy
