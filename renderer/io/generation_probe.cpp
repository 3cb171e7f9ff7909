#include "renderer/io/generation_probe.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "common/async/deadline.h"
#include "common/base/text.h"
#include "common/net/http_client.h"

namespace longshore::render {
namespace {

net::PhaseTimeouts short_limits() {
  net::PhaseTimeouts limits;
  limits.connect = limits.tls = limits.send = limits.first_byte = limits.body_idle = std::chrono::milliseconds(500);
  return limits;
}

net::ClientOptions fresh_connections() {
  net::ClientOptions options;
  options.max_idle = 0;
  options.body_limit = 4096;
  return options;
}

}  // namespace

async::Awaitable<Status> await_only_generation(std::string address, std::string token, int in_a_row,
                                               base::Duration limit) {
  const auto endpoint = net::parse_host_port(address);
  if (!endpoint) co_return fail(endpoint.error());
  const async::Executor executor = co_await boost::asio::this_coro::executor;
  net::HttpClient client(executor, *endpoint, net::TlsSettings(), fresh_connections());
  const base::TimePoint started = async::now();
  std::string seen = "nothing";
  int good = 0;
  for (;;) {
    net::Request request;
    request.headers.set("Connection", "close");
    const net::PhaseTimeouts limits = short_limits();
    auto answer = co_await client.round_trip(std::move(request), limits);
    const bool same = answer && answer->body.find(token) != std::string::npos;
    good = same ? good + 1 : 0;
    if (good >= in_a_row) co_return Status();
    if (!same && answer) seen = "\"" + std::string(base::trim(answer->body.substr(0, 80))) + "\"";
    if (!same && !answer) seen = answer.error().text;
    const base::Duration passed = async::now() - started;
    if (passed >= limit)
      co_return fail(Errc::timeout, "no new worker answers at " + address + " within " + base::format_duration(limit) +
                                        ", seen: " + seen);
    const base::Duration pause =
        std::clamp<base::Duration>(passed / 8, std::chrono::milliseconds(1), std::chrono::milliseconds(20));
    co_await async::sleep_for(pause);
  }
}

async::Awaitable<Status> await_generation(std::string address, std::string token, base::Duration limit) {
  return await_only_generation(std::move(address), std::move(token), 1, limit);
}

}  // namespace longshore::render
