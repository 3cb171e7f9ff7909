#include "common/main/docker_call.h"

#include <boost/asio/this_coro.hpp>

#include "common/base/text.h"
#include "common/json/fields.h"

namespace longshore::app {
std::string message_of(const std::string& body) {
  const Result<json::Value> value = json::parse(body, "Docker's answer");
  if (value && value->is_object())
    if (const auto text = json::Fields(*value, "").text("message"); text && !text->empty()) return *text;
  return std::string(base::trim(body.substr(0, 200)));
}

async::Awaitable<Status> docker_post(docker::ClientSettings engine, std::string target, base::Duration limit) {
  const async::Executor executor = co_await boost::asio::this_coro::executor;
  net::HttpClient client(executor, engine.endpoint, engine.tls);
  net::Request request;
  request.method = "POST";
  request.target = std::move(target);
  net::PhaseTimeouts limits = engine.limits;
  limits.first_byte = limit;
  auto answer = co_await client.round_trip(std::move(request), limits);
  if (!answer) co_return fail(answer.error().with("Docker"));
  if (answer->status < 300 || answer->status == 304) co_return Status();
  const std::string text = "Docker: " + message_of(answer->body);
  Errc code = Errc::rejected;
  if (answer->status == 404) code = Errc::not_found;
  if (answer->status >= 500) code = Errc::server_error;
  co_return fail(code, text);
}

}  // namespace longshore::app
