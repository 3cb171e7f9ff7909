#include "common/main/http_fetch.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <thread>

namespace longshore::app {
namespace {

net::Endpoint local(int port) {
  net::Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = static_cast<std::uint16_t>(port);
  return endpoint;
}

TEST_CASE("answers of any status, and none") {
  httplib::Server server;
  server.Get("/readyz", [](const httplib::Request& request, httplib::Response& response) {
    response.status = 503;
    response.set_content("not ready for " + request.get_header_value("Host"), "text/plain");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread loop([&server] { server.listen_after_bind(); });
  const Result<Fetched> answer = http_get(local(port), "/readyz", std::chrono::seconds(5));
  server.stop();
  loop.join();
  REQUIRE(answer.has_value());
  CHECK(answer->status == 503);
  CHECK(answer->body == "not ready for 127.0.0.1:" + std::to_string(port));

  const Result<Fetched> gone = http_get(local(port), "/readyz", std::chrono::seconds(5));
  REQUIRE_FALSE(gone.has_value());
  CHECK(gone.error().code == Errc::unreachable);
  CHECK(gone.error().text.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
}

TEST_CASE("a unix socket") {
  const std::string path = "/tmp/longshore-http-fetch-" + std::to_string(::getpid());
  httplib::Server server;
  server.set_address_family(AF_UNIX);
  server.Get("/healthz", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(request.get_header_value("Host"), "text/plain");
  });
  REQUIRE(server.bind_to_port(path.c_str(), 80));
  std::thread loop([&server] { server.listen_after_bind(); });
  net::Endpoint endpoint;
  endpoint.kind = net::Endpoint::Kind::unix_socket;
  endpoint.path = path;
  const Result<Fetched> answer = http_get(endpoint, "/healthz", std::chrono::seconds(5));
  server.stop();
  loop.join();
  ::unlink(path.c_str());
  REQUIRE(answer.has_value());
  CHECK(answer->body == "localhost");
}

}  // namespace
}  // namespace longshore::app
