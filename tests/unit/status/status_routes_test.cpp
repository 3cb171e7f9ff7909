#include "common/status/status_routes.h"

#include <doctest/doctest.h>

#include "common/json/json.h"
#include "common/net/host_guard.h"

namespace longshore::status {
namespace {

struct Asked {
  int readiness = 0;
  int metrics = 0;
  int status = 0;
};

Source source_of(Asked& asked, bool ready) {
  Source source;
  source.readiness = [&asked, ready] {
    ++asked.readiness;
    return Readiness{ready, ready ? "synced 3 s ago" : "docker unreachable"};
  };
  source.metrics = [&asked] {
    ++asked.metrics;
    return MetricSet{{"longshore_agent_containers", "Containers.", MetricKind::gauge, {Sample{{}, 2}}}};
  };
  source.status_json = [&asked] {
    ++asked.status;
    return std::string(R"({"services":[]})");
  };
  return source;
}

net::Request request_of(std::string target, std::string method = "GET", std::string host = "127.0.0.1:8511") {
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  if (!host.empty()) request.headers.set("Host", std::move(host));
  return request;
}

const StatusContext kContext{"agent", true, "127.0.0.1"};

TEST_CASE("pages") {
  Asked asked;
  const Source ready = source_of(asked, true);
  const Source unready = source_of(asked, false);
  CHECK(answer_status(request_of("/healthz"), kContext, unready).status == 200);
  CHECK(asked.readiness == 0);
  const net::Response yes = answer_status(request_of("/readyz"), kContext, ready);
  CHECK(yes.status == 200);
  CHECK(yes.body == "ready: synced 3 s ago\n");
  const net::Response no = answer_status(request_of("/readyz?verbose"), kContext, unready);
  CHECK(no.status == 503);
  CHECK(no.body == "not ready: docker unreachable\n");
  const net::Response status = answer_status(request_of("/v1/status", "HEAD"), kContext, ready);
  CHECK(status.status == 200);
  CHECK(status.headers.get("content-type") == "application/json");
  CHECK(status.body == "{\"services\":[]}\n");
  const net::Response index = answer_status(request_of("/"), kContext, ready);
  CHECK(index.status == 200);
  CHECK(index.body.find("/metrics") != std::string::npos);
  CHECK(asked.metrics == 0);
}

TEST_CASE("metrics add build and process") {
  Asked asked;
  const net::Response response = answer_status(request_of("/metrics"), kContext, source_of(asked, true));
  CHECK(response.status == 200);
  CHECK(response.headers.get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  for (const char* part : {"\nlongshore_agent_containers 2\n", "\nlongshore_build_info{component=\"agent\",version=\"",
                           "\n# TYPE process_cpu_seconds_total counter\n", "\nprocess_resident_memory_bytes "})
    CHECK(("\n" + response.body).find(part) != std::string::npos);
}

TEST_CASE("what is refused says so as JSON") {
  Asked asked;
  const Source source = source_of(asked, true);
  const auto refusal = [&](const net::Request& request, int status) {
    const net::Response response = answer_status(request, kContext, source);
    CHECK(response.status == status);
    const Result<json::Value> body = json::parse(response.body, "body");
    REQUIRE(body.has_value());
    CHECK((*body)["error"].is_string());
    return response;
  };
  refusal(request_of("/nothing"), 404);
  refusal(request_of("/v1/status/"), 404);
  CHECK(refusal(request_of("/healthz", "POST"), 405).headers.get("Allow") == "GET, HEAD");
  refusal(request_of("/", "DELETE"), 405);
  refusal(request_of("/healthz", "GET", "evil.example:8511"), 403);
  refusal(request_of("/healthz", "GET", "127.0.0.1.evil.example"), 403);
  CHECK(asked.status + asked.metrics + asked.readiness == 0);
}

TEST_CASE("an address that is open to others answers any Host") {
  Asked asked;
  StatusContext context = kContext;
  context.on_loopback = false;
  CHECK(answer_status(request_of("/healthz", "GET", "host-1.lan:8511"), context, source_of(asked, true)).status == 200);
}

TEST_CASE("which hosts are local") {
  for (const char* host : {"", "localhost", "localhost:8511", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8511",
                           "127.8.9.10:1", "[::1]:8511", "app.localhost:80", "localhost.", "10.1.2.3:8511"}) {
    CAPTURE(host);
    CHECK(net::host_is_local(host, "10.1.2.3"));
  }
  for (const char* host : {"example.com", "127.0.0.1.example.com", "10.1.2.4:8511", "0.0.0.0:8511", "[::2]:1",
                           "localhost.example", "127.0.0.256", "127.0.0", "127.0.0.1:99999", "xlocalhost"}) {
    CAPTURE(host);
    CHECK_FALSE(net::host_is_local(host, "10.1.2.3"));
  }
}

TEST_CASE("which origins are ours") {
  net::Request request = request_of("/v1/kv/x", "PUT", "127.0.0.1:8500");
  CHECK(net::same_origin(request));
  const std::pair<const char*, bool> cases[] = {{"http://127.0.0.1:8500", true},
                                                {"HTTP://127.0.0.1:8500", true},
                                                {"http://127.0.0.1:8501", false},
                                                {"https://evil.example", false},
                                                {"null", false},
                                                {"", false}};
  for (const auto& [origin, ours] : cases) {
    request.headers.set("Origin", origin);
    CHECK(net::same_origin(request) == ours);
  }
}

}  // namespace
}  // namespace longshore::status
