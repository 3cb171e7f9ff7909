#include "common/status/status_routes.h"

#include "common/json/json.h"
#include "common/net/host_guard.h"
#include "common/status/build_info.h"
#include "common/status/process_metrics.h"

namespace longshore::status {
namespace {

net::Response text_response(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.headers.set("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

net::Response json_response(int status, std::string body) {
  net::Response response = text_response(status, std::move(body));
  response.headers.set("Content-Type", "application/json");
  return response;
}

net::Response error_response(int status, const std::string& text) {
  json::Value body;
  body["error"] = text;
  return json_response(status, json::dump(body) + "\n");
}

net::Response index(const StatusContext& context) {
  const BuildInfo build = build_info();
  return text_response(200, "longshore " + context.component + " " + std::string(build.version) + " (" +
                                std::string(build.commit) +
                                ")\n\n"
                                "/healthz    200 while the process runs\n"
                                "/readyz     200 when the first full sync is done and not stale, else 503 and why\n"
                                "/metrics    Prometheus\n"
                                "/v1/status  JSON\n");
}

net::Response readiness(const Source& source) {
  const Readiness state = source.readiness();
  return text_response(state.ready ? 200 : 503, (state.ready ? "ready" : "not ready") +
                                                    (state.why.empty() ? std::string() : ": " + state.why) + "\n");
}

net::Response metrics(const StatusContext& context, const Source& source) {
  MetricSet set = source.metrics();
  const BuildInfo build = build_info();
  Sample info;
  info.labels = {
      {"component", context.component}, {"version", std::string(build.version)}, {"commit", std::string(build.commit)}};
  info.value = 1;
  set.push_back({"longshore_build_info", "Version and commit of this process.", MetricKind::gauge, {info}});
  for (Metric& metric : process_metrics()) set.push_back(std::move(metric));
  net::Response response = text_response(200, to_prometheus(set));
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  return response;
}

}  // namespace

net::Response answer_status(const net::Request& request, const StatusContext& context, const Source& source) {
  if (context.on_loopback && !net::host_is_local(request.headers.get("Host").value_or(""), context.host))
    return error_response(403, "this address answers only requests for localhost");
  if (request.method != "GET" && request.method != "HEAD") {
    net::Response response = error_response(405, "only GET and HEAD are answered here");
    response.headers.set("Allow", "GET, HEAD");
    return response;
  }
  const std::string path = request.target.substr(0, request.target.find('?'));
  if (path == "/") return index(context);
  if (path == "/healthz") return text_response(200, "ok\n");
  if (path == "/readyz") return readiness(source);
  if (path == "/metrics") return metrics(context, source);
  if (path == "/v1/status") return json_response(200, source.status_json() + "\n");
  if (const Result<net::Target> target = net::parse_target(request.target); target && source.page)
    if (std::optional<std::string> body = source.page(*target)) return json_response(200, *body + "\n");
  return error_response(404, "no such page: " + path);
}

}  // namespace longshore::status
