// Over a real socket, asked by an implementation that is not ours.
#include "common/status/status_server.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

namespace longshore::status {
namespace {

Source ready_source() {
  Source source;
  source.readiness = [] { return Readiness{true, ""}; };
  source.metrics = [] { return MetricSet{}; };
  source.status_json = [] { return std::string("{}"); };
  return source;
}

net::Endpoint any_port() {
  net::Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  return endpoint;
}

TEST_CASE("pages are served until stopped") {
  boost::asio::io_context io;
  async::TaskGroup tasks(io.get_executor());
  StatusServer server(io.get_executor(), "agent", ready_source());
  REQUIRE(server.listen(any_port(), tasks).has_value());
  const int port = server.local().port;
  REQUIRE(port != 0);
  std::thread loop([&io] { io.run(); });

  httplib::Client client("127.0.0.1", port);
  const auto healthy = client.Get("/healthz");
  REQUIRE(static_cast<bool>(healthy));
  CHECK(healthy->status == 200);
  CHECK(healthy->body == "ok\n");
  const auto ready = client.Get("/readyz");
  REQUIRE(static_cast<bool>(ready));
  CHECK(ready->body == "ready\n");
  const auto head = client.Head("/metrics");
  REQUIRE(static_cast<bool>(head));
  CHECK(head->status == 200);
  CHECK(head->body.empty());
  const auto posted = client.Post("/v1/status", "x", "text/plain");
  REQUIRE(static_cast<bool>(posted));
  CHECK(posted->status == 405);
  const auto foreign = client.Get("/healthz", {{"Host", "evil.example"}});
  REQUIRE(static_cast<bool>(foreign));
  CHECK(foreign->status == 403);

  boost::asio::post(io, [&] {
    server.stop();
    tasks.cancel_all();
  });
  loop.join();
  CHECK(tasks.size() == 0);
}

TEST_CASE("a taken address is an error that names it") {
  boost::asio::io_context io;
  async::TaskGroup tasks(io.get_executor());
  StatusServer first(io.get_executor(), "agent", ready_source());
  REQUIRE(first.listen(any_port(), tasks).has_value());
  StatusServer second(io.get_executor(), "render", ready_source());
  const Status refused = second.listen(first.local(), tasks);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text.find(net::to_string(first.local())) != std::string::npos);
  first.stop();
  tasks.cancel_all();
  io.run();
}

}  // namespace
}  // namespace longshore::status
