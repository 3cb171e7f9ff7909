#include "renderer/io/probe.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>

#include "common/async/deadline.h"
#include "renderer/io/as_tuple.h"

namespace longshore::render {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

}  // namespace

async::Awaitable<ProbeResult> TcpProber::probe(ProbeTarget target) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  tcp::socket socket(executor);
  async::Deadline deadline(executor, limit_, [&] {
    resolver.cancel();
    boost::system::error_code ignored;
    socket.close(ignored);
  });
  std::vector<tcp::endpoint> places;
  boost::system::error_code not_numeric;
  const auto address = asio::ip::make_address(target.address, not_numeric);
  if (!not_numeric) {
    places.emplace_back(address, target.port);
  } else {
    const std::string port = std::to_string(target.port);
    auto [error, found] = co_await resolver.async_resolve(target.address, port, kTuple);
    if (error) co_return ProbeResult::silent;
    for (const auto& place : found) places.push_back(place.endpoint());
  }
  bool refused = false;
  for (const tcp::endpoint& place : places) {
    if (deadline.expired()) break;
    boost::system::error_code ignored;
    socket.close(ignored);
    auto [error] = co_await socket.async_connect(place, kTuple);
    if (!error) co_return ProbeResult::open;
    refused = error == asio::error::connection_refused;
  }
  co_return refused && !deadline.expired() ? ProbeResult::refused : ProbeResult::silent;
}

}  // namespace longshore::render
