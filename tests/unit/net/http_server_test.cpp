// Our server against cpp-httplib's client and raw bytes.
#include "common/net/http_server.h"

#include <httplib.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

#include "common/net/http_client.h"
#include "common/net/socket.h"
#include "common/net/stream.h"
#include "tests/support/run_coroutine.h"

namespace longshore::net {
namespace {
using async::Awaitable;

struct Parked {
  int waiting = 0;
  int left = 0;
};

Awaitable<Response> handle(Parked& parked, Request request, Peer peer) {
  Response response;
  if (request.target == "/park") {
    ++parked.waiting;
    try {
      co_await async::sleep_for(std::chrono::hours(1));
    } catch (...) {
      ++parked.left;
      throw;
    }
  }
  response.body = request.method + " " + request.target + " " + request.body + " " + peer.address;
  co_return response;
}

// Runs `talk` on a thread of its own while the server's loop runs here.
void with_server(ServerOptions options, Parked& parked, const std::function<void(const Endpoint&)>& talk) {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  HttpServer server(
      context.get_executor(),
      [&](Request request, Peer peer) { return handle(parked, std::move(request), std::move(peer)); }, options);
  Endpoint any;
  any.host = "127.0.0.1";
  REQUIRE(server.listen(any, tasks).has_value());
  std::atomic<bool> finished = false;
  std::thread client([&] {
    talk(server.local());
    finished = true;
  });
  const auto body = [&]() -> Awaitable<void> {
    while (!finished) co_await async::sleep_for(std::chrono::milliseconds(1));
    server.stop();
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  client.join();
}

// Sends `bytes`; with `after`, waits for a first answer and sends that too. Everything the server said.
std::string raw_exchange(const Endpoint& endpoint, const std::string& bytes, const std::string& after = {}) {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  std::string answer;
  const auto body = [&]() -> Awaitable<void> {
    auto stream = co_await connect_stream(endpoint, nullptr, TlsSettings(), PhaseTimeouts(), false);
    REQUIRE(stream.has_value());
    const Status sent = co_await (*stream)->write_all(bytes);
    std::string chunk(4096, '\0');
    for (;;) {
      auto count = co_await (*stream)->read_some(chunk);
      if (!count || *count == 0) break;
      if (answer.empty() && !after.empty()) {
        const Status more = co_await (*stream)->write_all(after);
      }
      answer.append(chunk, 0, *count);
    }
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  return answer;
}

TEST_CASE("requests on one connection, HEAD and bodies") {
  Parked parked;
  with_server({}, parked, [](const Endpoint& endpoint) {
    httplib::Client client("127.0.0.1", endpoint.port);
    client.set_keep_alive(true);
    const auto got = client.Get("/a?b=c");
    REQUIRE(got);
    CHECK(got->body == "GET /a?b=c  127.0.0.1");
    const auto put = client.Put("/p", std::string(70000, 'z'), "text/plain");
    REQUIRE(put);
    CHECK(put->body.size() == 70000 + std::string("PUT /p  127.0.0.1").size());
    const auto head = client.Head("/h");
    REQUIRE(head);
    CHECK(head->body.empty());
    CHECK(head->get_header_value("Content-Length") == std::to_string(std::string("HEAD /h  127.0.0.1").size()));
  });
}

TEST_CASE("bad requests are refused with their reason") {
  struct Row {
    std::string bytes;
    const char* status;
  };
  ServerOptions options;
  options.header_limit = 1024;
  options.body_limit = 10;
  const Row rows[] = {
      {"NONSENSE\r\n\r\n", "HTTP/1.1 400"},
      {"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 400"},
      {"GET /" + std::string(2000, 'a') + " HTTP/1.1\r\n\r\n", "HTTP/1.1 431"},
      {"PUT / HTTP/1.1\r\nContent-Length: 11\r\n\r\n01234567890", "HTTP/1.1 413"},
      {"GET /x HTTP/1.1\r\n\r\nGET /y HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200"},
  };
  Parked parked;
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    std::string answer;
    with_server(options, parked, [&](const Endpoint& endpoint) { answer = raw_exchange(endpoint, row.bytes); });
    CHECK(answer.starts_with(row.status));
    if (row.bytes.starts_with("GET /x")) CHECK(answer.find("GET /y") != std::string::npos);
  }
}

TEST_CASE("a client that asks before it sends its body is told to go on") {
  Parked parked;
  std::string answer;
  with_server({}, parked, [&](const Endpoint& endpoint) {
    answer = raw_exchange(
        endpoint, "PUT / HTTP/1.1\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", "ab");
  });
  CHECK(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  CHECK(answer.ends_with("PUT / ab 127.0.0.1"));
}

TEST_CASE("a parked request ends when its client goes away") {
  Parked parked;
  with_server({}, parked, [&](const Endpoint& endpoint) {
    httplib::Client client("127.0.0.1", endpoint.port);
    client.set_read_timeout(0, 50000);
    CHECK_FALSE(client.Get("/park"));
    client.stop();
    for (int i = 0; i < 5000 && parked.left == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  CHECK(parked.waiting == 1);
  CHECK(parked.left == 1);
}

TEST_CASE("an address in use names itself") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  Parked parked;
  const Handler handler = [&](Request request, Peer peer) {
    return handle(parked, std::move(request), std::move(peer));
  };
  const auto body = [&]() -> Awaitable<void> {
    HttpServer first(context.get_executor(), handler);
    HttpServer second(context.get_executor(), handler);
    Endpoint any;
    any.host = "127.0.0.1";
    REQUIRE(first.listen(any, tasks).has_value());
    const Status refused = second.listen(first.local(), tasks);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().text.find(to_string(first.local())) != std::string::npos);
    first.stop();
    co_await boost::asio::post(boost::asio::use_awaitable);
  };
  CHECK(test::run_coroutine(context, tasks, body()));
}

}  // namespace
}  // namespace longshore::net
