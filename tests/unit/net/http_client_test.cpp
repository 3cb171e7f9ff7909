// Our client against cpp-httplib's server, which shares no code with it.
#include "common/net/http_client.h"

#include <httplib.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "tests/support/run_coroutine.h"

namespace longshore::net {
namespace {
using async::Awaitable;

class PeerServer {
 public:
  PeerServer() {
    server_.Get("/hello",
                [](const httplib::Request&, httplib::Response& out) { out.set_content("hello", "text/plain"); });
    server_.Get("/base/x",
                [](const httplib::Request&, httplib::Response& out) { out.set_content("based", "text/plain"); });
    server_.Put("/echo", [](const httplib::Request& in, httplib::Response& out) { out.set_content(in.body, "x/y"); });
    server_.Get("/slow", [this](const httplib::Request&, httplib::Response& out) {
      for (int i = 0; i < 2000 && !released_; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      out.set_content("late", "text/plain");
    });
    server_.Get("/chunks", [](const httplib::Request&, httplib::Response& out) {
      out.set_chunked_content_provider("text/plain", [](std::size_t, httplib::DataSink& sink) {
        for (const std::string& piece : {std::string("one\n"), std::string("two\n")})
          sink.write(piece.data(), piece.size());
        sink.done();
        return true;
      });
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~PeerServer() {
    released_ = true;
    server_.stop();
    thread_.join();
  }
  Endpoint endpoint() const {
    Endpoint out;
    out.host = "127.0.0.1";
    out.port = static_cast<std::uint16_t>(port_);
    return out;
  }

 private:
  httplib::Server server_;
  std::atomic<bool> released_ = false;
  int port_ = 0;
  std::thread thread_;
};

Request get(std::string target) {
  Request request;
  request.target = std::move(target);
  return request;
}

TEST_CASE("round trips reuse one connection") {
  PeerServer peer;
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  HttpClient client(context.get_executor(), peer.endpoint());
  const auto body = [&]() -> Awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      auto response = co_await client.round_trip(get("/hello"));
      REQUIRE(response.has_value());
      CHECK(response->status == 200);
      CHECK(response->body == "hello");
    }
    CHECK(client.connections_opened() == 1);
    Request put = get("/echo");
    put.method = "PUT";
    put.body = std::string(100000, 'x');
    auto echoed = co_await client.round_trip(put);
    REQUIRE(echoed.has_value());
    CHECK(echoed->body == put.body);
    Request head = get("/hello");
    head.method = "HEAD";
    auto headed = co_await client.round_trip(head);
    REQUIRE(headed.has_value());
    CHECK(headed->body.empty());
    auto missing = co_await client.round_trip(get("/nothing"));
    REQUIRE(missing.has_value());
    CHECK(missing->status == 404);
  };
  CHECK(test::run_coroutine(context, tasks, body()));
}

TEST_CASE("a base path goes in front") {
  PeerServer peer;
  Endpoint endpoint = peer.endpoint();
  endpoint.base_path = "/base";
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  HttpClient client(context.get_executor(), endpoint);
  const auto body = [&]() -> Awaitable<void> {
    auto response = co_await client.round_trip(get("/x"));
    REQUIRE(response.has_value());
    CHECK(response->body == "based");
  };
  CHECK(test::run_coroutine(context, tasks, body()));
}

TEST_CASE("a slow answer is a timeout, a cancelled task is not") {
  PeerServer peer;
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  HttpClient client(context.get_executor(), peer.endpoint());
  std::optional<Errc> cancelled_with;
  const auto waiting = [&]() -> Awaitable<void> {
    auto response = co_await client.round_trip(get("/slow"));
    if (!response) cancelled_with = response.error().code;
  };
  const auto body = [&]() -> Awaitable<void> {
    PhaseTimeouts limits;
    limits.first_byte = std::chrono::milliseconds(30);
    auto response = co_await client.round_trip(get("/slow"), limits);
    REQUIRE_FALSE(response.has_value());
    CHECK(response.error().code == Errc::timeout);
    CHECK(response.error().text.find("took longer than 30ms") != std::string::npos);
    const auto id = tasks.spawn("waiting", waiting());
    while (client.connections_opened() < 2) co_await async::sleep_for(std::chrono::milliseconds(1));
    tasks.cancel(id);
    while (tasks.size() != 0) co_await async::sleep_for(std::chrono::milliseconds(1));
    CHECK(client.connections() == 0);
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  // Either the error is seen as cancelled, or the coroutine left by the exception before.
  CHECK(cancelled_with.value_or(Errc::cancelled) == Errc::cancelled);
}

TEST_CASE("nobody listening is unreachable, and says where") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  Endpoint tcp;
  tcp.host = "127.0.0.1";
  {
    PeerServer gone;
    tcp.port = gone.endpoint().port;
  }
  Endpoint unix_endpoint;
  unix_endpoint.kind = Endpoint::Kind::unix_socket;
  unix_endpoint.path = "/nonexistent/socket";
  const auto body = [&]() -> Awaitable<void> {
    HttpClient client(context.get_executor(), tcp);
    auto response = co_await client.round_trip(get("/"));
    REQUIRE_FALSE(response.has_value());
    CHECK(response.error().code == Errc::unreachable);
    CHECK(response.error().text.find("127.0.0.1:") != std::string::npos);
    HttpClient other(context.get_executor(), unix_endpoint);
    auto refused = co_await other.round_trip(get("/"));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().text.find("/nonexistent/socket") != std::string::npos);
  };
  CHECK(test::run_coroutine(context, tasks, body()));
}

TEST_CASE("a stream delivers the body in pieces and then its end") {
  PeerServer peer;
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  HttpClient client(context.get_executor(), peer.endpoint());
  const auto body = [&]() -> Awaitable<void> {
    auto stream = co_await client.open(get("/chunks"));
    REQUIRE(stream.has_value());
    CHECK((*stream)->head().status == 200);
    std::string all;
    for (;;) {
      auto piece = co_await (*stream)->read(std::chrono::seconds(5));
      REQUIRE(piece.has_value());
      if (piece->empty()) break;
      all += *piece;
    }
    CHECK(all == "one\ntwo\n");
  };
  CHECK(test::run_coroutine(context, tasks, body()));
}

}  // namespace
}  // namespace longshore::net
