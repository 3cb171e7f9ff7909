#include "common/main/engine_calls.h"

#include "common/base/text.h"
#include "common/json/fields.h"
#include "common/main/docker_call.h"

namespace longshore::app {
namespace {

Errc code_of(int status) {
  if (status == 404) return Errc::not_found;
  return status >= 500 ? Errc::server_error : Errc::rejected;
}

// A pull that fails half-way has status 200 and an object with `error` among the lines of its progress.
std::string error_among(const std::string& lines) {
  for (const std::string& line : base::split(lines, '\n')) {
    const Result<json::Value> value = json::parse(line, "progress");
    if (!value || !value->is_object()) continue;
    if (const auto text = json::Fields(*value, "").text("error"); text && !text->empty()) return *text;
  }
  return {};
}

}  // namespace

EngineCalls::EngineCalls(const async::Executor& executor, std::vector<EngineAt> engines) {
  for (EngineAt& engine : engines) {
    names_.push_back(engine.name);
    Peer peer;
    peer.http = std::make_unique<net::HttpClient>(executor, engine.settings.endpoint, engine.settings.tls);
    peer.settings = std::move(engine.settings);
    peers_.emplace(engine.name, std::move(peer));
  }
}

async::Awaitable<Result<net::Response>> EngineCalls::send(std::string engine, net::Request request,
                                                          base::Duration limit) {
  const auto found = peers_.find(engine);
  const std::string where = engine.empty() ? "Docker" : "Docker on " + engine;
  if (found == peers_.end()) co_return fail(Errc::not_found, where + ": no such engine");
  const std::string& version = found->second.settings.api_version;
  if (!version.empty()) request.target = "/v" + version + request.target;
  net::PhaseTimeouts limits = found->second.settings.limits;
  limits.first_byte = limit;
  limits.body_idle = limit;
  auto answer = co_await found->second.http->round_trip(std::move(request), limits);
  if (!answer) co_return fail(answer.error().with(where));
  if (answer->status >= 300 && answer->status != 304)
    co_return fail(code_of(answer->status), where + ": " + message_of(answer->body));
  co_return std::move(*answer);
}

async::Awaitable<Result<json::Value>> EngineCalls::call(std::string engine, std::string method, std::string target,
                                                        std::string body, base::Duration limit) {
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  if (!body.empty()) request.headers.set("Content-Type", "application/json");
  request.body = std::move(body);
  auto answer = co_await send(std::move(engine), std::move(request), limit);
  if (!answer) co_return fail(std::move(answer.error()));
  if (base::trim(answer->body).empty()) co_return json::Value();
  co_return json::parse(answer->body, "Docker's answer");
}

async::Awaitable<Result<json::Value>> EngineCalls::get(std::string engine, std::string target) {
  const base::Duration limit = std::chrono::seconds(30);
  co_return co_await call(std::move(engine), "GET", std::move(target), "", limit);
}

async::Awaitable<Status> EngineCalls::pull(std::string engine, std::string name, std::string tag, std::string auth,
                                           base::Duration limit) {
  net::Request request;
  request.method = "POST";
  request.target = "/images/create?fromImage=" + net::percent_encode(name);
  if (!tag.empty()) request.target += "&tag=" + net::percent_encode(tag);
  if (!auth.empty()) request.headers.set("X-Registry-Auth", std::move(auth));
  auto answer = co_await send(std::move(engine), std::move(request), limit);
  if (!answer) co_return fail(std::move(answer.error()));
  if (const std::string error = error_among(answer->body); !error.empty()) co_return fail(Errc::rejected, error);
  co_return Status();
}

}  // namespace longshore::app
