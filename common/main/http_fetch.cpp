#include "common/main/http_fetch.h"

#include <boost/asio/io_context.hpp>
#include <optional>

#include "common/async/task_group.h"
#include "common/net/http_client.h"

namespace longshore::app {
namespace {

async::Awaitable<void> ask(net::HttpClient& client, std::string path, base::Duration limit,
                           std::optional<Result<net::Response>>& answer) {
  net::PhaseTimeouts limits;
  limits.connect = limits.tls = limits.send = limits.first_byte = limits.body_idle = limit;
  net::Request request;
  request.target = std::move(path);
  Result<net::Response> response = co_await client.round_trip(std::move(request), limits);
  answer = std::move(response);
}

}  // namespace

Result<Fetched> http_get(const net::Endpoint& endpoint, const std::string& path, base::Duration limit) {
  boost::asio::io_context context;
  net::Endpoint where = endpoint;
  if (where.host.empty()) where.host = "127.0.0.1";
  net::HttpClient client(context.get_executor(), where);
  std::optional<Result<net::Response>> answer;
  async::TaskGroup tasks(context.get_executor());
  tasks.spawn("fetch", ask(client, path, limit, answer));
  context.run();
  if (!answer) return fail(Errc::unreachable, net::to_string(where) + ": no answer");
  if (!*answer) return fail(answer->error());
  return Fetched{(*answer)->status, std::move((*answer)->body)};
}

}  // namespace longshore::app
