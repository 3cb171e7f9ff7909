#include "renderer/io/docker_signal.h"

#include <boost/asio/this_coro.hpp>

#include "common/base/text.h"
#include "common/net/http_client.h"

namespace longshore::render {

async::Awaitable<Status> signal_container(std::string host, std::string container, int signal_number) {
  if (host.empty()) host = "unix:///var/run/docker.sock";
  const auto endpoint = net::parse_url(host, 2375);
  if (!endpoint) co_return fail(endpoint.error());
  const async::Executor executor = co_await boost::asio::this_coro::executor;
  net::HttpClient client(executor, *endpoint);
  net::Request request;
  request.method = "POST";
  request.target = "/containers/" + net::percent_encode(container) + "/kill?signal=" + std::to_string(signal_number);
  auto answer = co_await client.round_trip(std::move(request));
  if (!answer) co_return fail(answer.error().with("container " + container));
  if (answer->status < 300) co_return Status();
  const std::string text = "container " + container + ": " + std::string(base::trim(answer->body.substr(0, 200)));
  // 409: it does not run.
  if (answer->status == 404 || answer->status == 409) co_return fail(Errc::not_found, text);
  const Errc code = answer->status >= 500 ? Errc::server_error : Errc::rejected;
  co_return fail(code, text);
}

}  // namespace longshore::render
